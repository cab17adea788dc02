import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import t from 'tap';
import type { Io } from '../../../src/grid/cli/io.ts';
import { ask, canAsk } from '../../../src/grid/cli/question.ts';

function terminal() {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const stderr = new PassThrough();
  const leave = new AbortController();
  const io: Io = { stdin, stdout: new PassThrough(), stderr, env: {}, folder: '/', signal: leave.signal };
  return { io, stdin, stderr, leave };
}

t.test('a secret does not appear while it is typed, anything else does', async (t) => {
  const { io, stdin, stderr } = terminal();
  stdin.write('hunteR\u007fr2\rsecond line\r');
  t.same(await ask(io, ['One: ', 'Two: '], { secret: true }), ['hunter2', 'second line']);
  stdin.write('main\r');
  t.same(await ask(io, ['Name: '], { secret: false }), ['main']);
  stderr.end();
  const shown = await text(stderr);
  t.match(shown, /^One: \nTwo: \n/);
  t.notMatch(shown, /hunte|second/);
  t.match(shown, /main/);
});

t.test('who leaves the question gives no answer', async (t) => {
  for (const key of ['\u0003', '\u0004']) {
    const { io, stdin } = terminal();
    stdin.write(`half${key === '\u0004' ? '\u0015' : ''}${key}`);
    await t.rejects(ask(io, ['One: '], { secret: true }), { code: 'GRID_QUESTION_LEFT' });
  }
  const { io, leave } = terminal();
  const asked = ask(io, ['One: '], { secret: true });
  leave.abort();
  await t.rejects(asked, { code: 'GRID_QUESTION_LEFT' });
});

t.test('nobody is asked through a pipe', (t) => {
  t.equal(canAsk(terminal().io), true);
  t.equal(canAsk({ ...terminal().io, stdin: new PassThrough() }), false);
  t.end();
});
