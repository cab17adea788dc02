import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Level } from 'level';
import t, { type Test } from 'tap';
import { KIB } from '../../src/actors/index.ts';
import { BlockShelf, keyOf } from '../../src/connectivity/block-shelf.ts';
import { leafAddress } from '../../src/fabric/index.ts';
import { content } from '../conformance/content-store.ts';

const block = (name: string) => {
  const bytes = content(name, KIB);
  return { bytes, cid: leafAddress(bytes) };
};

async function directory(t: Test): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'conun-shelf-'));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

t.test('blocks that come at once stay within the quota, and the newest are there', async (t) => {
  const shelf = await BlockShelf.openAt(await directory(t), 20 * KIB);
  const blocks = Array.from({ length: 50 }, (_, number) => block(`${number}`));
  await Promise.all(blocks.map(({ cid, bytes }) => shelf.put(cid, bytes)));
  t.ok(shelf.tally.bytes <= shelf.tally.quotaBytes);
  t.same([...(await shelf.read(blocks.at(-1)!.cid))!], [...blocks.at(-1)!.bytes]);
  t.equal(await shelf.read(blocks[0]!.cid), undefined);
  await shelf.close();
});

t.test('a crash between a size and its block leaves a size, which reading forgets', async (t) => {
  const path = await directory(t);
  const { bytes, cid } = block('x');
  const first = await BlockShelf.openAt(path, 20 * KIB);
  await first.put(cid, bytes);
  await first.close();
  const store = new Level(path);
  await store.clear({ gte: '/', lt: '0' });
  await store.close();

  const second = await BlockShelf.openAt(path, 20 * KIB);
  t.ok(second.tally.has(keyOf(cid)));
  t.equal(await second.read(cid), undefined);
  t.equal(second.tally.bytes, 0);
  await second.put(cid, bytes);
  t.same([...(await second.read(cid))!], [...bytes]);
  await second.close();
});

t.test('what is not here is reported in the way that block exchange understands', async (t) => {
  const shelf = await BlockShelf.openAt(await directory(t), 20 * KIB);
  const { cid } = block('x');
  t.notOk(await shelf.has(cid));
  await t.rejects(shelf.get(cid).next(), { name: 'NotFoundError' });
  await shelf.delete(cid);
  await shelf.close();
});

t.test('counts of pins are kept, and 0 is forgotten', async (t) => {
  const path = await directory(t);
  const [one, other] = [block('one').cid, block('other').cid];
  const first = await BlockShelf.openAt(path, 20 * KIB);
  await first.setPinCount(one, 3);
  await first.setPinCount(other, 1);
  await first.setPinCount(other, 0);
  await first.close();
  const second = await BlockShelf.openAt(path, 20 * KIB);
  t.same([...(await second.pinCounts())], [[one.toString(), 3]]);
  await second.close();
});
