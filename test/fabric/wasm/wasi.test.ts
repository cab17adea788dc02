import t from 'tap';
import { TaskRunner } from '../../../src/fabric/wasm/task-runner.ts';
import { Wasi } from '../../../src/fabric/wasm/wasi.ts';
import { Errno } from '../../conformance/sandbox-escapes.ts';
import { assemble } from '../../fixtures/assembler.ts';
import { FIRST, Flag, OUT, ProbeText, SCRATCH_AT } from '../../fixtures/probe-text.ts';
import { errnos, stagedTask } from '../../fixtures/tasks.ts';

/** What a probe's calls returned, run in this process. */
function probe(build: (text: ProbeText) => ProbeText): number[] {
  const runner = new TaskRunner(() => {});
  runner.keep('probe' as never, runner.check(assemble(build(new ProbeText()).build())));
  const { args, files, seed, limits } = stagedTask('any', 'probe');
  const outcome = runner.run({
    number: 1,
    alone: true,
    program: 'probe' as never,
    args,
    files,
    seed,
    limits,
  });
  if (outcome.status !== 'succeeded') return [];
  const output = outcome.files.map(({ path, bytes }) => ({ path, content: { inline: bytes } }));
  return errnos({ exitCode: 0, stdout: outcome.stdout, files: output });
}

t.test('there are no sockets to import', async (t) => {
  const names = Object.keys(new Wasi().imports);
  t.ok(names.includes('fd_write'));
  t.same(
    names.filter((name) => name.startsWith('sock_')),
    [],
  );
});

t.test('descriptors are given out again, the lowest first, and there are not too many', async (t) => {
  const many = (text: ProbeText) => {
    let next = text;
    for (let count = 0; count < 1_030; count++) next = next.open(OUT, 'same', Flag.create);
    return next.call('fd_close', FIRST);
  };
  const [closed, ...opened] = probe(many).reverse();
  t.equal(closed, Errno.success);
  t.equal(opened.filter((errno) => errno === Errno.success).length, 1_024 - FIRST);
  t.equal(opened[0], Errno.mfile);
  const reused = probe((text) =>
    text
      .open(OUT, 'a', Flag.create)
      .call('fd_close', FIRST)
      .open(OUT, 'b', Flag.create)
      .note('(i32.load (i32.const 4))'),
  );
  t.equal(reused.at(-1), FIRST);
});

t.test('of several clocks in a poll the earliest fires', async (t) => {
  const [first, second] = [SCRATCH_AT, SCRATCH_AT + 48];
  const set = (at: number, userdata: number, timeoutNs: number) =>
    `(block (result i32) (i64.store (i32.const ${at}) (i64.const ${userdata}))
      (i32.store (i32.const ${at + 16}) (i32.const 1))
      (i64.store (i32.const ${at + 24}) (i64.const ${timeoutNs})) (i32.const 0))`;
  const results = probe((text) =>
    text
      .note(set(first, 11, 9_000_000))
      .note(set(second, 22, 5_000_000))
      .call('poll_oneoff', first, SCRATCH_AT + 200, 2, SCRATCH_AT + 300)
      .note(`(i32.load (i32.const ${SCRATCH_AT + 300}))`)
      .note(`(i32.load (i32.const ${SCRATCH_AT + 200}))`)
      .call('clock_time_get', 1, 1, SCRATCH_AT + 400)
      .note(`(i32.load (i32.const ${SCRATCH_AT + 400}))`),
  );
  t.same(results, [0, 0, Errno.success, 1, 22, Errno.success, 6_000_000]);
});

t.test('a poll for nothing, or for everything, is refused', async (t) => {
  t.same(
    probe((text) => text.call('poll_oneoff', 0, 0, 0, 0).call('poll_oneoff', 0, 0, 1_000_000, 0)),
    [Errno.inval, Errno.inval],
  );
});

t.test('there are four clocks', async (t) => {
  const all = (text: ProbeText) => {
    let next = text;
    for (const clock of [0, 1, 2, 3, 4, -1]) next = next.call('clock_time_get', clock, 1, SCRATCH_AT);
    return next;
  };
  t.same(probe(all), [0, 0, 0, 0, Errno.inval, Errno.inval]);
});
