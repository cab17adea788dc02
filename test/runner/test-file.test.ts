import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { runFile } from './test-file.ts';

function run(t: Test, program: string) {
  const folder = t.testdir();
  writeFileSync(join(folder, 'file.mjs'), program);
  return runFile(folder, 'file.mjs');
}

t.test('what a file prints, and how it ends, is kept', async (t) => {
  const ended = await run(t, 'console.log("ok 1"); console.error("oh"); process.exitCode = 3');
  t.match(ended, { tap: 'ok 1\n', complaints: 'oh\n', code: 3, signal: null, overstayed: false });
  t.same(ended.leftBehind, []);
});

t.test('a process that outlives its file is ended and told', { skip: onlyLinux() }, async (t) => {
  const options = `{ detached: true, stdio: ['ignore', 'inherit', 'ignore'] }`;
  const ended = await run(
    t,
    `import { spawn } from 'node:child_process';
     const child = spawn('sleep', ['1234'], ${options});
     child.once('spawn', () => { console.log(child.pid); process.exit(0); });`,
  );
  t.same(ended.leftBehind, ['sleep 1234']);
  t.equal(commandOf(Number(ended.tap)), '');
});

/** Empty for a process that is gone, or of which only the entry is left. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function onlyLinux(): string | false {
  return process.platform === 'linux' ? false : 'only Linux tells which processes carry a mark';
}
