import type { CID } from 'multiformats/cid';
import t from 'tap';
import { type PinCounts, Pins } from '../../src/connectivity/pins.ts';
import { BlockTally, fabricErrors, leafAddress, parseAddress } from '../../src/fabric/index.ts';
import { content } from '../conformance/content-store.ts';

const [one, other, absent] = ['one', 'other', 'absent'].map((name) => leafAddress(content(name, 1)));

/** `one` and `other` share the block `b`. */
const trees = new Map([
  [one!.toString(), ['a', 'b']],
  [other!.toString(), ['b', 'c']],
]);

function shelf(counts = new Map<string, number>()) {
  const tally = new BlockTally(3_000);
  for (const key of ['a', 'b', 'c']) tally.add(key, 0);
  const store: PinCounts = {
    pinCounts: async () => counts,
    setPinCount: async (root, count) =>
      void (count === 0 ? counts.delete(`${root}`) : counts.set(`${root}`, count)),
  };
  const walk = async (root: CID) => trees.get(root.toString());
  const open = () => Pins.open({ counts: store, tally, walk, parse: parseAddress });
  const loose = () =>
    ['a', 'b', 'c'].filter((key) =>
      tally.victimsFor(tally.quotaBytes - tally.heldBytes - 256)?.includes(key),
    );
  return { counts, store, open, loose };
}

t.test('blocks of a pinned tree are held until no tree needs them', async (t) => {
  const { open, loose, counts } = shelf();
  const pins = await open();
  await pins.pin(one!);
  await pins.pin(one!);
  await pins.pin(other!);
  t.same(loose(), []);
  await pins.unpin(one!);
  t.same(loose(), []);
  await pins.unpin(one!);
  t.same(loose(), ['a'], 'b belongs to the other one too');
  t.same([...counts], [[other!.toString(), 1]]);
  await pins.unpin(other!);
  await pins.unpin(other!);
  t.same(loose(), ['a', 'b', 'c']);
  t.equal(counts.size, 0);
});

t.test('what was pinned before is held again, though part of it may be lost', async (t) => {
  const { open, loose } = shelf(new Map([one!, absent!].map((root) => [root.toString(), 1])));
  const pins = await open();
  t.same(loose(), ['c']);
  await pins.unpin(absent!);
  await pins.unpin(one!);
  t.same(loose(), ['a', 'b', 'c']);
});

t.test('what is not here is not pinned', async (t) => {
  const { open, counts } = shelf();
  const pins = await open();
  await t.rejects(pins.pin(absent!), { code: 'FABRIC_BLOCK_MISSING' });
  t.equal(counts.size, 0);
});

t.test('a pin that cannot be written down is none', async (t) => {
  const { open, loose, store } = shelf();
  const pins = await open();
  const { setPinCount } = store;
  store.setPinCount = () => Promise.reject(fabricErrors.FABRIC_STORE_FULL());
  await t.rejects(pins.pin(one!), { code: 'FABRIC_STORE_FULL' });
  t.same(loose(), ['a', 'b', 'c']);
  store.setPinCount = setPinCount;
  await pins.pin(one!);
  await pins.unpin(one!);
  t.same(loose().length, 3, 'one unpin undoes the one pin');
});
