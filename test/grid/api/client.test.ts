import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import t from 'tap';
import type { SignedManifest } from '../../../src/application/index.ts';
import type { Cid } from '../../../src/fabric/index.ts';
import { apiClient } from '../../../src/grid/api/client.ts';
import { serveFake, temporaryFolder } from '../api-fixture.ts';
import { BATCH, batchView, counts, PEER } from '../fake-node.ts';

t.test('a refused connection says how to start a daemon', async (t) => {
  const home = await temporaryFolder(t.teardown);
  const client = apiClient(join(home, 'none.sock'));
  await t.rejects(client.node(), { code: 'GRID_DAEMON_UNREACHABLE', todo: /conun daemon/, retry: true });
});

t.test('views of the node come back as they were', async (t) => {
  const { client, node } = await serveFake(t.teardown);
  t.equal((await client.node()).peer, PEER);
  t.same(await client.machine(), await node.machine());
  t.same(await client.tasks(), node.runningTasks);
  t.same(await client.leases(), node.heldLeases);
  t.same(await client.peers(), node.knownPeers);
  t.same(await client.providers(), node.knownProviders);
  t.equal((await client.credit())?.tasks, 12);
  t.equal((await client.apps())[0]?.app, 'render@1.0.0');
});

t.test('content goes there and back, from memory and from a stream', async (t) => {
  const { client } = await serveFake(t.teardown);
  const bytes = new Uint8Array([1, 2, 3, 255]);
  const { cid } = await client.putContent(bytes);
  t.same(new Uint8Array(await buffer(await client.getContent(cid))), bytes);
  const streamed = await client.putContent(Readable.from([Buffer.from([1, 2]), Buffer.from([3, 255])]));
  t.equal(streamed.cid, cid, 'equal bytes, equal address');
  await t.rejects(client.getContent('bafkaaaaaaaaaaaaaaaaaaaaaaaaaaaa' as Cid), { code: /UNKNOWN/ });
});

t.test('a batch is submitted, shown, explained, cancelled', async (t) => {
  const { client, node } = await serveFake(t.teardown);
  const cid = 'bafkaaaaaaaaaaaaaaaaaaaaaaaaaaaa' as Cid;
  t.equal((await client.submit({ file: 'app: render', inputs: { mesh: cid } })).batch, BATCH);
  t.same(node.submitted, [{ file: 'app: render', inputs: { mesh: cid } }]);
  t.equal((await client.batches()).length, 1);
  t.match(await client.explain(BATCH, 2), { unit: 2, state: 'waiting' });
  t.match(await client.cancel(BATCH, 'enough'), { phase: 'cancelled', reason: 'enough' });
  t.equal((await client.batch(BATCH)).phase, 'cancelled');
});

t.test('a signed manifest keeps its bytes', async (t) => {
  const { client, node } = await serveFake(t.teardown);
  const signature = new Uint8Array(64).fill(7);
  const app = { manifest: { name: 'render' }, author: PEER, signature } as unknown as SignedManifest;
  await client.publish(app);
  t.same(node.published, [app]);
});

t.test('files of a result are read by their path, inline and by address', async (t) => {
  const { client, node } = await serveFake(t.teardown);
  const large = new Uint8Array(100_000).fill(9);
  const cid = await node.content.put(large);
  node.change(
    batchView({
      phase: 'done',
      files: [
        { path: 'a dir/picture#1.png', content: { inline: new Uint8Array([5, 6]) } },
        { path: 'large.bin', content: { cid, bytes: large.length } },
      ],
    }),
  );
  t.same([...(await buffer(await client.file(BATCH, 'a dir/picture#1.png')))], [5, 6]);
  t.equal((await buffer(await client.file(BATCH, 'large.bin'))).length, 100_000);
  await t.rejects(client.file(BATCH, 'other'), { code: 'GRID_API_FILE_UNKNOWN' });
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

t.test('a daemon that goes away ends the stream with a fault', async (t) => {
  const { client, server, node } = await serveFake(t.teardown);
  node.emit({ topic: 'hello' });
  const reading = (async () => {
    for await (const _ of client.followInspection(new AbortController().signal)) await server.close();
  })();
  await t.rejects(reading, { code: 'GRID_API_INTERRUPTED' });
});

t.test('an answer that is no JSON, or no fault, is a fault of its own', async (t) => {
  const home = await temporaryFolder(t.teardown);
  const socket = join(home, 'api.sock');
  const other = createServer((request, response) => {
    response.statusCode = request.url === '/v1/node' ? 200 : 500;
    response.end(request.url === '/v1/node' ? '<html>' : '{}');
  });
  other.listen(socket);
  await once(other, 'listening');
  t.teardown(() => other.close());
  await t.rejects(apiClient(socket).node(), { code: 'GRID_API_ANSWER_INVALID' });
  await t.rejects(apiClient(socket).tasks(), { code: 'GRID_API_ANSWER_INVALID' });
});
