import t, { type Test } from 'tap';
import { simulatedClock } from '../../../src/actors/index.ts';
import type { Job, Loss, SlotListener } from '../../../src/fabric/wasm/slot.ts';
import { Slot } from '../../../src/fabric/wasm/slot.ts';
import { TaskRunner } from '../../../src/fabric/wasm/task-runner.ts';
import { childProcesses } from '../../conformance/sandbox-ground.ts';
import { assemble } from '../../fixtures/assembler.ts';
import { noopProgram } from '../../fixtures/programs.ts';
import { limits, stagedTask } from '../../fixtures/tasks.ts';

const LOOP = `(module (import "conun" "progress" (func $progress (param f64)))
  (memory (export "memory") 1)
  (func (export "_start") (call $progress (f64.const 0.5)) (loop $again (br $again))))`;

/** Takes a millisecond; for ever if it has an argument. */
const SHORT = `(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "conun" "progress" (func $progress (param f64)))
  (memory (export "memory") 1)
  (func (export "_start") (local $left i32)
    (local.set $left (i32.const 3000000))
    (loop $spin (br_if $spin (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (drop (call $sizes (i32.const 0) (i32.const 4)))
    (if (i32.gt_u (i32.load (i32.const 0)) (i32.const 1))
      (then (call $progress (f64.const 0.5)) (loop $again (br $again))))))`;

const shaper = new TaskRunner(() => {});
const modules = new Map([
  ['noop', shaper.check(noopProgram())],
  ['loop', shaper.check(assemble(LOOP))],
  ['short', shaper.check(assemble(SHORT))],
]);

/** A slot, a clock that only tests move, and everything that the slot said. */
class Bench {
  readonly clock = simulatedClock(0);
  readonly said: string[] = [];
  readonly losses: Loss[] = [];
  readonly slot: Slot;
  #wake = Promise.withResolvers<void>();

  constructor(t: Test) {
    const say = (what: string) => {
      this.said.push(what);
      this.#wake.resolve();
      this.#wake = Promise.withResolvers<void>();
    };
    const listener: SlotListener = {
      outcomes: (landed) => {
        for (const { job, outcome } of landed) say(`${job.task.id} ${outcome.status}`);
      },
      progress: (job) => say(`${job.task.id} runs`),
      eased: () => say('eased'),
      lost: (_slot, loss) => {
        this.losses.push(loss);
        say('lost');
      },
    };
    this.slot = new Slot({ heapMb: 64 }, this.clock, listener);
    t.teardown(() => this.slot.close());
  }

  assign(...jobs: readonly Job[]): void {
    this.slot.assign(jobs, (program) => modules.get(program)!);
  }

  async until(what: string): Promise<void> {
    while (!this.said.includes(what)) await this.#wake.promise;
  }
}

const job = (id: string, program: string, ...args: string[]): Job => ({
  task: stagedTask(id, program, { args, limits: limits({ runMsMax: 1_000 }) }),
  losses: 0,
  alone: false,
});

t.test('nothing runs before the first task, and outcomes come in order', async (t) => {
  const bench = new Bench(t);
  t.same(childProcesses(), []);
  bench.assign(job('a', 'noop'), job('b', 'noop'));
  t.equal(bench.slot.load, 2);
  await bench.until('b succeeded');
  t.same(bench.said, ['a succeeded', 'b succeeded']);
  t.equal(bench.slot.load, 0);
});

t.test('the watchdog blames the task that runs and gives the others back', async (t) => {
  const bench = new Bench(t);
  const [loop, next] = [job('loop', 'loop'), job('next', 'noop')];
  bench.assign(loop, next);
  await bench.until('loop runs');
  bench.clock.advance(999);
  t.equal(bench.slot.headMs(), 999);
  bench.clock.advance(18_001);
  t.notOk(bench.slot.isDying, 'it may have got no processor');
  bench.clock.advance(1_050);
  t.ok(bench.slot.isDying);
  await bench.until('lost');
  t.match(bench.losses, [{ end: 'time', wallMs: 20_050, isExplained: true, wasReady: true }]);
  t.equal(bench.losses[0]!.culprit, loop);
  t.same(bench.losses[0]!.others, [next]);
  bench.assign(next);
  await bench.until('next succeeded');
});

t.test('a task that nobody wants any more is killed while it runs', async (t) => {
  const bench = new Bench(t);
  const loop = job('loop', 'loop');
  bench.assign(loop);
  await bench.until('loop runs');
  bench.slot.abandon(loop);
  await bench.until('lost');
  t.match(bench.losses, [{ end: 'cancel', culprit: undefined, others: [], isExplained: true }]);
});

t.test(
  'tasks taken back from behind a long one are not run, and the long one still is watched',
  async (t) => {
    const bench = new Bench(t);
    const [loop, a, b] = [job('loop', 'loop'), job('a', 'noop'), job('b', 'noop')];
    bench.assign(loop, a, b);
    await bench.until('loop runs');
    t.equal(bench.slot.behind, 2);
    t.same(bench.slot.recall(), [a, b]);
    t.equal(bench.slot.behind, 0);
    t.equal(bench.slot.load, 3, 'the host still owes an answer');
    bench.clock.advance(20_050);
    await bench.until('lost');
    t.equal(bench.losses[0]!.culprit, loop);
    t.same(bench.losses[0]!.others, []);
    t.notOk(bench.said.includes('a succeeded'));
  },
);

t.test('what has begun is not taken back, unless its outcome cannot leave', async (t) => {
  const bench = new Bench(t);
  const [a, b, hangs, c] = [
    job('a', 'short'),
    job('b', 'short'),
    job('hangs', 'short', 'for ever'),
    job('c', 'short'),
  ];
  bench.assign(a, b, hangs, c);
  await bench.until('hangs runs');
  t.same(bench.said, ['hangs runs'], 'the outcomes of short tasks wait for each other');
  t.same(bench.slot.recall(), [c]);
  bench.clock.advance(101);
  t.same(bench.slot.recall(), [a, b]);
  bench.clock.advance(20_000);
  await bench.until('lost');
  t.match(bench.losses, [{ end: 'time', others: [], isExplained: true }]);
  t.equal(bench.losses[0]!.culprit, hangs);
});

t.test('a process that dies with nobody to blame sends all tasks back to be run alone', async (t) => {
  const bench = new Bench(t);
  const tasks = Array.from({ length: 50 }, (_, index) => job(`n${index}`, 'noop'));
  bench.assign(...tasks);
  for (const pid of childProcesses()) process.kill(pid, 'SIGKILL');
  await bench.until('lost');
  t.match(bench.losses, [
    { end: 'crash', reason: 'SIGKILL', culprit: undefined, isExplained: false, wasReady: false },
  ]);
  t.equal(bench.losses[0]!.others.length, 50);
  t.ok(tasks.every((job) => job.alone));
});
