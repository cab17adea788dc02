/**
 * `npm run simulate -- --seed 42 --providers 200 --units 5000 [--sweep [1000]]`
 *
 * One run of a whole grid in simulated time, or a thousand with the seeds from `--seed` on. A seed that
 * breaks a law is printed with the command that repeats it; then the exit code is 1.
 */

import { parseArgs } from 'node:util';
import { type RunOptions, type RunReport, simulate } from './run.ts';

/** What `--sweep` means when it stands alone. */
const SWEEP = '1000';

const values = given(process.argv.slice(2));

const first = natural('seed', values.seed, 0);
const providers = natural('providers', values.providers, 6);
const units = natural('units', values.units, 3);
const runs = natural('sweep', values.sweep, 1);

const sums: Record<string, number> = {};
let failures = 0;
for (let seed = first; seed < first + runs; seed += 1) {
  const report = await attempt({ seed, providers, units });
  if (!report) {
    failures += 1;
    continue;
  }
  if (values.json) console.log(JSON.stringify(report));
  else if (runs === 1) tell(report);
  else progress(seed - first + 1, report);
}
if (runs > 1 && !values.json) {
  console.log(`\n${runs - failures} of ${runs} seeds keep all laws`);
  for (const [fault, count] of Object.entries(sums)) console.log(`  ${fault}: ${count}`);
}
process.exitCode = failures > 0 ? 1 : 0;

function given(args: readonly string[]) {
  const whole = args.flatMap((arg, at) =>
    arg === '--sweep' && !/^\d/.test(args[at + 1] ?? '') ? [arg, SWEEP] : [arg],
  );
  try {
    return parseArgs({
      args: whole,
      options: {
        seed: { type: 'string', default: '42' },
        providers: { type: 'string', default: '20' },
        units: { type: 'string', default: '300' },
        sweep: { type: 'string', default: '1' },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (thrown) {
    console.error(thrown instanceof Error ? thrown.message : String(thrown));
    process.exit(2);
  }
}

async function attempt(options: RunOptions): Promise<RunReport | undefined> {
  try {
    return await simulate(options);
  } catch (thrown) {
    console.error(`\nseed ${options.seed} fails: ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
    console.error(`  repeat it: ${commandFor(options)}`);
    return undefined;
  }
}

function commandFor({ seed, providers, units }: RunOptions): string {
  return `npm run simulate -- --seed ${seed} --providers ${providers} --units ${units}`;
}

function tell(report: RunReport): void {
  console.log(`seed ${report.seed}: all laws kept, everything done`);
  console.log(
    `  providers ${report.providers}, units ${report.units}, ${seconds(report.simulatedMs)} simulated`,
  );
  console.log(`  units agreed ${report.agreed}, cancelled ${report.cancelled}`);
  console.log(`  replicas ${report.replicas}, lost ${report.lost}, disagreed ${report.disagreed}`);
  console.log(`  owners excluded ${report.excluded}, commits ${report.commits}`);
  for (const [fault, count] of Object.entries(report.faults)) console.log(`  ${fault} ${count}`);
  console.log(`  done ${seconds(report.recoveredMs)} after the last fault`);
  console.log(`  trace ${report.trace}`);
}

function progress(done: number, report: RunReport): void {
  for (const [fault, count] of Object.entries(report.faults)) sums[fault] = (sums[fault] ?? 0) + count;
  const width = 30;
  const bar = '#'.repeat(Math.round((done / runs) * width)).padEnd(width, '.');
  if (process.stdout.isTTY) process.stdout.write(`\r[${bar}] ${done}/${runs} seed ${report.seed}`);
  else if (done % 50 === 0) console.log(`[${bar}] ${done}/${runs}`);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function natural(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  console.error(`--${name} is a whole number from ${least} on, not ${text}`);
  process.exit(2);
}
