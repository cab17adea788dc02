/**
 * What every binding of the `Sandbox` port promises: programs get nothing but their input, cost nothing over
 * their limits, give the same output everywhere, and every task that is started is reported once.
 *
 * Programs here are WASI modules; a binding for another form of program brings its own escapes.
 */

import type { Test } from 'tap';
import { simulatedClock } from '../../src/actors/index.ts';
import type { Cid, StagedTask, TaskId } from '../../src/fabric/index.ts';
import { outputDigest } from '../../src/fabric/index.ts';
import { assemble, Features } from '../fixtures/assembler.ts';
import { FIRST, Flag, OUT, ProbeText, SCRATCH_AT } from '../fixtures/probe-text.ts';
import * as programs from '../fixtures/programs.ts';
import { errnos, inlineFile, limits, stagedTask } from '../fixtures/tasks.ts';
import { ESCAPES, REFUSALS } from './sandbox-escapes.ts';
import type { MakeSandbox } from './sandbox-ground.ts';
import { childProcesses, Ground, look, untilTrue } from './sandbox-ground.ts';

/** Says that it has begun, then runs argv-independent work for ever. */
const ANNOUNCED_LOOP = `(module (import "conun" "progress" (func $progress (param f64)))
  (memory (export "memory") 1)
  (func (export "_start") (call $progress (f64.const 0.5)) (loop $again (br $again))))`;

/** Says that it has begun, then works for some hundred milliseconds. */
const ANNOUNCED_WORK = `(module (import "conun" "progress" (func $progress (param f64)))
  (memory (export "memory") 1)
  (func (export "_start") (local $left i32)
    (call $progress (f64.const 0.25))
    (local.set $left (i32.const 300000000))
    (loop $again
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $again (local.get $left)))))`;

/** Writes down everything that could differ between two machines: clocks, randomness, inodes, listings. */
const WORLD = new ProbeText()
  .open(OUT, 'a', Flag.create)
  .path('path_create_directory', OUT, 'd')
  .call('clock_time_get', 0, 1, SCRATCH_AT)
  .call('clock_time_get', 1, 1, SCRATCH_AT + 8)
  .call('clock_time_get', 2, 1, SCRATCH_AT + 16)
  .call('random_get', SCRATCH_AT + 24, 64)
  .call('path_filestat_get', OUT, 0, ...new ProbeText().text('a'), SCRATCH_AT + 88)
  .call('fd_readdir', OUT, SCRATCH_AT + 152, 256, 0, SCRATCH_AT + 408)
  .print(412)
  .build();

const TREE = new ProbeText()
  .path('path_create_directory', OUT, 'd')
  .path('path_create_directory', OUT, 'd/e')
  .open(OUT, 'd/e/deep', Flag.create)
  .write(FIRST, 'deep')
  .open(OUT, 'a', Flag.create)
  .write(FIRST + 1, 'first')
  .rename(OUT, 'a', OUT, 'd/moved')
  .open(OUT, 'gone', Flag.create)
  .path('path_unlink_file', OUT, 'gone')
  .write(1, 'said')
  .build();

/** Ends at once without arguments, never with one. */
const MOODY = `(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $sizes (i32.const 0) (i32.const 4)))
    (if (i32.gt_u (i32.load (i32.const 0)) (i32.const 1)) (then (loop $again (br $again))))))`;

const PROGRAMS = {
  noop: programs.noopProgram(),
  echo: programs.echoProgram(),
  loop: programs.loopForeverProgram(),
  announced: assemble(ANNOUNCED_LOOP),
  work: assemble(ANNOUNCED_WORK),
  world: assemble(WORLD),
  tree: assemble(TREE),
  moody: assemble(MOODY),
};

export async function sandboxConformance(t: Test, make: MakeSandbox): Promise<void> {
  await t.test('escapes', (t) => escapeTests(t, make));
  await t.test('programs that are refused', (t) => refusalTests(t, make));
  await t.test('what a program leaves', (t) => outputTests(t, make));
  await t.test('time and crashes', (t) => failureTests(t, make));
  await t.test('suspension', (t) => suspensionTests(t, make));
  await t.test('the life of tasks', (t) => lifeTests(t, make));
}

async function escapeTests(t: Test, make: MakeSandbox): Promise<void> {
  const ground = Ground.for(t, make, { slots: 2 });
  for (const { title, text, task = {}, errnos: expected, code } of ESCAPES) {
    await t.test(title, async (t) => {
      await ground.load({ [title]: assemble(text) });
      const [outcome] = await ground.run(stagedTask(title, title, task));
      if (outcome?.status === 'succeeded') t.same(errnos(outcome.output), expected);
      else t.equal(outcome?.status === 'failed' && outcome.code, code);
    });
  }
}

async function refusalTests(t: Test, make: MakeSandbox): Promise<void> {
  const ground = Ground.for(t, make);
  const feature = (name: string) => Features[name as keyof typeof Features] as number;
  for (const { title, text, bytes, features = [], code } of REFUSALS) {
    await t.test(title, async (t) => {
      const more = features.reduce((sum, name) => sum | feature(name), 0);
      await t.rejects(ground.sandbox.load(title as Cid, bytes ?? assemble(text!, more)), { code });
      t.notOk(ground.sandbox.has(title as Cid));
    });
  }
  await t.test('a task of a program that was never loaded fails and says so', async (t) => {
    const [outcome] = await ground.run(stagedTask('missing', 'nowhere'));
    t.match(outcome, { status: 'failed', code: 'FABRIC_PROGRAM_MISSING' });
  });
}

async function outputTests(t: Test, make: MakeSandbox): Promise<void> {
  const grounds = [Ground.for(t, make), Ground.for(t, make)] as const;
  const [ground] = grounds;
  for (const ground of grounds) await ground.load(PROGRAMS);

  await t.test('two pools see the same world for one seed, and another one for another', async (t) => {
    const digests: string[] = [];
    for (const ground of grounds) {
      await ground.run(stagedTask('before', 'noop'), stagedTask('between', 'echo'));
      const outcomes = await ground.run(
        stagedTask('same', 'world'),
        stagedTask('other', 'world', { seed: 'another' }),
      );
      for (const outcome of outcomes) if (outcome.status === 'succeeded') digests.push(outcome.digest);
    }
    t.equal(digests.length, 4);
    t.equal(digests[0], digests[2]);
    t.equal(digests[1], digests[3]);
    t.not(digests[0], digests[1]);
  });

  await t.test('files, standard output and their digest come back', async (t) => {
    const [outcome] = await ground.run(stagedTask('tree', 'tree'));
    t.match(outcome, { status: 'succeeded', output: { exitCode: 0 } });
    if (outcome?.status !== 'succeeded') return;
    t.same(
      outcome.output.files.map((file) => file.path),
      ['d/e/deep', 'd/moved', 'errno'],
    );
    t.same(inlineFile(outcome.output.files, 'd/e/deep'), Buffer.from('deep'));
    t.same(inlineFile(outcome.output.files, 'd/moved'), Buffer.from('first'));
    t.same(outcome.output.stdout, Buffer.from('said'));
    t.equal(outcome.digest, outputDigest(outcome.output));
    t.ok(outcome.usage.memoryBytesPeak >= 65_536);
  });

  await t.test('a megabyte goes in and comes out', async (t) => {
    const bytes = new Uint8Array(1_048_576).map((_, index) => index % 251);
    const files = [{ path: 'x', bytes }];
    const [outcome] = await ground.run(
      stagedTask('echo', 'echo', { files, limits: limits({ outputBytesMax: 1_048_576 }) }),
    );
    const echoed = outcome?.status === 'succeeded' ? inlineFile(outcome.output.files, 'x') : undefined;
    t.ok(echoed !== undefined && Buffer.compare(echoed, bytes) === 0);
  });
}

async function failureTests(t: Test, make: MakeSandbox): Promise<void> {
  const ground = Ground.for(t, make);
  await ground.load(PROGRAMS);

  await t.test('what was queued behind an endless loop goes on', async (t) => {
    const [loop, ...others] = await ground.run(
      stagedTask('loop', 'loop', { limits: limits({ runMsMax: 100 }) }),
      ...['a', 'b', 'c'].map((id) => stagedTask(id, 'noop')),
    );
    t.match(loop, { status: 'failed', code: 'FABRIC_TASK_TIME_LIMIT' });
    for (const outcome of others) t.equal(outcome.status, 'succeeded');
  });

  await t.test('a quick program that begins to loop is found out among its kind', async (t) => {
    const short = { limits: limits({ runMsMax: 300 }) };
    const tasks = Array.from({ length: 200 }, (_, index) =>
      stagedTask(`moody-${index}`, 'moody', index === 120 ? { ...short, args: ['loop'] } : short),
    );
    const before = ground.outcomes.length;
    const outcomes = await ground.run(...tasks);
    const failures = outcomes.filter((outcome) => outcome.status !== 'succeeded');
    t.match(failures, [{ id: 'moody-120', code: 'FABRIC_TASK_TIME_LIMIT' }]);
    t.equal(ground.outcomes.length - before, 200, 'each task is reported once');
  });

  await t.test('hosts have the lowest priority', async (t) => {
    ground.sandbox.start([stagedTask('victim', 'announced'), stagedTask('next', 'noop')]);
    await ground.begun('victim');
    for (const pid of childProcesses()) t.equal(look(pid)?.niceness, 19);
  });

  await t.test('a host killed from outside fails the task that ran, and no other', async (t) => {
    for (const pid of childProcesses()) process.kill(pid, 'SIGKILL');
    const [victim, next] = await ground.outcomesOf('victim', 'next');
    t.match(victim, { status: 'failed', code: 'FABRIC_TASK_CRASHED' });
    t.equal(next!.status, 'succeeded');
  });
}

async function suspensionTests(t: Test, make: MakeSandbox): Promise<void> {
  const clock = simulatedClock(0);
  const ground = Ground.for(t, make, { clock });
  await ground.load(PROGRAMS);

  await t.test('suspended hosts take no processor time', async (t) => {
    ground.sandbox.start([stagedTask('work', 'work', { limits: limits({ runMsMax: 60_000 }) })]);
    await ground.begun('work');
    ground.sandbox.suspend();
    const pids = childProcesses();
    await untilTrue(() => pids.every((pid) => look(pid)?.state === 'T'));
    const ticks = () => pids.map((pid) => look(pid)?.ticks);
    const before = ticks();
    let passes = 0;
    await untilTrue(() => passes++ > 2_000);
    t.same(ticks(), before);
    t.equal(ground.outcomes.length, 0);
  });

  await t.test(
    'they go on where they were; suspended time counts neither as a limit nor as usage',
    async (t) => {
      clock.advance(3_600_000);
      ground.sandbox.resume();
      const [outcome] = await ground.outcomesOf('work');
      t.equal(outcome!.status, 'succeeded');
    },
  );

  await t.test('a suspended task can be cancelled, and tasks started meanwhile wait', async (t) => {
    ground.sandbox.start([stagedTask('loop', 'announced')]);
    await ground.begun('loop');
    ground.sandbox.suspend();
    ground.sandbox.start([stagedTask('later', 'noop')]);
    ground.sandbox.cancel('loop' as TaskId);
    await ground.outcomesOf('loop');
    ground.sandbox.resume();
    const [later] = await ground.outcomesOf('later');
    t.equal(later!.status, 'succeeded');
  });
}

async function lifeTests(t: Test, make: MakeSandbox): Promise<void> {
  const ground = Ground.for(t, make, { slots: 2 });
  await ground.load(PROGRAMS);

  await t.test('a thousand tasks on two slots are each reported once', async (t) => {
    const tasks = Array.from({ length: 1_000 }, (_, index) => stagedTask(`n${index}`, 'noop'));
    const outcomes = await ground.run(...tasks);
    t.equal(ground.outcomes.length, 1_000);
    const digests = new Set(outcomes.map((outcome) => outcome.status === 'succeeded' && outcome.digest));
    t.equal(digests.size, 1);
  });

  await t.test('short tasks do not wait behind a long one while a slot is idle', async (t) => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    ground.sandbox.start([stagedTask('long', 'announced'), ...names.map((id) => stagedTask(id, 'noop'))]);
    for (const outcome of await ground.outcomesOf(...names)) t.equal(outcome.status, 'succeeded');
    t.notOk(ground.outcomes.some(({ id }) => id === 'long'));
  });

  await t.test(
    'tasks are cancelled while they run, while they wait, and when they are unknown',
    async (t) => {
      ground.sandbox.start([stagedTask('also', 'announced')]);
      await ground.begun('also');
      const ids = Array.from({ length: 8 }, (_, index) => `w${index}`);
      ground.sandbox.start(ids.map((id) => stagedTask(id, 'noop')));
      const before = ground.outcomes.length;
      for (const id of ['w0', 'w7', 'also', 'also', 'unknown']) ground.sandbox.cancel(id as TaskId);
      const outcomes = await ground.outcomesOf('also', ...ids);
      const cancelled = outcomes.filter((outcome) => outcome.status === 'cancelled').map(({ id }) => id);
      t.same(cancelled, ['also', 'w0', 'w7']);
      t.equal(outcomes.filter((outcome) => outcome.status === 'succeeded').length, 6);
      t.equal(ground.outcomes.length - before, 9);
    },
  );

  await t.test('more tasks than the sandbox takes is a programmer error', async (t) => {
    const { depthMax } = ground.sandbox;
    const tasks: StagedTask[] = Array.from({ length: depthMax + 1 }, (_, index) =>
      stagedTask(`m${index}`, 'noop'),
    );
    t.throws(() => ground.sandbox.start(tasks));
  });

  await t.test('closing ends every process and reports what was unfinished', async (t) => {
    ground.sandbox.start(['x', 'y'].map((id) => stagedTask(id, 'announced')));
    const before = ground.outcomes.length;
    await ground.sandbox.close();
    t.same(childProcesses(), []);
    const unfinished = ground.outcomes.slice(before).map(({ id, status }) => `${id} ${status}`);
    t.same(unfinished, ['long cancelled', 'x cancelled', 'y cancelled']);
  });
}
