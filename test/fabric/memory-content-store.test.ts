import t from 'tap';
import { memoryContentStore } from '../../src/fabric/memory-content-store.ts';
import { contentStoreConformance } from '../conformance/content-store.ts';

t.test('the content store in memory keeps the promises of a content store', (t) =>
  contentStoreConformance(t, async (_, quotaBytes) => memoryContentStore({ quotaBytes })),
);

t.test('what is not here comes from a peer, and stays', async (t) => {
  const peer = memoryContentStore();
  const store = memoryContentStore({ peers: () => [memoryContentStore(), peer] });
  const cid = await peer.put(new Uint8Array([1, 2, 3]));
  t.notOk(await store.has(cid));
  const bytes = await store.get(cid, { bytesMax: 3, signal: new AbortController().signal });
  t.same([...bytes], [1, 2, 3]);
  t.ok(await store.has(cid));
});
