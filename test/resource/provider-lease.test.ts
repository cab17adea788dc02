import t from 'tap';
import type { TaskId } from '../../src/fabric/index.ts';
import { isDone, survivingLease, takenLease, unacknowledged } from '../../src/resource/provider-lease.ts';
import { grant, returnFor } from './lease-model.ts';

const { lease, epoch } = grant;
const returns = [returnFor('x' as TaskId), returnFor('y' as TaskId)];
const kept = { bundle: { lease, epoch, number: 5, returns, signature: new Uint8Array(64) }, bytes: 9 };

t.test('a fresh lease is reserved and has nothing to do', async (t) => {
  const state = takenLease(grant, 3);
  t.match(state, { phase: 'granted', reserved: true, takenAt: 3, number: 0 });
  t.ok(isDone(state));
});

t.test('what survives a crash is kept bundles, no slots and no tasks', async (t) => {
  const state = survivingLease(grant, 5, [kept], 3);
  t.match(state, { phase: 'detached', reserved: false, number: 5 });
  t.equal(unacknowledged(state), 2);
  t.notOk(isDone(state));
});

t.test('a lease is not done while anything runs, waits or is under way to the disk', async (t) => {
  t.notOk(isDone({ ...takenLease(grant, 0), running: new Set(['x' as TaskId]) }));
  t.notOk(isDone({ ...takenLease(grant, 0), ended: returns }));
  t.notOk(isDone({ ...takenLease(grant, 0), sealing: returns }));
});
