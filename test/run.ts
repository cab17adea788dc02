/**
 * `npm test`: type check, lint, then every test file in a plain process of its own, two at a time. One line a
 * file with its counts, every failure with its diagnosis, every skipped test with its reason, and at the end
 * `N passed, N failed, N skipped`.
 *
 * A test is one named block (`t.test`) of a file; the type check and the lint count as one each. A file that
 * crashes, overstays, tests nothing or leaves processes behind is a failure. `npm test -- test/actors`
 * narrows the run to files whose paths begin so.
 *
 * Not `tap run`: it injects a loader into every process that a test starts, and the walls of our sandboxes
 * (Node's permission model) rightly kill those.
 */

import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { runFile, stopAll } from './runner/test-file.ts';
import { type FileVerdict, verdictOn } from './runner/verdict.ts';

const root = join(import.meta.dirname, '..');

/** Two, as everything must also pass on two cores, and some suites wait more than they compute. */
const JOBS = 2;

/** The files that take longest begin first, so that both jobs end at about the same time. */
const FIRST = [
  'test/e2e/demo',
  'test/e2e/',
  'test/fabric/wasm/sandbox',
  'test/simulation/',
  'test/fabric/wasm/',
  'test/contracts/',
  'test/connectivity/blocks',
  'test/connectivity/processes',
  'test/grid/top/',
  'test/grid/',
  'test/application/toolchain/',
  'test/collective/broker',
];

const tally = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];

function say(mark: string, text: string): void {
  process.stdout.write(`${mark.padEnd(6)} ${text}\n`);
}

function gate(name: string, command: string, args: readonly string[]): void {
  const run = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  const diagnosis = run.error?.message ?? `${run.stdout}${run.stderr}`.slice(-8_000);
  const failed = run.status === 0 ? [] : [{ name, diagnosis }];
  count(name, { passed: 1 - failed.length, failed, skipped: [] });
}

function count(title: string, verdict: FileVerdict): void {
  tally.passed += verdict.passed;
  tally.failed += verdict.failed.length;
  tally.skipped += verdict.skipped.length;
  for (const { name, reason } of verdict.skipped) say('skip', `${title} › ${name}: ${reason}`);
  for (const { name, diagnosis } of verdict.failed) {
    failures.push(`${title} › ${name}\n${diagnosis.replace(/^(?=.)/gm, '    ')}`);
  }
  say(verdict.failed.length === 0 ? 'ok' : 'FAILED', title);
}

function testFiles(prefixes: readonly string[]): string[] {
  const rank = (file: string) => {
    const found = FIRST.findIndex((prefix) => file.startsWith(prefix));
    return found === -1 ? FIRST.length : found;
  };
  return globSync('test/**/*.test.ts', { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => prefixes.length === 0 || prefixes.some((prefix) => file.startsWith(prefix)))
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

async function work(files: string[]): Promise<void> {
  for (let file = files.shift(); file !== undefined; file = files.shift()) {
    const run = await runFile(root, file);
    const verdict = verdictOn(run);
    const seconds = (run.tookMs / 1_000).toFixed(1);
    const { passed, failed, skipped } = verdict;
    const counts = `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`;
    count(`${file} (${counts}, ${seconds} s)`, verdict);
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stopAll();
    process.exit(1);
  });
}

const prefixes = process.argv.slice(2).map((prefix) => prefix.replace(/^\.\//, ''));
const files = testFiles(prefixes);
if (prefixes.length === 0) {
  gate('type check', 'tsc', ['-p', '.']);
  gate('lint', 'biome', ['check', '--colors=off', 'bin', 'src', 'test', 'bench', 'plugins', 'contracts']);
} else if (files.length === 0) {
  const diagnosis = 'no test file has a path that begins so';
  count(prefixes.join(' '), { passed: 0, failed: [{ name: 'choice', diagnosis }], skipped: [] });
}
// Beside other suites the demonstration's sandboxes, at the lowest priority, would hardly get a processor.
await work(files.splice(0, files[0]?.startsWith('test/e2e/demo') ? 1 : 0));
await Promise.all(Array.from({ length: JOBS }, () => work(files)));
for (const failure of failures) process.stdout.write(`\nFAILED ${failure}\n`);
process.stdout.write(`\n${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped\n`);
process.exitCode = tally.failed === 0 ? 0 : 1;
