import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import {
  type ActorRef,
  type Behaviour,
  encode,
  type Journal,
  type Machine,
  type MachineBehaviourOptions,
  type MemoryJournal,
  machineBehaviour,
  memoryJournal,
  replayMachine,
  simulatedClock,
} from '../../src/actors/index.ts';
import { type Simulation, simulate } from './simulation.ts';

/** Keeps what it was given; an even number is a row, an odd one is sent. `-1` is a defect of the machine. */
interface Kept {
  numbers: number[];
  times: number[];
}

type Effect = { readonly row: number } | { readonly send: number };

const keeper: Machine<Kept, number, Effect> = {
  name: 'keeper',
  step(state, event, now) {
    state.numbers.push(event);
    state.times.push(now);
    if (event === -1) throw new TypeError('defect');
    return { state, effects: [event % 2 === 0 ? { row: event } : { send: event }] };
  },
};

type Options = MachineBehaviourOptions<Kept, number, Effect, number>;

function keeperOptions(journal: Journal, sent: number[], more: Partial<Options> = {}): Options {
  return {
    machine: keeper,
    journal,
    stream: 'keeper',
    initial: () => ({ numbers: [], times: [] }),
    encodeEvent: (event) => event,
    decodeEvent: Number,
    encodeState: ({ numbers, times }) => [numbers, times],
    decodeState(value) {
      const [numbers, times] = value as [number[], number[]];
      return { numbers, times };
    },
    perform: (effect) => void sent.push('send' in effect ? effect.send : Number.NaN),
    rows: (effect) =>
      'row' in effect ? { puts: [{ key: `row/${effect.row}`, value: encode(effect.row) }] } : undefined,
    ...more,
  };
}

async function rowsOf(journal: Journal): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of journal.scan('row/')) keys.push(key);
  return keys;
}

t.test('events are stepped, journalled with their rows, and then their effects are performed', async (t) => {
  const { system, dispatcher } = simulate('steps');
  const journal = memoryJournal();
  const sent: number[] = [];
  const options = keeperOptions(journal, sent);
  const ref = system.spawn('keeper', () => machineBehaviour(options));
  for (const event of [1, 2, 3, 5]) ref.tell(event);
  await dispatcher.run();
  t.same(sent, [1, 3, 5]);
  t.same(await rowsOf(journal), ['row/2']);
  const { state } = await replayMachine(options);
  t.same(state, { numbers: [1, 2, 3, 5], times: [1_000, 1_000, 1_000, 1_000] });
});

t.test('a replay repeats the times of the steps exactly, though time goes on within a turn', async (t) => {
  let now = 0;
  const clock = { ...simulatedClock(0), now: () => ++now };
  const { system, dispatcher } = simulate('moving clock', { clock });
  const lived: number[] = [];
  const options = keeperOptions(memoryJournal(), [], {
    machine: {
      ...keeper,
      step(state, event, now) {
        lived.push(now);
        return keeper.step(state, event, now);
      },
    },
  });
  const ref = system.spawn('keeper', () => machineBehaviour(options));
  for (let event = 0; event < 20; event += 1) ref.tell(event);
  await dispatcher.run();
  const times = [...lived];
  t.same((await replayMachine(options)).state.times, times);
});

t.test('nothing is performed before it is durable, while steps go on', async (t) => {
  const { system, dispatcher } = simulate('slow disk');
  const disk = Promise.withResolvers<void>();
  let syncs = 0;
  const journal = memoryJournal({ sync: () => (++syncs === 1 ? Promise.resolve() : disk.promise) });
  const sent: number[] = [];
  const stepped: number[] = [];
  const machine: typeof keeper = {
    ...keeper,
    step(state, event, now) {
      stepped.push(event);
      return keeper.step(state, event, now);
    },
  };
  const ref = system.spawn('keeper', () => machineBehaviour(keeperOptions(journal, sent, { machine })));
  await dispatcher.run();
  for (const event of [1, 3]) {
    ref.tell(event);
    await dispatcher.run();
  }
  t.same([stepped, sent], [[1, 3], []]);
  disk.resolve();
  await dispatcher.run();
  t.same(sent, [1, 3]);
});

t.test('mail waits, within the bounds of the mailbox, until the machine is replayed', async (t) => {
  const { system, dispatcher } = simulate('waiting');
  const disk = Promise.withResolvers<void>();
  const journal = memoryJournal({ sync: () => disk.promise });
  const sent: number[] = [];
  const options = keeperOptions(journal, sent);
  const ref = system.spawn('keeper', () => machineBehaviour(options), { mailboxMax: 2 });
  await dispatcher.run();
  t.same([ref.tell(1), ref.tell(3), ref.tell(5)], ['accepted', 'accepted', 'full']);
  await dispatcher.run();
  t.same(sent, []);
  disk.resolve();
  await dispatcher.run();
  t.same(sent, [1, 3]);
});

t.test('after a start the owner says what has to be done again, before any new event', async (t) => {
  const journal = memoryJournal();
  const first = simulate('first life');
  const ref = first.system.spawn('keeper', () => machineBehaviour(keeperOptions(journal, [])));
  for (const event of [1, 2]) ref.tell(event);
  await first.dispatcher.run();

  const { system, dispatcher, events } = simulate('second life');
  const sent: number[] = [];
  const resumed = ({ numbers }: Kept): Effect[] => [{ send: 100 + numbers.length }, { row: 200 }];
  const again = system.spawn('keeper', () => machineBehaviour(keeperOptions(journal, sent, { resumed })));
  again.tell(7);
  await dispatcher.run();
  t.same(sent, [102, 7], 'replayed events have no effects');
  t.same(await rowsOf(journal), ['row/2', 'row/200']);
  t.match(events.find(({ topic }) => topic === 'machine.replayed')?.details, { events: 2, stream: 'keeper' });
});

t.test('a snapshot is taken after so many events, counted over restarts', async (t) => {
  const journal = memoryJournal();
  const kinds = async () => {
    const found: string[] = [];
    for await (const { kind } of journal.replay('keeper')) found.push(kind);
    return found;
  };
  const told = async (...events: number[]) => {
    const { system, dispatcher } = simulate('snapshots');
    const ref = system.spawn('keeper', () =>
      machineBehaviour(keeperOptions(journal, [], { snapshotEvery: 4 })),
    );
    for (const event of events) {
      ref.tell(event);
      await dispatcher.run();
    }
  };
  await told(1, 2, 3);
  t.same(await kinds(), ['entry', 'entry', 'entry']);
  await told(4);
  t.same(await kinds(), ['snapshot']);
  await told(5, 6);
  t.same(await kinds(), ['snapshot', 'entry', 'entry']);
  const { state } = await replayMachine(keeperOptions(journal, []));
  t.same(state.numbers, [1, 2, 3, 4, 5, 6]);
});

t.test('snapshots without their codecs are a programmer error', async (t) => {
  const { encodeState, decodeState, ...options } = keeperOptions(memoryJournal(), []);
  t.throws(() => machineBehaviour<Kept, number, Effect>({ ...options, snapshotEvery: 4 }), {
    code: 'ACTORS_ASSERTION',
  });
});

t.test('a disk that fails stops the actor with its fault, and nothing unsaved is performed', async (t) => {
  const { system, dispatcher, events } = simulate('broken disk');
  let syncs = 0;
  const sync = async () => {
    if (++syncs > 1) throw new TypeError('disk full');
  };
  const sent: number[] = [];
  const options = keeperOptions(memoryJournal({ sync }), sent);
  const ref = system.spawn('keeper', () => machineBehaviour(options));
  ref.tell(1);
  await dispatcher.run();
  t.same(sent, []);
  const codes = events.filter(({ topic }) => topic === 'actor.failed').map(({ fault }) => fault?.code);
  t.same(codes.slice(0, 2), ['ACTORS_JOURNAL_BROKEN', 'ACTORS_JOURNAL_BROKEN']);
  t.equal(codes.at(-1), 'ACTORS_RESTARTS_EXCEEDED', 'for a journal that refuses all, restarts are no cure');
  t.equal(ref.tell(3), 'stopped');
});

t.test(
  'a defect in one event loses that event only: those before it are kept, and their work resumed',
  async (t) => {
    const { system, dispatcher } = simulate('defect');
    const journal = memoryJournal();
    const sent: number[] = [];
    const resumed = ({ numbers }: Kept): Effect[] =>
      numbers.filter((number) => number % 2 === 1).map((send) => ({ send }));
    const options = keeperOptions(journal, sent, { resumed, snapshotEvery: 2 });
    const ref = system.spawn('keeper', () => machineBehaviour(options));
    await dispatcher.run();
    for (const event of [1, 2, -1, 3]) ref.tell(event);
    await dispatcher.run();
    const { state } = await replayMachine(options);
    t.same(state.numbers, [1, 2, 3]);
    t.same(await rowsOf(journal), ['row/2']);
    t.ok(sent.includes(1) && sent.includes(3));
  },
);

t.test('a mail that is no event is answered from the state, and not journalled', async (t) => {
  type Mail = { readonly add: number } | { readonly show: (numbers: readonly number[]) => void };
  const { system, dispatcher } = simulate('questions');
  const journal = memoryJournal();
  const answers: (readonly number[])[] = [];
  const { perform, resumed, toEvent, ...options } = keeperOptions(journal, []);
  const ref = system.spawn('keeper', () =>
    machineBehaviour<Kept, number, Effect, Mail>({
      ...options,
      perform() {},
      toEvent(mail, { numbers }) {
        if ('add' in mail) return mail.add;
        mail.show([...numbers]);
        return undefined;
      },
    }),
  );
  ref.tell({ add: 4 });
  ref.tell({ show: (numbers) => answers.push(numbers) });
  await dispatcher.run();
  t.same(answers, [[4]]);
  t.same((await replayMachine(options)).events, 1);
});

t.test('a machine can drop its own stream when it is done', async (t) => {
  const { system, dispatcher } = simulate('done');
  const journal = memoryJournal();
  const rows = (effect: Effect) => ('row' in effect ? { drops: ['keeper'] } : undefined);
  const ref = system.spawn('keeper', () => machineBehaviour(keeperOptions(journal, [], { rows })));
  for (const event of [1, 2]) ref.tell(event);
  await dispatcher.run();
  t.same(await journal.streams(''), []);
});

interface Life {
  readonly simulation: Simulation;
  readonly keeper: ActorRef<number>;
  readonly state: () => Kept | undefined;
  readonly sent: number[];
}

t.test(
  'whenever the process dies, replay gives the state that was lived, and all that was sent is in it',
  async (t) => {
    const plan = fc.record({
      seed: fc.string(),
      snapshotEvery: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
      lives: fc.array(
        fc.record({
          events: fc.array(fc.nat(99), { maxLength: 30 }),
          syncsUntilDeath: fc.nat(6),
        }),
        { minLength: 1, maxLength: 4 },
      ),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ seed, snapshotEvery, lives }) => {
        let journal: MemoryJournal = memoryJournal({ sync: () => Promise.resolve(onSync()) });
        let onSync = () => {};
        let durable: number[] = [];
        for (const { events, syncsUntilDeath } of lives) {
          const { simulation, sent, state, keeper } = startKeeper(journal, seed, snapshotEvery);
          let syncs = 0;
          let dead: MemoryJournal | undefined;
          onSync = () => {
            if (++syncs > syncsUntilDeath) dead ??= journal.crash();
          };
          const ref = simulation.system.spawn('feeder', () => feeder(keeper, events));
          ref.tell('go');
          await simulation.dispatcher.runUntil(simulation.clock.now() + 1_000);
          const lived = state();
          const survivor = dead ?? journal.crash();
          onSync = () => {};
          const replayed = (await replayMachine(keeperOptions(survivor, []))).state;
          const kept = replayed.numbers;
          const isPrefix =
            lived === undefined || isDeepStrictEqual(kept, lived.numbers.slice(0, kept.length));
          const nothingLost = isDeepStrictEqual(durable, kept.slice(0, durable.length));
          const sentIsKept = sent.every((number) => kept.includes(number));
          const whole = dead !== undefined || lived === undefined || isDeepStrictEqual(lived, replayed);
          const rows = new Set(kept.filter((n) => n % 2 === 0).map((n) => `row/${n}`));
          const rowsMatch = isDeepStrictEqual(await rowsOf(survivor), [...rows].sort());
          if (!isPrefix || !nothingLost || !sentIsKept || !whole || !rowsMatch) return false;
          durable = kept;
          journal = survivor;
        }
        return true;
      }),
      { numRuns: 100 },
    );
    t.pass('for any lives');
  },
);

function startKeeper(journal: Journal, seed: string, snapshotEvery: number | undefined): Life {
  const simulation = simulate(seed);
  const sent: number[] = [];
  let state: Kept | undefined;
  const machine: typeof keeper = {
    ...keeper,
    step(before, event, now) {
      const step = keeper.step(before, event, now);
      state = step.state;
      return step;
    },
  };
  const options = keeperOptions(
    journal,
    sent,
    snapshotEvery === undefined ? { machine } : { machine, snapshotEvery },
  );
  const ref = simulation.system.spawn('keeper', () => machineBehaviour(options));
  return { simulation, keeper: ref, sent, state: () => state };
}

/** Tells the keeper an event now and then. */
function feeder(keeper: ActorRef<number>, events: readonly number[]): Behaviour<string> {
  let next = 0;
  return {
    receive(_mail, context) {
      const event = events[next++];
      if (event === undefined) return;
      keeper.tell(event);
      context.schedule(event % 3, 'next');
    },
  };
}
