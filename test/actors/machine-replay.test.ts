import t from 'tap';
import {
  decodeTurn,
  encode,
  encodeTurn,
  type Journal,
  type Machine,
  memoryJournal,
  type ReplayOptions,
  replayMachine,
} from '../../src/actors/index.ts';

interface Total {
  readonly sum: number;
  readonly at: number;
}

const adder: Machine<Total, number, string> = {
  name: 'adder',
  step: ({ sum }, event, now) => ({ state: { sum: sum + event, at: now }, effects: ['never performed'] }),
};

function number(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError('not a number');
  return value;
}

const options = (journal: Journal, more: Partial<ReplayOptions<Total, number, string>> = {}) => ({
  machine: adder,
  journal,
  stream: 'adder',
  initial: () => ({ sum: 0, at: 0 }),
  encodeEvent: (event: number) => event,
  decodeEvent: number,
  ...more,
});

const append = (journal: Journal, entry: Uint8Array) =>
  journal.commit({ entries: [{ stream: 'adder', entry }] });

t.test('an entry is a time and its events', async (t) => {
  t.same(decodeTurn(encodeTurn(1_700_000_000_123.5, ['a', { b: 1 }])), {
    now: 1_700_000_000_123.5,
    events: ['a', { b: 1 }],
  });
  for (const wrong of [null, [], ['1', []], [1, 'x'], { now: 1, events: [] }]) {
    t.throws(() => decodeTurn(encode(wrong)), TypeError);
  }
});

t.test('a stream leads to its state, at the times that were lived', async (t) => {
  const journal = memoryJournal();
  t.same(await replayMachine(options(journal)), { state: { sum: 0, at: 0 }, events: 0 });
  await append(journal, encodeTurn(10, [1, 2]));
  await append(journal, encodeTurn(20, [3]));
  t.same(await replayMachine(options(journal)), { state: { sum: 6, at: 20 }, events: 3 });
});

t.test('a snapshot is where it begins, and events since it are counted', async (t) => {
  const journal = memoryJournal();
  await journal.commit({ snapshots: [{ stream: 'adder', state: encode([100, 5]) }] });
  await append(journal, encodeTurn(10, [1]));
  const decodeState = (value: unknown): Total => {
    const [sum, at] = value as [number, number];
    return { sum, at };
  };
  t.same(await replayMachine(options(journal, { decodeState })), { state: { sum: 101, at: 10 }, events: 1 });
  await t.rejects(
    replayMachine(options(journal)),
    { code: 'ACTORS_ENTRY_UNREADABLE' },
    'not without its codec',
  );
});

t.test('commits that were called before are waited for', async (t) => {
  const disk = Promise.withResolvers<void>();
  const journal = memoryJournal({ sync: () => disk.promise });
  void append(journal, encodeTurn(10, [7]));
  const replayed = replayMachine(options(journal));
  disk.resolve();
  t.same((await replayed).state.sum, 7);
});

t.test('what this version cannot read is a fault that names the stream', async (t) => {
  for (const entry of [encodeTurn(1, ['text']), encode('nonsense'), new Uint8Array([0xff])]) {
    const journal = memoryJournal();
    await append(journal, entry);
    await t.rejects(replayMachine(options(journal)), {
      code: 'ACTORS_ENTRY_UNREADABLE',
      message: /The journal stream adder holds .+: .+/,
    });
  }
});
