import t from 'tap';
import { GIB } from '../../src/actors/index.ts';
import { unmet, unopened } from '../../src/collective/requirements.ts';
import type { DealId } from '../../src/resource/index.ts';
import { leaseView } from './fakes/samples.ts';

const requirements = { sandbox: 'wasm' as const, memoryBytes: GIB };
const spec = { requirements };
const free = { spec, deal: null, delay: null };
const pay = { budget: '1', stakeLock: '0', minQuorum: 2, workS: 600, windowS: 600 };
const [ours, other] = ['0x01', '0x02'] as DealId[];

t.test('a lease that has what is required meets it', async (t) => {
  t.equal(unmet(free, leaseView('ann', 2)), undefined);
});

t.test('what is missing is said', async (t) => {
  const view = leaseView('ann', 2);
  const without = { ...view, capability: { ...view.capability, sandboxes: [] } };
  const small = { ...view, capability: { ...view.capability, memoryBytes: GIB } };
  t.equal(unmet(free, without), 'has no wasm sandbox');
  t.equal(unmet(free, small), 'has 512 MiB a slot, and 1024 MiB are required');
  t.equal(unmet(free, { ...view, slots: 0 }), 'the lease has no slots');
});

t.test('work is paid for under its own deal, and under no other', async (t) => {
  const view = leaseView('ann');
  const paid = { spec: { requirements, pay }, deal: ours!, delay: null };
  t.equal(unmet(paid, { ...view, deal: ours! }), undefined);
  t.equal(unmet({ ...paid, deal: null }, { ...view, deal: ours! }), 'the deal of the batch is not open yet');
  const delayed = { ...paid, deal: null, delay: 'the account is locked' };
  t.equal(unopened(delayed), 'the deal of the batch is not open yet: the account is locked');
  t.equal(unopened(paid), undefined);
  t.equal(unopened(free), undefined);
  t.equal(unmet(paid, { ...view, deal: other! }), 'has no part in the deal of the batch');
  t.equal(unmet(paid, view), 'has no part in the deal of the batch');
  t.equal(unmet(free, { ...view, deal: ours! }), 'works for pay, and the batch pays nothing');
});
