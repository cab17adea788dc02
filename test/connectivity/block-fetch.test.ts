import type { CID } from 'multiformats/cid';
import t from 'tap';
import { simulatedClock } from '../../src/actors/index.ts';
import { BlockFetch, NOTHING_CAME_MS_MAX } from '../../src/connectivity/block-fetch.ts';
import type { PeerId } from '../../src/connectivity/channel.ts';
import { fabricErrors, leafAddress } from '../../src/fabric/index.ts';

const block = new TextEncoder().encode('block');
const cid = leafAddress(block);
const other = leafAddress(new TextEncoder().encode('other'));
const [ada, berta] = ['ada' as PeerId, 'berta' as PeerId];
const nextPass = () => new Promise(setImmediate);

/** A network that answers when it is told to, and remembers what it was asked. */
function network() {
  const clock = simulatedClock(0);
  const asked: {
    cid: CID;
    signal: AbortSignal;
    answer: (block: Uint8Array) => void;
    fail: (error: Error) => void;
  }[] = [];
  const askedOne: { peer: PeerId; answer: (block: Uint8Array | undefined) => void }[] = [];
  const fetch = new BlockFetch(
    {
      askAll(cid, signal) {
        const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
        signal.addEventListener('abort', () => reject(signal.reason));
        asked.push({ cid, signal, answer: resolve, fail: reject });
        return promise;
      },
      askOne: (peer) => new Promise((answer) => void askedOne.push({ peer, answer })),
    },
    clock,
  );
  return { clock, asked, askedOne, fetch };
}

t.test('however many wait for a block, it is asked for once', async (t) => {
  const { asked, fetch } = network();
  const signals = [1, 2, 3].map(() => new AbortController());
  const gets = signals.map(({ signal }) => fetch.get(cid, signal));
  signals[0]!.abort();
  await t.rejects(gets[0]!);
  t.equal(asked.length, 1);
  t.notOk(asked[0]!.signal.aborted, 'others still wait');
  asked[0]!.answer(block);
  t.same(await Promise.all(gets.slice(1)), [block, block]);
  void fetch.get(cid, new AbortController().signal);
  t.equal(asked.length, 2, 'what was answered is forgotten');
});

t.test('when the last one leaves, it is no longer wanted; who comes later asks anew', async (t) => {
  const { asked, fetch } = network();
  const giveUp = new AbortController();
  const get = fetch.get(cid, giveUp.signal);
  giveUp.abort();
  await t.rejects(get);
  t.ok(asked[0]!.signal.aborted);
  const again = fetch.get(cid, new AbortController().signal);
  t.equal(asked.length, 2);
  asked[1]!.answer(block);
  t.equal(await again, block);
});

t.test('a question that stays without answer is put again', async (t) => {
  const { asked, clock, fetch } = network();
  const get = fetch.get(cid, new AbortController().signal);
  clock.advance(3_000);
  await nextPass();
  t.ok(asked[0]!.signal.aborted);
  clock.advance(50);
  await nextPass();
  t.equal(asked.length, 2);
  asked[1]!.fail(new Error('the stream broke'));
  await nextPass();
  clock.advance(50);
  await nextPass();
  asked[2]!.answer(block);
  t.equal(await get, block);
});

t.test('a block that cannot be stored is not asked for again', async (t) => {
  const { asked, fetch } = network();
  const get = fetch.get(cid, new AbortController().signal);
  asked[0]!.fail(fabricErrors.FABRIC_STORAGE_QUOTA());
  await t.rejects(get, { code: 'FABRIC_STORAGE_QUOTA' });
  t.equal(asked.length, 1);
});

t.test('who has given up before asks nobody', async (t) => {
  const { asked, fetch } = network();
  await t.rejects(fetch.get(cid, AbortSignal.abort()));
  t.equal(asked.length, 0);
});

t.test('whoever is said to have a block is asked first, and alone', async (t) => {
  const { asked, askedOne, fetch } = network();
  const { signal } = new AbortController();
  const gets = [fetch.get(cid, signal, ada), fetch.get(cid, signal, berta)];
  t.equal(askedOne.length, 1);
  askedOne[0]!.answer(undefined);
  await nextPass();
  t.equal(askedOne[1]!.peer, berta, 'the next one, whom another caller named');
  askedOne[1]!.answer(block);
  t.same(await Promise.all(gets), [block, block]);
  t.same(asked, []);
});

t.test('when they do not give it, all are asked', async (t) => {
  const { asked, askedOne, fetch } = network();
  const get = fetch.get(cid, new AbortController().signal, ada);
  askedOne[0]!.answer(undefined);
  await nextPass();
  asked[0]!.answer(block);
  t.equal(await get, block);
});

t.test(
  'a fetch to which nothing comes fails, to be tried again; one that waits for its turn does not',
  async (t) => {
    const { asked, askedOne, clock, fetch } = network();
    const { signal } = new AbortController();
    const waiting = fetch.get(other, signal, ada);
    const rejected = t.rejects(fetch.get(cid, signal), { code: 'FABRIC_BLOCK_MISSING', retry: true });
    for (let ms = 0; ms < NOTHING_CAME_MS_MAX; ms += 3_050) {
      clock.advance(3_000);
      await nextPass();
      clock.advance(50);
      await nextPass();
    }
    await rejected;
    t.ok(asked.every(({ signal }) => signal.aborted));
    askedOne[0]!.answer(block);
    t.equal(await waiting, block);
  },
);
