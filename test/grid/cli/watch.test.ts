import t from 'tap';
import type { BatchId, UnitIndex } from '../../../src/collective/index.ts';
import { serveFake } from '../api-fixture.ts';
import { conun } from '../cli-fixture.ts';
import { BATCH, batchView, counts, type FakeNode, OTHER_PEER, OWNER } from '../fake-node.ts';

async function followed(node: FakeNode): Promise<void> {
  while (node.followers === 0) await new Promise(setImmediate);
}

t.test('progress, liars and losses are told until the end', async (t) => {
  const { node, home } = await serveFake(t.teardown);
  node.change(batchView({ counts: counts(0, 100) }));
  const watching = conun(['watch', BATCH, '--home', home]);
  await followed(node);
  for (let agreed = 1; agreed < 100; agreed++) node.change(batchView({ counts: counts(agreed, 100) }));
  const about = { batch: BATCH, provider: OTHER_PEER };
  node.tell({ type: 'discredited', ...about, unit: 3 as UnitIndex, owner: OWNER });
  node.tell({ type: 'recovered', ...about, units: 5, silentMs: 12_300 });
  node.change(batchView({ phase: 'done', counts: counts(100, 100) }));
  const { code, err, out } = await watching;
  t.equal(code, 0);
  t.equal(out, '', 'progress is not output');
  t.match(err, /unit 3: …herNodeOther returned a wrong result/);
  t.match(err, /…herNodeOther is gone; 5 units recovered after 12\.3 s/);
  t.match(err, /bunny 100\/100 done/);
  t.ok(err.split('\n').length < 20, 'a line for each tenth, not for each unit');
});

t.test('with --json each change is a line', async (t) => {
  const { node, home } = await serveFake(t.teardown);
  node.change(batchView());
  const watching = conun(['watch', BATCH, '--home', home, '--json']);
  await followed(node);
  node.change(batchView({ phase: 'cancelled', reason: 'enough' }));
  const { code, out } = await watching;
  t.equal(code, 4);
  const phases = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).view.phase);
  t.equal(phases.at(-1), 'cancelled');
});

t.test('without a batch it watches all that are open', async (t) => {
  const { client, node, home } = await serveFake(t.teardown);
  t.match(await conun(['watch', '--home', home]), { code: 0, err: /No batch is open/ });
  const other = 'bother' as BatchId;
  node.change(batchView());
  node.change(batchView({ batch: other, name: 'other' }));
  const watching = conun(['watch', '--home', home]);
  await followed(node);
  node.change(batchView({ phase: 'done', counts: counts(4) }));
  for (let question = 0; question < 5; question++) await client.node();
  t.equal(node.followers, 1, 'it stays for the other');
  node.change(batchView({ batch: other, name: 'other', phase: 'done', counts: counts(4) }));
  t.match(await watching, { code: 0, err: /other 4\/4 done/ });
});

t.test('leaving early is not an error of the batch', async (t) => {
  const { node, home } = await serveFake(t.teardown);
  node.change(batchView());
  const leave = new AbortController();
  const watching = conun(['watch', BATCH, '--home', home], { signal: leave.signal });
  await followed(node);
  leave.abort();
  t.equal((await watching).code, 130);
  t.equal((await conun(['watch', 'none', '--home', home])).code, 1, 'an unknown one is told at once');
});
