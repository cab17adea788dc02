import t from 'tap';
import { GIB } from '../../src/actors/index.ts';
import { unmet } from '../../src/collective/requirements.ts';
import { leaseView } from './fakes/samples.ts';

const requirements = { sandbox: 'wasm' as const, memoryBytes: GIB };

t.test('a lease that has what is required meets it', async (t) => {
  t.equal(unmet(requirements, leaseView('ann', 2)), undefined);
});

t.test('what is missing is said', async (t) => {
  const view = leaseView('ann', 2);
  const without = { ...view, capability: { ...view.capability, sandboxes: [] } };
  const small = { ...view, capability: { ...view.capability, memoryBytes: GIB } };
  t.equal(unmet(requirements, without), 'has no wasm sandbox');
  t.equal(unmet(requirements, small), 'has 512 MiB a slot, and 1024 MiB are required');
  t.equal(unmet(requirements, { ...view, slots: 0 }), 'the lease has no slots');
});
