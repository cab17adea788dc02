/**
 * `npm run bench -- [--json] [name…]`: measures, one JSON object a line (`name`, `value`, `unit`, and for
 * comparisons `peer`, `ratio`). Without names everything runs, one suite after the other; a name may be a
 * prefix (`dispatch`). Figures are for this machine and this hour: quote ratios within one run.
 */

import type { BenchLine } from './line.ts';

interface Suite {
  readonly names: readonly string[];
  readonly load: () => Promise<{ run(wanted: (name: string) => boolean): Promise<readonly BenchLine[]> }>;
}

const suites: readonly Suite[] = [
  { names: ['kernel.tell', 'kernel.ask'], load: () => import('./kernel.ts') },
  {
    names: [
      'dispatch.q1.throughput',
      'dispatch.q2.throughput',
      'dispatch.q1.latency.p50',
      'dispatch.q1.latency.p99',
      'dispatch.q1.efficiency.10ms',
      'dispatch.q2.slowsync',
      'dispatch.bullmq',
    ],
    load: () => import('./dispatch.ts'),
  },
  { names: ['broker.memory.million'], load: () => import('./memory.ts') },
  { names: ['blocks.throughput'], load: () => import('./blocks.ts') },
  { names: ['gas.'], load: () => import('./gas.ts') },
  { names: ['daemon.start', 'cli.start'], load: () => import('./start.ts') },
];

const given = process.argv.slice(2);
const json = given.includes('--json');
const names = given.filter((argument) => !argument.startsWith('--'));
const wanted = (name: string): boolean =>
  names.length === 0 || names.some((prefix) => name.startsWith(prefix));

for (const suite of suites) {
  if (!suite.names.some((name) => wanted(name) || isPart(name))) continue;
  const { run } = await suite.load();
  for (const line of await run(wanted)) print(line);
}

/** A name that ends in a dot stands for all that begins so. */
function isPart(name: string): boolean {
  return name.endsWith('.') && names.some((prefix) => prefix.startsWith(name));
}

function print(line: BenchLine): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(line)}\n`);
    return;
  }
  const beside = line.peer === undefined ? '' : `   (${line.peer}: ×${line.ratio?.toPrecision(2) ?? '?'})`;
  process.stdout.write(`${line.name.padEnd(30)} ${format(line.value).padStart(14)} ${line.unit}${beside}\n`);
}

function format(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
