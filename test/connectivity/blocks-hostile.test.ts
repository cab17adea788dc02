/** Trees as a hostile peer makes them: each is refused with a fault, before it has cost much. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withBitswap } from '@helia/bitswap';
import { createHeliaLight } from 'helia';
import { CID } from 'multiformats/cid';
import * as raw from 'multiformats/codecs/raw';
import { identity } from 'multiformats/hashes/identity';
import t, { type Test } from 'tap';
import { KIB, MIB, systemClock } from '../../src/actors/index.ts';
import { openBlocks } from '../../src/connectivity/blocks.ts';
import type { Cid } from '../../src/fabric/index.ts';
import { content } from '../conformance/content-store.ts';
import { bareNode } from './bare-node.ts';
import { type CraftedBlock, craftFile, craftLeaf, craftNode } from './crafted-tree.ts';

/** A store of ours, connected to a peer that serves exactly the crafted blocks. */
async function facing(t: Test, crafted: readonly CraftedBlock[]) {
  const [near, far] = [await bareNode(), await bareNode()];
  const path = await mkdtemp(join(tmpdir(), 'conun-hostile-'));
  const blocks = await openBlocks({ libp2p: near, path, quotaBytes: 64 * MIB, clock: systemClock() });
  const peer = await withBitswap(Object.assign(createHeliaLight(), { libp2p: far })).start();
  for (const { cid, bytes } of crafted) await peer.blockstore.put(cid, bytes);
  await near.dial(far.getMultiaddrs());
  t.teardown(async () => {
    await blocks.close();
    await peer.stop();
    await Promise.all([near.stop(), far.stop()]);
    await rm(path, { recursive: true, force: true });
  });
  const get = (root: CraftedBlock, bytesMax: number) =>
    blocks.get(root.cid.toString() as Cid, { bytesMax, signal: new AbortController().signal });
  return { blocks, get };
}

t.test('an honest tree in another shape than ours is read', async (t) => {
  const leaves = await Promise.all(['a', 'b', 'c'].map((name) => craftLeaf(content(name, 1_000))));
  const links = leaves.map(({ cid, bytes }) => ({ cid, bytes: bytes.length }));
  const inner = await craftFile(links.slice(1));
  const root = await craftFile([links[0]!, { cid: inner.cid, bytes: 2_000 }]);
  const { get } = await facing(t, [...leaves, inner, root]);
  t.same(await get(root, 3_000), Buffer.concat(leaves.map(({ bytes }) => bytes)));
});

t.test('a root that says it is too large is not followed', async (t) => {
  const leaf = await craftLeaf(content('x', MIB));
  const root = await craftFile([{ cid: leaf.cid, bytes: MIB }]);
  const { get, blocks } = await facing(t, [leaf, root]);
  await t.rejects(get(root, MIB - 1), { code: 'FABRIC_BLOCK_TOO_LARGE' });
  t.ok(blocks.bytesUsed() < 10 * KIB, 'only the root came');
});

t.test('a root that says less than there is ends there', async (t) => {
  const leaves = await Promise.all([...'abcdefgh'].map((name) => craftLeaf(content(name, MIB))));
  const root = await craftFile(leaves.map(({ cid }) => ({ cid, bytes: 1 })));
  const { get } = await facing(t, [...leaves, root]);
  await t.rejects(get(root, 8));
});

t.test('a root that says more than there is ends there', async (t) => {
  const leaf = await craftLeaf(content('x', 10));
  const root = await craftFile([{ cid: leaf.cid, bytes: 1_000 }]);
  const { get } = await facing(t, [leaf, root]);
  await t.rejects(get(root, 1_000), { code: 'FABRIC_CID_INVALID' });
});

t.test('nodes without content do not go on for ever', async (t) => {
  const leaf = await craftLeaf(content('x', 1));
  const chain = [await craftFile([{ cid: leaf.cid, bytes: 1 }])];
  for (let depth = 0; depth < 2_000; depth++)
    chain.push(await craftFile([{ cid: chain.at(-1)!.cid, bytes: 1 }]));
  const { get } = await facing(t, [leaf, ...chain]);
  await t.rejects(get(chain.at(-1)!, 1), { code: 'FABRIC_BLOCK_TOO_LARGE' });
});

t.test('a small tree that unfolds to a huge one is cut off', async (t) => {
  const leaf = await craftLeaf(content('x', 1_000));
  let node = await craftFile([{ cid: leaf.cid, bytes: 1_000 }]);
  const nodes = [node];
  // Ten links to the same node, six times over: 10^6 reads of one leaf, said to be one byte.
  for (let depth = 0; depth < 6; depth++) {
    const { cid } = node;
    node = await craftFile(Array.from({ length: 10 }, () => ({ cid, bytes: 1 })));
    nodes.push(node);
  }
  const { get } = await facing(t, [leaf, ...nodes]);
  await t.rejects(get(node, 10));
});

t.test('a link that carries its content, and a node that is none, are refused', async (t) => {
  const carried = CID.createV1(raw.code, identity.digest(new Uint8Array(4)));
  const root = await craftFile([{ cid: carried, bytes: 4 }]);
  const garbage = await craftNode(content('garbage', 200));
  const empty = await craftNode(new Uint8Array(0));
  const { get, blocks } = await facing(t, [root, garbage, empty]);
  for (const hostile of [root, garbage, empty]) {
    await t.rejects(get(hostile, 1_000), { code: 'FABRIC_CID_INVALID' });
  }
  await t.rejects(blocks.has(garbage.cid.toString() as Cid), { code: 'FABRIC_CID_INVALID' });
  await t.rejects(blocks.pin(root.cid.toString() as Cid), { code: 'FABRIC_CID_INVALID' });
});

t.test('a directory is no content', async (t) => {
  // PBNode with Data = UnixFS { Type: Directory }.
  const directory = await craftNode(Uint8Array.from([0x0a, 0x02, 0x08, 0x01]));
  const { get } = await facing(t, [directory]);
  await t.rejects(get(directory, 1_000), { code: 'FABRIC_CID_INVALID', message: /directory/ });
});
