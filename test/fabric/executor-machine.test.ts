import fc from 'fast-check';
import t from 'tap';
import type { Need } from '../../src/fabric/executor-contents.ts';
import type { ExecutorEffect, ExecutorEvent, ExecutorLimits } from '../../src/fabric/executor-machine.ts';
import { executorMachine, executorState } from '../../src/fabric/executor-machine.ts';
import type { Cid, Task, TaskId, TaskOutcome } from '../../src/fabric/task.ts';
import { INLINE_BYTES_MAX } from '../../src/fabric/task.ts';
import { LIMITS } from '../fixtures/tasks.ts';

const BOUNDS: ExecutorLimits = { tasksMax: 12, startedMax: 3, fetchesMax: 2, stagedBytesMax: 100 };
const usage = { cpuMs: 1, wallMs: 1, memoryBytesPeak: 1 };

type Input = readonly [name: string, bytes: number];

const taskOf = (id: string, program = 'p', inputs: readonly Input[] = []): Task => ({
  id: id as TaskId,
  common: { sandbox: 'wasm', program: program as Cid, files: [], limits: LIMITS },
  args: [],
  files: inputs.map(([name, bytes]) => ({ path: name, content: { cid: name as Cid, bytes } })),
  seed: id,
});

const succeeded = (id: string, bytes = 1): TaskOutcome => ({
  id: id as TaskId,
  status: 'succeeded',
  digest: 'd' as never,
  output: {
    exitCode: 0,
    stdout: new Uint8Array(0),
    files: [{ path: 'r', content: { inline: new Uint8Array(bytes) } }],
  },
  usage,
});

/** A machine and all it wanted done so far. */
class Machine {
  readonly state;
  readonly effects: ExecutorEffect[] = [];

  constructor(limits: Partial<ExecutorLimits> = {}) {
    this.state = executorState({ ...BOUNDS, ...limits });
  }

  /** What this event alone brings, as short words. */
  take(event: ExecutorEvent): string[] {
    const { effects } = executorMachine.step(this.state, event, 0);
    this.effects.push(...effects);
    return effects.flatMap(words);
  }

  execute(...tasks: readonly Task[]): string[] {
    return this.take({ type: 'execute', tasks });
  }

  ended(...outcomes: readonly TaskOutcome[]): string[] {
    return this.take({ type: 'ended', outcomes });
  }
}

function words(effect: ExecutorEffect): string[] {
  switch (effect.type) {
    case 'fetch':
      return [`fetch ${effect.need.use} ${effect.need.cid}`];
    case 'drop':
      return [`drop ${effect.cid}`];
    case 'start':
      return effect.tasks.map(({ id }) => `start ${id}`);
    case 'stop':
      return effect.ids.map((id) => `stop ${id}`);
    case 'store':
      return [`store ${effect.outcome.id}`];
    case 'govern':
      return [effect.suspended ? 'suspend' : 'resume'];
    case 'report':
      return effect.outcomes.map(({ id, ...outcome }) =>
        outcome.status === 'failed' ? `${id} ${outcome.code}` : `${id} ${outcome.status}`,
      );
  }
}

const needOf = (name: string): Need => ({
  cid: name as Cid,
  use: name === 'p' || name === 'q' ? 'program' : 'file',
  bytes: 0,
});
const here = (name: string, bytes = 0): ExecutorEvent => ({ type: 'fetched', need: needOf(name), bytes });
const cancel = (...ids: readonly string[]): ExecutorEvent => ({
  type: 'cancel',
  ids: ids as readonly TaskId[],
});
const govern = (suspended: boolean): ExecutorEvent => ({ type: 'govern', suspended, reason: 'a test' });
const missing = (name: string, retry: boolean): ExecutorEvent => ({
  type: 'unfetched',
  need: needOf(name),
  reason: { code: 'FABRIC_PROGRAM_INVALID', message: 'bad', retry },
});

t.test('a task stages what it names, runs and is reported', async (t) => {
  const machine = new Machine();
  t.same(machine.execute(taskOf('a', 'p', [['x', 10]])), ['fetch program p', 'fetch file x']);
  t.same(machine.take(here('p')), []);
  t.same(machine.take(here('x', 10)), ['start a']);
  t.same(machine.ended(succeeded('a')), ['a succeeded']);
});

t.test('what is here already is not fetched again, and tasks start in one bundle', async (t) => {
  const machine = new Machine();
  machine.execute(taskOf('a'));
  machine.take(here('p'));
  t.same(machine.execute(taskOf('b'), taskOf('c'), taskOf('d')), ['start b', 'start c']);
  t.same(machine.ended(succeeded('b'), succeeded('a')), ['start d', 'b succeeded', 'a succeeded']);
});

t.test('a task that was sent twice has one outcome', async (t) => {
  const machine = new Machine();
  machine.execute(taskOf('a'), taskOf('a'));
  t.same(machine.take(here('p')), ['start a']);
  t.same(machine.execute(taskOf('a')), []);
  t.same(machine.ended(succeeded('a'), succeeded('a')), ['a succeeded']);
});

t.test('more tasks than it holds are refused', async (t) => {
  const machine = new Machine({ tasksMax: 1 });
  t.same(machine.execute(taskOf('a'), taskOf('b')), ['fetch program p', 'b FABRIC_TASK_REFUSED']);
});

t.test('one content named twice is one need', async (t) => {
  const machine = new Machine();
  const task = taskOf('a', 'p', [['x', 10]]);
  const twice = { ...task, files: [...task.files, { ...task.files[0]!, path: 'y' }] };
  t.same(machine.execute(twice), ['fetch program p', 'fetch file x']);
  machine.take(here('p'));
  t.same(machine.take(here('x', 10)), ['start a']);
});

t.test('a program that is bad fails all who name it, later ones at once', async (t) => {
  const machine = new Machine();
  machine.execute(taskOf('a'), taskOf('b'));
  t.same(machine.take(missing('p', false)), ['a FABRIC_PROGRAM_INVALID', 'b FABRIC_PROGRAM_INVALID']);
  t.same(machine.execute(taskOf('c')), ['c FABRIC_PROGRAM_INVALID']);
});

t.test('a program that did not come may come the next time', async (t) => {
  const machine = new Machine();
  machine.execute(taskOf('a'));
  t.same(machine.take(missing('p', true)), ['a FABRIC_PROGRAM_INVALID']);
  t.same(machine.execute(taskOf('b')), ['fetch program p']);
});

t.test('an input of another size than declared fails who declared it', async (t) => {
  const machine = new Machine();
  machine.execute(taskOf('a', 'p', [['x', 10]]), taskOf('b', 'p', [['x', 11]]));
  machine.take(here('p'));
  t.same(machine.take(here('x', 10)), ['start a', 'b FABRIC_TASK_INVALID']);
  t.same(machine.execute(taskOf('c', 'p', [['x', 9]])), ['c FABRIC_TASK_INVALID']);
});

t.test('inputs wait for room, and contents without users make it', async (t) => {
  const machine = new Machine();
  machine.execute(taskOf('a', 'p', [['x', 80]]), taskOf('b', 'p', [['y', 80]]));
  machine.take(here('p'));
  t.same(machine.take(here('x', 80)), ['start a']);
  t.same(machine.ended(succeeded('a')), ['drop x', 'fetch file y', 'a succeeded']);
  t.same(machine.execute(taskOf('c', 'p', [['z', 101]])), ['c FABRIC_TASK_INVALID']);
});

t.test('cancelling ends a task wherever it is', async (t) => {
  const machine = new Machine({ startedMax: 1 });
  machine.execute(taskOf('staging', 'p'));
  t.same(machine.take(cancel('staging', 'unknown')), ['staging cancelled']);
  machine.execute(taskOf('running', 'q'), taskOf('ready', 'q'));
  machine.execute(taskOf('queued', 'q', [['x', 90]]), taskOf('behind', 'q', [['y', 90]]));
  machine.take(here('q'));
  t.same(machine.take(cancel('behind', 'ready')), ['behind cancelled', 'ready cancelled']);
  t.same(machine.take(cancel('running')), ['stop running']);
  t.same(machine.ended({ id: 'running' as TaskId, status: 'cancelled', usage }), ['running cancelled']);
});

t.test(
  'large files are stored before the outcome is told, which no cancelling changes any more',
  async (t) => {
    const machine = new Machine();
    machine.execute(taskOf('a'));
    machine.take(here('p'));
    const large = succeeded('a', INLINE_BYTES_MAX + 1);
    t.same(machine.ended(large), ['store a']);
    t.same(machine.take(cancel('a')), []);
    t.same(machine.take({ type: 'stored', outcome: large }), ['a succeeded']);
    t.same(machine.take({ type: 'stored', outcome: large }), []);
  },
);

t.test('while suspended nothing is fetched or started', async (t) => {
  const machine = new Machine();
  machine.execute(taskOf('a'));
  t.same(machine.take(govern(true)), ['suspend']);
  t.same(machine.take(here('p')), []);
  t.same(machine.execute(taskOf('b', 'q')), []);
  t.same(machine.take(govern(false)), ['resume', 'fetch program q', 'start a']);
});

t.test('a program that the sandbox has forgotten is fetched again, once', async (t) => {
  const machine = new Machine();
  machine.execute(taskOf('a'));
  machine.take(here('p'));
  const code = 'FABRIC_PROGRAM_MISSING';
  const lost: TaskOutcome = { id: 'a' as TaskId, status: 'failed', code, message: '', stderr: '', usage };
  t.same(machine.ended(lost), ['fetch program p']);
  t.same(machine.take(here('p')), ['start a']);
  t.same(machine.ended(lost), ['a FABRIC_PROGRAM_MISSING']);
});

t.test('whatever happens in whatever order, every task has one outcome and every bound holds', async () => {
  const name = fc.constantFrom('x', 'y', 'z');
  const task = fc.record({
    program: fc.constantFrom('p', 'q'),
    inputs: fc.uniqueArray(name, { maxLength: 2 }),
  });
  const move = fc.record({
    kind: fc.constantFrom('execute', 'cancel', 'govern', 'arrive', 'fail', 'end', 'lose', 'large', 'store'),
    tasks: fc.array(task, { minLength: 1, maxLength: 5 }),
    pick: fc.nat(20),
  });
  fc.assert(
    fc.property(fc.array(move, { maxLength: 120 }), (moves) => {
      const world = new World();
      for (const { kind, tasks, pick } of moves) world.move(kind, tasks, pick);
      world.settle();
    }),
    { numRuns: 2_000 },
  );
});

const SIZES: Readonly<Record<string, number>> = { x: 40, y: 50, z: 70 };

/** What surrounds the machine: it fetches, runs and stores at random, and keeps the laws. */
class World {
  readonly #machine = new Machine();
  readonly #fetching = new Map<string, 'program' | 'file'>();
  readonly #staged = new Set<string>();
  readonly #running = new Set<string>();
  readonly #storing = new Map<string, TaskOutcome>();
  readonly #outcomes = new Map<string, number>();
  #sent = 0;
  #isSuspended = false;

  move(kind: string, tasks: readonly { program: string; inputs: readonly string[] }[], pick: number): void {
    const of = <Item>(items: Iterable<Item>): Item | undefined => [...items][pick];
    const running = of(this.#running);
    const fetching = of(this.#fetching.keys());
    const storing = of(this.#storing.values());
    if (kind === 'execute') {
      const inputs = (names: readonly string[]): Input[] => names.map((name) => [name, SIZES[name]!]);
      this.#take({
        type: 'execute',
        tasks: tasks.map(({ program, inputs: names }) => taskOf(`t${this.#sent++}`, program, inputs(names))),
      });
    }
    if (kind === 'cancel') this.#take(cancel(`t${pick}`, `t${this.#sent - pick}`));
    if (kind === 'govern') this.#take(govern(pick % 2 === 0));
    if (kind === 'arrive' && fetching !== undefined) this.#arrive(fetching);
    if (kind === 'fail' && fetching !== undefined) {
      this.#fetching.delete(fetching);
      this.#take(missing(fetching, pick % 2 === 0));
    }
    if (running !== undefined && ['end', 'lose', 'large'].includes(kind)) this.#end(kind, running);
    if (kind === 'store' && storing !== undefined) this.#store(storing);
  }

  /** Lets everything that is under way come to its end: then nothing may be left. */
  settle(): void {
    this.#take(govern(false));
    for (let left = 1_000; this.#machine.state.tasks.size > 0; left--) {
      if (left === 0) throw new TypeError('a task is stuck');
      for (const cid of [...this.#fetching.keys()]) this.#arrive(cid);
      for (const id of [...this.#running]) this.#end('end', id);
      for (const outcome of [...this.#storing.values()]) this.#store(outcome);
    }
    for (let index = 0; index < this.#sent; index++) {
      if (this.#outcomes.get(`t${index}`) !== 1) throw new TypeError(`t${index} has not one outcome`);
    }
  }

  #arrive(cid: string): void {
    if (this.#fetching.get(cid) === 'file') this.#staged.add(cid);
    this.#fetching.delete(cid);
    this.#take(here(cid, SIZES[cid] ?? 0));
  }

  #end(kind: string, id: string): void {
    this.#running.delete(id);
    if (kind === 'lose') {
      const code = 'FABRIC_PROGRAM_MISSING';
      const outcome = { id: id as TaskId, status: 'failed', code, message: '', stderr: '', usage } as const;
      this.#take({ type: 'ended', outcomes: [outcome] });
    } else
      this.#take({ type: 'ended', outcomes: [succeeded(id, kind === 'large' ? INLINE_BYTES_MAX + 1 : 1)] });
  }

  #store(outcome: TaskOutcome): void {
    this.#storing.delete(outcome.id);
    this.#take({ type: 'stored', outcome });
  }

  #take(event: ExecutorEvent): void {
    const before = this.#machine.effects.length;
    this.#machine.take(event);
    if (event.type === 'govern') this.#isSuspended = event.suspended;
    for (const effect of this.#machine.effects.slice(before)) this.#perform(effect);
    const bytes = [...this.#staged].reduce((sum, name) => sum + SIZES[name]!, 0);
    const laws: Readonly<Record<string, boolean>> = {
      'no more run than the sandbox takes': this.#running.size <= BOUNDS.startedMax,
      'no more is fetched at a time than allowed': this.#fetching.size <= BOUNDS.fetchesMax,
      'no more is staged than allowed': bytes <= BOUNDS.stagedBytesMax,
      'no more tasks are known than allowed': this.#machine.state.tasks.size <= BOUNDS.tasksMax,
    };
    for (const [law, holds] of Object.entries(laws)) if (!holds) throw new TypeError(law);
  }

  #perform(effect: ExecutorEffect): void {
    const isWork = effect.type === 'fetch' || effect.type === 'start';
    if (isWork && this.#isSuspended) throw new TypeError(`${effect.type} while suspended`);
    if (effect.type === 'fetch') this.#fetching.set(effect.need.cid, effect.need.use);
    if (effect.type === 'drop') this.#staged.delete(effect.cid);
    if (effect.type === 'store') this.#storing.set(effect.outcome.id, effect.outcome);
    if (effect.type === 'start') {
      for (const { id, files } of effect.tasks) {
        const lacking = files.find(({ path }) => !this.#staged.has(path));
        if (lacking !== undefined) throw new TypeError(`${id} starts without ${lacking.path}`);
        this.#running.add(id);
      }
    }
    if (effect.type === 'report') {
      for (const { id } of effect.outcomes) this.#outcomes.set(id, (this.#outcomes.get(id) ?? 0) + 1);
    }
  }
}
