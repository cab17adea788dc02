/**
 * `npm test`: type check, lint, then every test file under tap. One line a file while it runs, every failure with
 * its diagnosis, every skipped test with its reason, and at the end `N passed, N failed, N skipped`.
 *
 * A test is one named block (`t.test`) of a file; the type check and the lint count as one each.
 * `npm test -- test/actors` narrows the run to paths that begin so.
 */

import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Parser, type Result } from 'tap-parser';

const tally = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];
const root = join(import.meta.dirname, '..');

/** Longest-running suites first, so that two jobs end at about the same time. */
const FIRST = ['test/e2e', 'test/simulation', 'test/conformance', 'test/fabric/wasm', 'test/grid'];

function gate(name: string, command: string, args: readonly string[]): void {
  const run = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (run.status === 0) tally.passed += 1;
  else fail(name, `${run.stdout}${run.stderr}`.slice(-8_000));
  say(run.status === 0 ? 'ok' : 'FAILED', name);
}

function fail(name: string, diagnosis: string): void {
  tally.failed += 1;
  failures.push(`${name}\n${diagnosis.replace(/^/gm, '    ')}`);
}

function say(mark: string, text: string): void {
  process.stdout.write(`${mark.padEnd(6)} ${text}\n`);
}

function testFiles(wanted: readonly string[]): string[] {
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => `test/${file}`)
    .filter((file) => wanted.length === 0 || wanted.some((prefix) => file.startsWith(prefix)));
  const rank = (file: string) => (FIRST.findIndex((prefix) => file.startsWith(prefix)) + 1 || FIRST.length + 1);
  return files.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

function watchFile(parser: Parser): void {
  const file = parser.name.replaceAll('\\', '/');
  const before = { ...tally };
  parser.on('assert', (result: Result) => judge(file, result));
  parser.on('complete', (results) => {
    const ran = tally.passed - before.passed;
    if (!results.ok && tally.failed === before.failed) fail(file, `the file ended badly: ${results.bailout || 'see above'}`);
    say(results.ok ? 'ok' : 'FAILED', `${file} (${ran})`);
  });
}

function judge(file: string, result: Result): void {
  const name = `${file} › ${result.name}`;
  if (result.skip || result.todo) {
    tally.skipped += 1;
    say('skip', `${name}: ${result.skip || result.todo}`);
  } else if (result.ok) tally.passed += 1;
  else fail(name, JSON.stringify(result.diag ?? {}, null, 2).slice(0, 4_000));
}

function runTap(files: readonly string[]): Promise<number> {
  const tap = spawn('tap', ['run', '--reporter=tap', '--allow-empty-coverage', ...files], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const parser = new Parser();
  const nested: string[] = [];
  parser.on('child', watchFile);
  parser.on('assert', (result) => {
    // A file that could not even be loaded has no blocks of its own.
    if (!result.ok && !nested.some((name) => name.startsWith(result.name))) nested.push(result.name);
  });
  tap.stdout.pipe(parser);
  return new Promise((resolve) => tap.on('close', (code) => resolve(code ?? 1)));
}

const wanted = process.argv.slice(2);
if (wanted.length === 0) {
  gate('type check', 'tsc', ['-p', '.']);
  gate('lint', 'biome', ['check', '--colors=off', 'src', 'test', 'bench', 'plugins']);
}
const files = testFiles(wanted);
const code = files.length === 0 ? 0 : await runTap(files);
if (code !== 0 && tally.failed === 0) fail('tap', `the test runner ended with ${code}`);
for (const failure of failures) process.stdout.write(`\nFAILED ${failure}\n`);
process.stdout.write(`\n${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped\n`);
process.exitCode = tally.failed === 0 ? 0 : 1;
