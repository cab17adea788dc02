import t, { type Test } from 'tap';
import type { ActorRef, Delivery } from '../../src/actors/index.ts';
import {
  createSystem,
  seededRandom,
  simulatedClock,
  simulatedDispatcher,
  systemClock,
  systemRandom,
} from '../../src/actors/index.ts';
import type { ExecutorMail, ExecutorNews } from '../../src/fabric/executor.ts';
import { executorActor } from '../../src/fabric/executor-actor.ts';
import { memoryContentStore } from '../../src/fabric/memory-content-store.ts';
import { outputDigest } from '../../src/fabric/output-digest.ts';
import type { ProgramLoader, Sandbox, SandboxFactory, SandboxReports } from '../../src/fabric/sandbox.ts';
import type { Cid, StagedTask, Task, TaskId, TaskOutcome } from '../../src/fabric/task.ts';
import { createWasmSandbox } from '../../src/fabric/wasm/sandbox.ts';
import { echoProgram, noopProgram } from '../fixtures/programs.ts';
import { LIMITS } from '../fixtures/tasks.ts';

const usage = { cpuMs: 1, wallMs: 1, memoryBytesPeak: 1 };

/** A sandbox that does what a test tells it, when it tells it. */
class Puppet implements Sandbox, ProgramLoader {
  readonly kind = 'wasm';
  readonly slots = 1;
  readonly depthMax = 4;
  readonly calls: string[] = [];
  reports!: SandboxReports;

  readonly factory: SandboxFactory = (reports) => {
    this.reports = reports;
    return this;
  };

  start(tasks: readonly StagedTask[]): void {
    this.calls.push(`start ${tasks.map(({ id }) => id).join(' ')}`);
  }

  cancel(id: TaskId): void {
    this.calls.push(`cancel ${id}`);
    this.reports.outcomes([{ id, status: 'cancelled', usage }]);
  }

  suspend(): void {
    this.calls.push('suspend');
  }

  resume(): void {
    this.calls.push('resume');
  }

  async close(): Promise<void> {
    this.calls.push('close');
  }

  async load(): Promise<void> {}

  has(): boolean {
    return true;
  }

  end(...ids: readonly string[]): void {
    this.reports.outcomes(ids.map((id) => succeeded(id)));
  }
}

const succeeded = (id: string): TaskOutcome => ({
  id: id as TaskId,
  status: 'succeeded',
  digest: 'd' as never,
  output: { exitCode: 0, stdout: new Uint8Array(0), files: [] },
  usage,
});

const taskOf = (id: string, program = 'p', more: Partial<Task> = {}): Task => ({
  id: id as TaskId,
  common: { sandbox: 'wasm', program: program as Cid, files: [], limits: LIMITS },
  args: [],
  files: [],
  seed: id,
  ...more,
});

function stage(t: Test) {
  const clock = simulatedClock(0);
  const random = seededRandom('executor');
  const dispatcher = simulatedDispatcher(clock, random);
  const system = createSystem({ name: 'test', clock, random, dispatcher });
  t.teardown(() => system.stop());
  const news: ExecutorNews[] = [];
  const owner = {
    path: '/owner',
    isFull: false,
    tell(mail: ExecutorNews): Delivery {
      if (owner.isFull) return 'full';
      news.push(mail);
      return 'accepted';
    },
  };
  const puppet = new Puppet();
  const store = memoryContentStore();
  const executor = system.spawn<ExecutorMail>(
    'executor',
    executorActor({ sandbox: puppet.factory, store, owner }),
  );
  const told = () => news.splice(0).map(words);
  return { system, dispatcher, puppet, executor, owner, told };
}

function words(news: ExecutorNews): string {
  if (news.type === 'outcomes') return news.outcomes.map(({ id, status }) => `${id} ${status}`).join(', ');
  return news.type === 'progress' ? `${news.id} ${news.fraction}` : `suspended: ${news.suspended}`;
}

const execute = (...tasks: readonly Task[]): ExecutorMail => ({ type: 'execute', tasks });

t.test('tasks start in one bundle and are told in one bundle', async (t) => {
  const { dispatcher, puppet, executor, told } = stage(t);
  executor.tell(execute(taskOf('a'), taskOf('b')));
  await dispatcher.run();
  executor.tell(execute(taskOf('c'), taskOf('d'), taskOf('e')));
  await dispatcher.run();
  t.same(puppet.calls, ['start a b', 'start c d']);
  puppet.end('a');
  puppet.end('b', 'c');
  await dispatcher.run();
  t.same(told(), ['a succeeded, b succeeded, c succeeded'], 'one mail, although the sandbox called twice');
  t.same(puppet.calls.slice(2), ['start e']);
});

t.test('the governor suspends, resumes, and the owner hears of it', async (t) => {
  const { dispatcher, puppet, executor, told } = stage(t);
  executor.tell({ type: 'govern', suspended: true, reason: 'the owner is back' });
  executor.tell(execute(taskOf('a')));
  await dispatcher.run();
  executor.tell({ type: 'govern', suspended: false, reason: 'idle again' });
  await dispatcher.run();
  t.same(puppet.calls, ['suspend', 'resume', 'start a']);
  t.same(told(), ['suspended: true', 'suspended: false']);
});

t.test('a task that is cancelled in the turn in which it starts never starts', async (t) => {
  const { dispatcher, puppet, executor, told } = stage(t);
  executor.tell(execute(taskOf('first')));
  await dispatcher.run();
  executor.tell(execute(taskOf('a')));
  executor.tell({ type: 'cancel', ids: ['a' as TaskId] });
  executor.tell({ type: 'cancel', ids: ['first' as TaskId] });
  await dispatcher.run();
  t.same(puppet.calls, ['start first', 'cancel first']);
  t.same(told().join(', '), 'a cancelled, first cancelled');
});

t.test('progress reaches the owner', async (t) => {
  const { dispatcher, puppet, executor, told } = stage(t);
  executor.tell(execute(taskOf('a')));
  await dispatcher.run();
  puppet.reports.progress?.('a' as TaskId, 0.5);
  await dispatcher.run();
  t.same(told(), ['a 0.5']);
});

t.test('an owner whose mailbox is full is told later, and nothing is lost', async (t) => {
  const { dispatcher, puppet, executor, owner, told } = stage(t);
  executor.tell(execute(taskOf('a'), taskOf('b')));
  await dispatcher.run();
  owner.isFull = true;
  puppet.end('a');
  await dispatcher.run();
  puppet.end('b');
  await dispatcher.run();
  t.same(told(), []);
  owner.isFull = false;
  await dispatcher.runUntil(20);
  t.same(told(), ['a succeeded', 'b succeeded']);
});

t.test('an executor that goes reports what it had as cancelled', async (t) => {
  const { system, dispatcher, puppet, executor, told } = stage(t);
  executor.tell(execute(taskOf('a'), taskOf('b', 'q')));
  await dispatcher.run();
  await system.stop();
  t.same(told(), ['a cancelled, b cancelled']);
  t.ok(puppet.calls.includes('close'));
});

t.test('with the real sandbox: inputs and large outputs travel by address', async (t) => {
  const clock = systemClock();
  const store = memoryContentStore();
  const [echo, noop] = [await store.put(echoProgram()), await store.put(noopProgram())];
  const input = new Uint8Array(100_000).map((_, index) => index % 7);
  const cid = await store.put(input);
  const outcomes: TaskOutcome[] = [];
  const done = Promise.withResolvers<void>();
  const system = createSystem({ name: 'test', clock, random: systemRandom() });
  t.teardown(() => system.stop());
  let executor: ActorRef<ExecutorMail> | undefined;
  system.spawn<ExecutorNews>('owner', () => ({
    start(context) {
      const sandbox = createWasmSandbox({ slots: 1, depthPerSlot: 8, clock });
      executor = context.spawn('executor', executorActor({ sandbox, store, owner: context.self }));
    },
    receive(news) {
      if (news.type === 'outcomes') outcomes.push(...news.outcomes);
      if (outcomes.length === 4) done.resolve();
    },
  }));
  const files = [{ path: 'x', content: { cid, bytes: input.length } }];
  const badly = [{ path: 'x', content: { cid, bytes: input.length - 1 } }];
  executor!.tell(execute(taskOf('echo', echo, { files }), taskOf('noop', noop)));
  executor!.tell(execute(taskOf('short', echo, { files: badly }), taskOf('none', cid)));
  await done.promise;
  const of = (id: string) => outcomes.find((outcome) => outcome.id === id);
  const echoed = of('echo');
  t.equal(of('noop')?.status, 'succeeded');
  t.match(of('short'), { status: 'failed', code: 'FABRIC_TASK_INVALID' });
  t.match(of('none'), { status: 'failed', code: 'FABRIC_PROGRAM_INVALID' });
  t.match(echoed, {
    status: 'succeeded',
    output: { files: [{ path: 'x', content: { cid, bytes: 100_000 } }] },
  });
  if (echoed?.status === 'succeeded') t.equal(outputDigest(echoed.output), echoed.digest);
});
