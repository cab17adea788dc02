import t from 'tap';
import { serveFake } from '../api-fixture.ts';
import { conun } from '../cli-fixture.ts';
import { BATCH, batchView } from '../fake-node.ts';

t.test('a batch is cancelled with a reason', async (t) => {
  const { node, home } = await serveFake(t.teardown);
  node.change(batchView());
  t.equal((await conun(['cancel', BATCH, '--home', home])).out, `${BATCH} is cancelled.\n`);
  t.equal(node.batches.get(BATCH)?.reason, 'cancelled by its researcher');
  await conun(['cancel', BATCH, '--reason', 'typo', '--home', home]);
  t.equal(node.batches.get(BATCH)?.reason, 'typo');
});
