import { createHeliaLight } from 'helia';
import type { CID } from 'multiformats/cid';
import t from 'tap';
import { leavesOf, linksIn, readLeaves } from '../../src/connectivity/content-tree.ts';
import { DAG_PB, leafAddress } from '../../src/fabric/index.ts';
import { content } from '../conformance/content-store.ts';
import { type CraftedBlock, craftFile, craftLeaf, craftNode } from './crafted-tree.ts';

const codec = await createHeliaLight().getCodec(DAG_PB);
const leaves = await Promise.all(
  Array.from({ length: 40 }, (_, number) => craftLeaf(content(`${number}`, number))),
);
const whole = Buffer.concat(leaves.map(({ bytes }) => bytes));
const link = ({ cid, bytes }: CraftedBlock) => ({ cid, bytes: bytes.length });

function reader(blocks: readonly CraftedBlock[]) {
  const known = new Map(blocks.map(({ cid, bytes }) => [cid.toString(), bytes]));
  const asked: string[] = [];
  const read = async (cid: CID) => {
    asked.push(cid.toString());
    const bytes = known.get(cid.toString());
    if (bytes === undefined) throw new Error('not here');
    return bytes;
  };
  return { read, asked };
}

t.test('leaves are found in the order of the content, however deep they are', async (t) => {
  const low = await craftFile(leaves.slice(3, 10).map(link));
  const middle = await craftFile([link(leaves[2]!), link(low), link(leaves[10]!)]);
  const root = await craftFile([
    ...leaves.slice(0, 2).map(link),
    link(middle),
    ...leaves.slice(11).map(link),
  ]);
  const { read, asked } = reader([root, middle, low]);
  const found = await leavesOf(root.cid, codec, read);
  t.same(
    found.map(String),
    leaves.map(({ cid }) => cid.toString()),
  );
  t.equal(asked.length, 3, 'only inner nodes are read');
});

t.test('leaves are read in order, a bounded number ahead', async (t) => {
  let running = 0;
  let most = 0;
  const { read } = reader(leaves);
  const slow = async (cid: CID) => {
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    running -= 1;
    return read(cid);
  };
  const cids = leaves.map(({ cid }) => cid);
  t.same(Buffer.from(await readLeaves(cids, whole.length, slow)), whole);
  t.equal(most, 32);
});

t.test('more or less than was said is refused', async (t) => {
  const { read } = reader(leaves);
  const cids = leaves.map(({ cid }) => cid);
  for (const size of [whole.length - 1, whole.length + 1]) {
    await t.rejects(readLeaves(cids, size, read), { code: 'FABRIC_CID_INVALID' });
  }
  await t.rejects(readLeaves([], 1, read), { code: 'FABRIC_CID_INVALID' });
  t.equal((await readLeaves([], 0, read)).length, 0);
});

t.test('when one leaf cannot be read, the others have ended before the caller hears of it', async (t) => {
  const { read } = reader(leaves.slice(1));
  let running = 0;
  const slow = async (cid: CID) => {
    running += 1;
    // The first one fails at once, the others take their time.
    if (!cid.equals(leaves[0]!.cid)) await new Promise(setImmediate);
    return read(cid).finally(() => {
      running -= 1;
    });
  };
  const cids = leaves.map(({ cid }) => cid);
  await t.rejects(readLeaves(cids, whole.length, slow), { message: 'not here' });
  t.equal(running, 0);
});

t.test('bytes that are no node have no links', async (t) => {
  const garbage = await craftNode(content('garbage', 100));
  t.throws(() => linksIn(garbage.cid, garbage.bytes, codec), { code: 'FABRIC_CID_INVALID' });
  const root = await craftFile([{ cid: leafAddress(new Uint8Array(1)), bytes: 1 }]);
  t.equal(linksIn(root.cid, root.bytes, codec).length, 1);
});
