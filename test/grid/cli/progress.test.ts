import { PassThrough } from 'node:stream';
import t from 'tap';
import { progressTo } from '../../../src/grid/cli/progress.ts';
import { lacks } from '../../engine.ts';
import { openTerminal } from '../terminal.ts';

t.test('away from a terminal there is a line for each tenth', async (t) => {
  const stderr = new PassThrough();
  const progress = progressTo({ stderr, env: {} });
  for (let done = 0; done <= 1_000; done++) progress.show('bunny\u001b', done, 1_000, 'open');
  progress.line('a word between');
  progress.end();
  const lines = String(stderr.read()).trimEnd().split('\n');
  t.equal(lines.length, 12);
  t.equal(lines[5], 'bunny· 500/1000 open');
  t.equal(lines[11], 'a word between');
});

t.test('while nobody knows the total, there is one line', async (t) => {
  const stderr = new PassThrough();
  const progress = progressTo({ stderr, env: {} });
  for (let done = 0; done < 100; done++) progress.show('pi', done, undefined, 'open');
  t.equal(String(stderr.read()), 'pi 0/? open\n');
});

const skip = lacks('tmux');

t.test('in a terminal there are bars, with words above them', { skip }, async (t) => {
  const module = new URL('../../../src/grid/cli/progress.ts', import.meta.url).href;
  const script = `import { progressTo } from '${module}';
    const progress = progressTo({ stderr: process.stderr, env: { LANG: 'C.UTF-8' } });
    progress.show('bunny', 25, 100, 'open'); progress.line('one is gone');
    progress.show('bunny', 50, 100, 'open'); progress.end();`;
  const command = `'${process.execPath}' --input-type=module -e "${script}"; cat`;
  const terminal = await openTerminal(`conun-bars-${process.pid}`, command, { columns: 80, rows: 10 });
  t.teardown(() => terminal.close());
  await terminal.shows(/one is gone/, /^bunny +█{14}░{14} 50\/100 open/m);
});
