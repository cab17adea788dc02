import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextPass } from 'node:timers/promises';
import type { Libp2p } from '@libp2p/interface';
import { Level } from 'level';
import { sha256 } from 'multiformats/hashes/sha2';
import t, { type Test } from 'tap';
import { type Bytes, MIB, systemClock } from '../../src/actors/index.ts';
import { type Blocks, openBlocks } from '../../src/connectivity/blocks.ts';
import { content, contentStoreConformance } from '../conformance/content-store.ts';
import { bareNode } from './bare-node.ts';

const plenty = 64 * MIB;
const clock = systemClock();
const whole = () => ({ bytesMax: plenty, signal: new AbortController().signal });
const same = (one: Uint8Array, other: Uint8Array) => Buffer.from(one).equals(other);

async function directory(t: Test): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'conun-blocks-'));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function node(t: Test): Promise<Libp2p> {
  const libp2p = await bareNode();
  t.teardown(() => libp2p.stop());
  return libp2p;
}

async function blocksOn(t: Test, libp2p: Libp2p, quotaBytes: Bytes = plenty): Promise<Blocks> {
  const blocks = await openBlocks({ libp2p, path: await directory(t), quotaBytes, clock });
  t.teardown(() => blocks.close());
  return blocks;
}

t.test('the content store over libp2p keeps the promises of a content store', async (t) => {
  await contentStoreConformance(t, async (t, quotaBytes) => blocksOn(t, await node(t), quotaBytes));
});

t.test('content comes from a connected peer, and stays', async (t) => {
  const [near, far] = [await node(t), await node(t)];
  const [here, there] = [await blocksOn(t, near), await blocksOn(t, far)];
  const bytes = content('x', 5 * MIB);
  const cid = await there.put(bytes);
  await near.dial(far.getMultiaddrs());
  t.notOk(await here.has(cid));
  t.ok(same(await here.get(cid, whole()), bytes));
  t.ok(await here.has(cid));
  await far.stop();
  t.ok(same(await here.get(cid, whole()), bytes));
});

t.test('content that a peer gets later, or a peer that comes later, is not missed', async (t) => {
  const [near, far, late] = [await node(t), await node(t), await node(t)];
  const here = await blocksOn(t, near);
  const [there, elsewhere] = [await blocksOn(t, far), await blocksOn(t, late)];
  await near.dial(far.getMultiaddrs());
  const [one, other] = [content('one', 2 * MIB), content('other', 100)];
  const oneCid = await (await blocksOn(t, await node(t))).put(one);
  const otherCid = await elsewhere.put(other);
  const waiting = Promise.all([here.get(oneCid, whole()), here.get(otherCid, whole())]);
  await there.put(one);
  await late.dial(near.getMultiaddrs());
  const [gotOne, gotOther] = await waiting;
  t.ok(same(gotOne, one) && same(gotOther, other));
});

t.test('one caller who gives up does not spoil it for another', async (t) => {
  const [near, far] = [await node(t), await node(t)];
  const [here, there] = [await blocksOn(t, near), await blocksOn(t, far)];
  const bytes = content('x', 3 * MIB);
  const cid = await (await blocksOn(t, await node(t))).put(bytes);
  const hasty = new AbortController();
  const first = here.get(cid, { ...whole(), signal: hasty.signal });
  const second = here.get(cid, whole());
  const gaveUp = t.rejects(first, { code: 'FABRIC_BLOCK_MISSING' });
  hasty.abort();
  await gaveUp;
  const third = here.get(cid, whole());
  await there.put(bytes);
  await near.dial(far.getMultiaddrs());
  t.ok(same(await second, bytes) && same(await third, bytes));
});

t.test('a damaged block is fetched again from a peer', async (t) => {
  const { here, cid, bytes } = await damaged(t, { peer: true });
  t.ok(same(await here.get(cid, whole()), bytes));
  t.ok(same(await here.get(cid, whole()), bytes), 'and is good from then on');
});

t.test('a damaged block that nobody has is told from one that was never here', async (t) => {
  const { here, cid } = await damaged(t, { peer: false });
  const giveUp = new AbortController();
  const corrupt = t.rejects(here.get(cid, { ...whole(), signal: giveUp.signal }), {
    code: 'FABRIC_BLOCK_CORRUPT',
  });
  // The damaged block is erased when it is met.
  while (await here.has(cid)) await nextPass();
  giveUp.abort();
  await corrupt;
});

t.test('pins, quota and age survive a restart', async (t) => {
  const path = await directory(t);
  const libp2p = await node(t);
  const open = () => openBlocks({ libp2p, path, quotaBytes: 10 * MIB, clock });
  const first = await open();
  const pinned = await first.put(content('pinned', 3 * MIB));
  await first.pin(pinned);
  const old = await first.put(content('old', 3 * MIB));
  const young = await first.put(content('young', 3 * MIB));
  const used = first.bytesUsed();
  await first.close();

  const second = await open();
  t.teardown(() => second.close());
  t.equal(second.bytesUsed(), used);
  await second.put(content('new', 3 * MIB));
  t.ok(await second.has(pinned));
  t.notOk(await second.has(old), 'the oldest went');
  t.ok(await second.has(young));
  await second.unpin(pinned);
  await second.put(content('more', 8 * MIB));
  t.notOk(await second.has(pinned));
});

t.test('a store that is open already is refused', async (t) => {
  const path = await directory(t);
  const libp2p = await node(t);
  const blocks = await openBlocks({ libp2p, path, quotaBytes: plenty, clock });
  t.teardown(() => blocks.close());
  await t.rejects(openBlocks({ libp2p, path, quotaBytes: plenty, clock }), { code: 'FABRIC_STORE_LOCKED' });
});

t.test('the address of a tree is what every client with the profile of 2025 finds', async (t) => {
  const blocks = await blocksOn(t, await node(t));
  const cid = await blocks.put(new Uint8Array(2 * MIB));
  // Computed from the specifications of DAG-PB and UnixFS with a few lines of Python.
  t.equal(cid, 'bafybeiam7fzx7ebtpwnfqb4tfhcthbgihdavyir433y6dd5jjy37dftd4e');
});

/**
 * A store in which one of three leaves was damaged on disk, connected to a peer with a good copy if so
 * wished.
 */
async function damaged(t: Test, { peer }: { peer: boolean }) {
  const path = await directory(t);
  const [near, far] = [await node(t), await node(t)];
  const bytes = content('x', 3 * MIB);
  const first = await openBlocks({ libp2p: near, path, quotaBytes: plenty, clock });
  const cid = await first.put(bytes);
  await first.close();
  await damageLeaf(path, bytes.subarray(MIB, 2 * MIB));
  const here = await openBlocks({ libp2p: near, path, quotaBytes: plenty, clock });
  t.teardown(() => here.close());
  if (peer) {
    await (await blocksOn(t, far)).put(bytes);
    await near.dial(far.getMultiaddrs());
  }
  return { here, cid, bytes };
}

async function damageLeaf(path: string, leaf: Uint8Array): Promise<void> {
  const store = new Level<string, Uint8Array>(path, { valueEncoding: 'view' });
  const digest = await sha256.digest(leaf);
  for await (const [key, value] of store.iterator({ gte: '/', lt: '0' })) {
    const stored = await sha256.digest(value);
    if (!Buffer.from(stored.digest).equals(digest.digest)) continue;
    await store.put(key, value.with(7, value[7]! ^ 1));
  }
  await store.close();
}
