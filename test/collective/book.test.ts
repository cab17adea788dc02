import t from 'tap';
import {
  type Context,
  createCommitPipeline,
  type MemoryJournal,
  memoryJournal,
} from '../../src/actors/index.ts';
import { Book, type BookEffect } from '../../src/collective/book.ts';
import { recover } from '../../src/collective/broker-recovery.ts';
import { Directory } from '../../src/collective/directory.ts';
import { drafts, leaseView, place, quorumOf, sampleSpec, succeeded, unitIndex } from './fakes/samples.ts';

const context = {
  pipe: (work: Promise<unknown>) => void work,
  hold: () => () => {},
} as unknown as Pick<Context<never>, 'pipe' | 'hold'>;

/** A book whose effects are kept, and its disk. */
function scene(journal: MemoryJournal = memoryJournal()) {
  const effects: BookEffect[] = [];
  const pipeline = createCommitPipeline<BookEffect>({ journal, perform: () => {} });
  const watched = { ...pipeline, effect: (effect: BookEffect) => void effects.push(effect) };
  watched.append = (stream, entry) => pipeline.append(stream, entry);
  watched.snapshot = (stream, state) => pipeline.snapshot(stream, state);
  watched.write = (rows) => pipeline.write(rows);
  const directory = new Directory();
  const book = new Book(watched, directory, new Map());
  const commit = async () => {
    book.judge();
    book.write();
    pipeline.flush(context as never);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { book, directory, effects, commit, journal };
}

const single = sampleSpec({ quorum: quorumOf(1) });

t.test('a turn is one entry of each batch that changed', async (t) => {
  const { book, directory, commit, journal } = scene();
  directory.opened(leaseView('ann', 2), 2, 0);
  const kept = book.open(single);
  book.apply(kept, { type: 'drawn', drafts: drafts(2) });
  book.assign({ batch: single.batch, lease: place('ann').lease, units: [unitIndex(0)], reason: '' });
  await commit();
  const entries = [];
  for await (const item of journal.replay('batch/b1')) entries.push(item.kind);
  t.same(entries, ['entry', 'entry'], 'the spec, and the turn');
  t.match((await recover(journal)).batches, [{ cursor: 2, out: 1 }]);
});

t.test('an assignment is told with its replicas, unless nobody wants them by then', async (t) => {
  const { book, directory, effects } = scene();
  directory.opened(leaseView('ann', 2), 2, 0);
  const kept = book.open(single);
  book.apply(kept, { type: 'drawn', drafts: drafts(2) });
  book.assign({
    batch: single.batch,
    lease: place('ann').lease,
    units: [unitIndex(0), unitIndex(1)],
    reason: '',
  });
  t.equal(book.untold(place('ann').lease).size, 2);
  book.apply(kept, { type: 'cancelled', reason: 'no' });
  const effect = effects.find((one) => one.type === 'assign');
  t.same(effect && book.told(effect), []);
  t.equal(book.untold(place('ann').lease).size, 0);
  t.equal(kept.state.out, 0);
});

t.test('a liar is excluded from every batch in the turn that proves it', async (t) => {
  const { book, effects, commit, journal } = scene();
  const two = sampleSpec();
  const other = book.open(sampleSpec({ batch: 'b2' as never }));
  book.apply(other, { type: 'drawn', drafts: drafts(1) });
  book.apply(other, { type: 'assigned', place: place('liar'), units: [unitIndex(0)] });
  const kept = book.open(two);
  book.apply(kept, { type: 'drawn', drafts: drafts(1) });
  for (const [ordinal, name] of ['liar', 'ann', 'bob'].entries()) {
    book.apply(kept, { type: 'assigned', place: place(name), units: [unitIndex(0)] });
    const said = succeeded(ordinal, name === 'liar' ? 'wrong' : 'right');
    book.apply(kept, {
      type: 'returned',
      lease: place(name).lease,
      returns: [{ unit: unitIndex(0), ...said }],
    });
  }
  await commit();
  t.equal(other.state.window.get(unitIndex(0))?.replicas[0]?.state, 'cancelled');
  t.ok(effects.some((one) => one.type === 'tell' && one.mail.type === 'exclude'));
  const { standings } = await recover(journal);
  t.match(standings.get(place('liar').owner), { disagreed: 1, excluded: /differs from what a quorum/ });
  t.match(standings.get(place('ann').owner), { agreed: 1, excluded: null });
});

t.test(
  'a batch that has ended is kept as a snapshot, and is live while a replica of it is out',
  async (t) => {
    const { book, commit, journal } = scene();
    const kept = book.open(single);
    book.apply(kept, { type: 'drawn', drafts: drafts(1) });
    book.apply(kept, { type: 'assigned', place: place('ann'), units: [unitIndex(0)] });
    book.apply(kept, { type: 'cancelled', reason: 'enough' });
    await commit();
    t.ok(book.live.has(kept));
    book.apply(kept, { type: 'lapsed', lease: place('ann').lease });
    await commit();
    t.notOk(book.live.has(kept));
    const kinds = [];
    for await (const item of journal.replay('batch/b1')) kinds.push(item.kind);
    t.same(kinds, ['snapshot', 'entry']);
  },
);

t.test('batches that may still want work are named, the most urgent first', async (t) => {
  const { book } = scene();
  for (const [at, priority] of [0, 5, 5, 9].entries())
    book.open(sampleSpec({ batch: `b${at}` as never, priority }));
  const over = book.batches.get('b3' as never)!;
  book.apply(over, { type: 'cancelled', reason: '' });
  t.same(
    book.openBatches.map(({ state }) => state.spec.batch),
    ['b1', 'b2', 'b0'],
  );
});

t.test('a long log is replaced by the state it has made', async (t) => {
  const { book, commit, journal } = scene();
  const kept = book.open(single);
  const files = [{ path: 'in', content: { inline: new Uint8Array(16_000) } }];
  book.apply(kept, {
    type: 'drawn',
    drafts: Array.from({ length: 80 }, () => ({ args: [], files, label: '' })),
  });
  await commit();
  const kinds = [];
  for await (const item of journal.replay('batch/b1')) kinds.push(item.kind);
  t.same(kinds, ['snapshot']);
  t.match((await recover(journal)).batches, [{ cursor: 80 }]);
});
