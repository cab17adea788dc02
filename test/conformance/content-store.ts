/** What every binding of the `ContentStore` port promises. */

import type { Test } from 'tap';
import { type Bytes, KIB, MIB, seededRandom } from '../../src/actors/index.ts';
import { type Cid, type ContentStore, INLINE_BYTES_MAX } from '../../src/fabric/index.ts';

export interface MeasuredStore extends ContentStore {
  readonly quotaBytes: Bytes;
  bytesUsed(): Bytes;
}

/** A fresh and empty store, closed by the test's end. */
export type MakeStore = (t: Test, quotaBytes: Bytes) => Promise<MeasuredStore>;

export async function contentStoreConformance(t: Test, makeStore: MakeStore): Promise<void> {
  await t.test('contents', (t) => contentTests(t, makeStore));
  await t.test('refusals', (t) => refusalTests(t, makeStore));
  await t.test('quota', (t) => quotaTests(t, makeStore));
  await t.test('pins', (t) => pinTests(t, makeStore));
}

/** Bytes that no compression makes smaller, another for each name. */
export function content(name: string, length: Bytes): Uint8Array {
  return seededRandom(name).bytes(length);
}

const plenty = 64 * MIB;
const whole = () => ({ bytesMax: plenty, signal: new AbortController().signal });
const lost = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy' as Cid;

async function contentTests(t: Test, makeStore: MakeStore): Promise<void> {
  await t.test('what was put is got again, whatever its size', async (t) => {
    const store = await makeStore(t, plenty);
    for (const length of [0, 1, INLINE_BYTES_MAX + 1, MIB, MIB + 1, 5 * MIB]) {
      const bytes = content('x', length);
      const cid = await store.put(bytes);
      t.ok(Buffer.from(bytes).equals(await store.get(cid, whole())), `${length} bytes`);
      t.ok(await store.has(cid));
    }
  });

  await t.test('equal bytes have equal addresses, and take room once', async (t) => {
    const store = await makeStore(t, plenty);
    const first = await store.put(content('x', 3 * MIB));
    const used = store.bytesUsed();
    t.equal(await store.put(content('x', 3 * MIB)), first);
    t.equal(store.bytesUsed(), used);
    t.not(await store.put(content('y', 3 * MIB)), first);
  });

  await t.test('addresses are of version 1 in base32; small contents are one raw leaf', async (t) => {
    const store = await makeStore(t, plenty);
    const cid = await store.put(new TextEncoder().encode('hello world'));
    t.equal(cid, 'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e');
  });

  await t.test('bytes that were handed out or in are the caller’s to change', async (t) => {
    const store = await makeStore(t, plenty);
    const bytes = content('x', 1_000);
    const cid = await store.put(bytes);
    bytes.fill(0);
    const got = await store.get(cid, whole());
    t.ok(Buffer.from(got).equals(content('x', 1_000)));
    got.fill(0);
    t.ok(Buffer.from(await store.get(cid, whole())).equals(content('x', 1_000)));
  });
}

async function refusalTests(t: Test, makeStore: MakeStore): Promise<void> {
  await t.test('what is larger than allowed is not handed out', async (t) => {
    const store = await makeStore(t, plenty);
    for (const length of [100, 3 * MIB]) {
      const cid = await store.put(content('x', length));
      const options = { ...whole(), bytesMax: length - 1 };
      await t.rejects(store.get(cid, options), { code: 'FABRIC_BLOCK_TOO_LARGE' });
      t.equal((await store.get(cid, { ...options, bytesMax: length })).length, length);
    }
  });

  await t.test('what nobody has is missing when the caller gives up', async (t) => {
    const store = await makeStore(t, plenty);
    t.notOk(await store.has(lost));
    const giveUp = new AbortController();
    const missing = t.rejects(store.get(lost, { ...whole(), signal: giveUp.signal }), {
      code: 'FABRIC_BLOCK_MISSING',
    });
    setImmediate(() => giveUp.abort());
    await missing;
    await t.rejects(store.get(lost, { ...whole(), signal: AbortSignal.abort() }), {
      code: 'FABRIC_BLOCK_MISSING',
    });
  });

  await t.test('what is no address of ours is refused', async (t) => {
    const store = await makeStore(t, plenty);
    const refused = [
      '',
      'hello',
      'x'.repeat(10_000),
      // Version 0; base58; identity hash; DAG-CBOR.
      'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG',
      'zb2rhe5P4gXftAwvA4eXQ5HJwsER2owDyS9sKaQRRVQPn93bA',
      'bafkqabimvwgy3yk',
      'bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua',
    ];
    for (const cid of refused as Cid[]) {
      const acts: (() => Promise<unknown>)[] = [
        () => store.get(cid, whole()),
        () => store.has(cid),
        () => store.pin(cid),
      ];
      for (const act of acts) {
        await t.rejects(act(), { code: 'FABRIC_CID_INVALID' }, cid.slice(0, 20));
      }
    }
  });
}

async function quotaTests(t: Test, makeStore: MakeStore): Promise<void> {
  const quota = 10 * MIB;
  const put = (store: ContentStore, name: string, length = 2 * MIB) => store.put(content(name, length));

  await t.test('it never holds more than its quota; what was used longest ago goes', async (t) => {
    const store = await makeStore(t, quota);
    const kept = await put(store, 'kept');
    for (let number = 0; number < 10; number++) {
      await put(store, `one of many ${number}`);
      await store.get(kept, whole());
      t.ok(store.bytesUsed() <= quota);
    }
    t.ok(await store.has(kept), 'it was used all the time');
    t.ok(await store.has(await put(store, 'one of many 9')));
    t.ok(store.bytesUsed() > quota / 2, 'and room is used');
  });

  await t.test('what does not fit at all is refused, and nothing goes for it', async (t) => {
    const store = await makeStore(t, quota);
    const kept = await put(store, 'kept');
    await t.rejects(put(store, 'huge', 11 * MIB), { code: 'FABRIC_STORAGE_QUOTA' });
    t.ok(await store.has(kept));
  });

  await t.test('what would fit but for what each block takes besides is refused', async (t) => {
    const store = await makeStore(t, quota);
    await t.rejects(put(store, 'x', quota - 100), { code: 'FABRIC_STORAGE_QUOTA' });
    await put(store, 'x', quota - 100 * KIB);
  });

  await t.test('tiny contents count for more than their bytes', async (t) => {
    const store = await makeStore(t, 100 * KIB);
    for (let number = 0; number < 1_000; number++) await store.put(content(`tiny ${number}`, 4));
    t.ok(store.bytesUsed() <= 100 * KIB);
    t.notOk(await store.has(await makeAddress(makeStore, t, 'tiny 0', 4)));
  });
}

async function pinTests(t: Test, makeStore: MakeStore): Promise<void> {
  const quota = 10 * MIB;
  const flood = async (store: ContentStore) => {
    for (let number = 0; number < 12; number++) await store.put(content(`flood ${number}`, MIB));
  };

  await t.test('what is pinned stays until as many unpins follow', async (t) => {
    const store = await makeStore(t, quota);
    const cid = await store.put(content('pinned', 3 * MIB));
    await store.pin(cid);
    await store.pin(cid);
    await flood(store);
    t.ok(await store.has(cid));
    await store.unpin(cid);
    await flood(store);
    t.ok(await store.has(cid), 'one pin is left');
    await store.unpin(cid);
    await flood(store);
    t.notOk(await store.has(cid));
  });

  await t.test('nothing goes for what does not fit beside the pins', async (t) => {
    const store = await makeStore(t, quota);
    const pinned = await store.put(content('pinned', 6 * MIB));
    await store.pin(pinned);
    const loose = await store.put(content('loose', MIB));
    await t.rejects(store.put(content('more', 5 * MIB)), { code: 'FABRIC_STORAGE_QUOTA' });
    t.ok(await store.has(pinned));
    t.ok(await store.has(loose));
    await store.unpin(pinned);
    await store.put(content('more', 5 * MIB));
  });

  await t.test('what is not here cannot be pinned, and unpinning it does nothing', async (t) => {
    const store = await makeStore(t, quota);
    await t.rejects(store.pin(lost), { code: 'FABRIC_BLOCK_MISSING' });
    await store.unpin(lost);
  });

  await t.test('pins of contents that share blocks are counted apart', async (t) => {
    const store = await makeStore(t, quota);
    const shared = content('shared', 2 * MIB);
    const one = await store.put(shared);
    const other = await store.put(Buffer.concat([shared, content('tail', MIB)]));
    await store.pin(one);
    await store.pin(other);
    await store.unpin(one);
    await flood(store);
    t.ok(await store.has(other));
    await store.unpin(other);
    await flood(store);
    t.notOk(await store.has(other));
  });
}

/** The address of a content, found in another store of the same kind. */
async function makeAddress(makeStore: MakeStore, t: Test, name: string, length: Bytes): Promise<Cid> {
  return (await makeStore(t, plenty)).put(content(name, length));
}
