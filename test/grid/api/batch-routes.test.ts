import { buffer } from 'node:stream/consumers';
import t from 'tap';
import type { Cid } from '../../../src/fabric/index.ts';
import { serveFake } from '../api-fixture.ts';
import { BATCH, batchView, unitResult } from '../fake-node.ts';

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

t.test('a batch has a deal where it is paid for; an unknown one is a fault', async (t) => {
  const { client, node } = await serveFake(t.teardown);
  node.change(batchView());
  t.match(await client.deal(BATCH), { terms: { budget: '100' } });
  node.change(batchView({ batch: 'bother' as typeof BATCH }));
  t.equal(await client.deal('bother'), null);
  await t.rejects(client.deal('bunknown'), { name: 'Fault' });
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

t.test('units come without their outputs unless asked for', async (t) => {
  const { client, node } = await serveFake(t.teardown);
  node.change(batchView());
  node.unitResults.push(unitResult(0), unitResult(1), unitResult(2));
  const [first] = await client.units(BATCH, { after: 0, limit: 1 });
  t.equal(first?.unit, 1);
  t.equal(first?.output, undefined);
  const [whole] = await client.units(BATCH, { outputs: true });
  t.same(whole?.output?.stdout, new Uint8Array([0, 255]), 'bytes survive JSON');
});
