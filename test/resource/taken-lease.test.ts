import t from 'tap';
import type { TaskId } from '../../src/fabric/index.ts';
import { nothingMetered } from '../../src/resource/meter.ts';
import { takenLease } from '../../src/resource/provider-lease.ts';
import { type Taken, viewOf } from '../../src/resource/taken-lease.ts';
import { grant, returnFor } from './lease-model.ts';

t.test('a lease is shown with what runs, what waits, and how far it is', async (t) => {
  const [a, b] = ['a', 'b'] as TaskId[];
  const state = takenLease(grant, 0);
  state.running = new Set([a!, b!]);
  state.ended = [returnFor('c' as TaskId)];
  const taken: Taken = {
    grant,
    addresses: [],
    prefix: 'p',
    fractions: new Map([[b!, 0.5]]),
    state,
    link: undefined,
    reservation: undefined,
    gatheringSince: undefined,
    returned: 9,
    acknowledged: 0,
  };
  t.match(viewOf([taken], nothingMetered), {
    leases: [{ phase: 'granted', running: 2, unacknowledged: 1, returned: 9 }],
    tasks: [
      { task: 'p.a', fraction: null },
      { task: 'p.b', fraction: 0.5 },
    ],
  });
});
