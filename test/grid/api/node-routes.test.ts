import t from 'tap';
import type { SignedManifest } from '../../../src/application/index.ts';
import { serveFake } from '../api-fixture.ts';
import { BATCH, batchView, counts, PEER } from '../fake-node.ts';

t.test('views of the node come back as they were', async (t) => {
  const { client, node } = await serveFake(t.teardown);
  t.equal((await client.node()).peer, PEER);
  t.same(await client.machine(), await node.machine());
  t.same(await client.tasks(), node.runningTasks);
  t.same(await client.leases(), node.heldLeases);
  t.same(await client.peers(), node.knownPeers);
  t.same(await client.providers(), node.knownProviders);
  t.equal((await client.credit())?.tasks, 12);
  t.equal((await client.earnings())?.balance, '12000');
  t.equal((await client.apps())[0]?.app, 'render@1.0.0');
});

t.test('a signed manifest keeps its bytes', async (t) => {
  const { client, node } = await serveFake(t.teardown);
  const signature = new Uint8Array(64).fill(7);
  const app = { manifest: { name: 'render' }, author: PEER, signature } as unknown as SignedManifest;
  await client.publish(app);
  t.same(node.published, [app]);
});

t.test('news begin with the batch as it is, and leave out other batches', async (t) => {
  const { client, node } = await serveFake(t.teardown);
  node.change(batchView({ counts: counts(1) }));
  node.change(batchView({ batch: 'bother' as typeof BATCH }));
  const leave = new AbortController();
  for await (const news of client.followBatches(leave.signal, BATCH)) {
    t.match(news, { type: 'changed', view: { batch: BATCH, counts: { agreed: 1 } } });
    leave.abort();
  }
});

t.test('news of batches stream until the reader leaves, and then nobody is left behind', async (t) => {
  const { client, node } = await serveFake(t.teardown);
  const leave = new AbortController();
  const seen: number[] = [];
  const reading = (async () => {
    for await (const news of client.followBatches(leave.signal)) {
      if (news.type !== 'changed') continue;
      seen.push(news.view.counts.agreed);
      if (seen.length === 3) leave.abort();
      else node.change(batchView({ counts: counts(seen.length) }));
    }
  })();
  while (node.followers === 0) await new Promise(setImmediate);
  node.change(batchView());
  await reading;
  t.same(seen, [0, 1, 2]);
  while (node.followers > 0) await new Promise(setImmediate);
});

t.test('inspection begins with what was just before', async (t) => {
  const { client, node } = await serveFake(t.teardown);
  node.emit({ topic: 'task.started', details: { task: 't1' } });
  const leave = new AbortController();
  const topics: string[] = [];
  for await (const event of client.followInspection(leave.signal)) {
    topics.push(event.topic);
    if (topics.length === 1) await client.pause('lunch');
    else leave.abort();
  }
  t.same(topics, ['task.started', 'governor.changed']);
});

t.test('shutdown is answered before it happens', async (t) => {
  let ask!: () => void;
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  const { client } = await serveFake(t.teardown, () => ({ shutdown: ask }));
  await client.shutdown();
  await asked;
});
