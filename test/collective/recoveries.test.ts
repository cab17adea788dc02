import t from 'tap';
import type { BatchId } from '../../src/collective/batch.ts';
import { Recoveries } from '../../src/collective/recoveries.ts';
import { place, unitIndex } from './fakes/samples.ts';

const batch = 'b1' as BatchId;
const { provider } = place('gone');

t.test('a loss is recovered when the last of its units has a place again', async (t) => {
  const recoveries = new Recoveries();
  recoveries.lost(batch, provider, [unitIndex(1), unitIndex(2)], 100);
  t.same(recoveries.settled(batch, [unitIndex(1)], 150), []);
  t.same(recoveries.settled('other' as BatchId, [unitIndex(2)], 150), []);
  t.same(recoveries.settled(batch, [unitIndex(2)], 160), [{ batch, provider, units: 2, silentMs: 60 }]);
  t.same(recoveries.settled(batch, [unitIndex(2)], 170), []);
});

t.test('losing nothing is no loss', async (t) => {
  const recoveries = new Recoveries();
  recoveries.lost(batch, provider, [], 100);
  t.same(recoveries.settled(batch, [unitIndex(1)], 150), []);
});
