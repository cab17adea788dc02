import type { CID } from 'multiformats/cid';
import t from 'tap';
import { simulatedClock } from '../../src/actors/index.ts';
import { BlockFetch } from '../../src/connectivity/block-fetch.ts';
import { fabricErrors, leafAddress } from '../../src/fabric/index.ts';

const block = new TextEncoder().encode('block');
const cid = leafAddress(block);
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
  const fetch = new BlockFetch((cid, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    signal.addEventListener('abort', () => reject(signal.reason));
    asked.push({ cid, signal, answer: resolve, fail: reject });
    return promise;
  }, clock);
  return { clock, asked, fetch };
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
