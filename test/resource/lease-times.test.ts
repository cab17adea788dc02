import t from 'tap';
import type { TaskId } from '../../src/fabric/index.ts';
import { isGathering, tickDueAt } from '../../src/resource/lease-times.ts';
import { takenLease } from '../../src/resource/provider-lease.ts';
import type { TakenDeal } from '../../src/resource/taken-deal.ts';
import type { Taken } from '../../src/resource/taken-lease.ts';
import { paidTerms } from './paid-world.ts';
import { grant, returnFor } from './lease-model.ts';

function takenWith(running: number, ended: number, stakeLock?: bigint): Taken {
  const state = takenLease(grant, 0);
  for (let index = 0; index < running; index++) state.running.add(`r${index}` as TaskId);
  for (let index = 0; index < ended; index++) state.ended.push(returnFor(`e${index}` as TaskId));
  const deal = { record: { terms: { ...paidTerms, stakeLock: stakeLock ?? 0n } } } as TakenDeal;
  return {
    grant,
    addresses: [],
    prefix: 'p',
    fractions: new Map(),
    state,
    link: undefined,
    reservation: undefined,
    gatheringSince: undefined,
    returned: 0,
    acknowledged: 0,
    ...(stakeLock !== undefined && { deal }),
  };
}

t.test('outcomes wait for others while some are under way, up to a number and a time', async (t) => {
  t.notOk(isGathering(takenWith(0, 1), 0), 'a lone one does not wait');
  t.notOk(isGathering(takenWith(1, 64), 0));
  const taken = takenWith(1, 1);
  t.ok(isGathering(taken, 0));
  t.ok(isGathering(taken, 499));
  t.notOk(isGathering(taken, 500));
});

t.test('where each bundle takes a commitment they wait longer', async (t) => {
  const taken = takenWith(1, 64, 5n);
  t.ok(isGathering(taken, 0));
  t.ok(isGathering(taken, 1_999));
  t.notOk(isGathering(taken, 2_000));
  t.notOk(isGathering(takenWith(1, 512, 5n), 0));
  t.notOk(isGathering(takenWith(1, 64, 0n), 0), 'a deal without stake takes none');
});

t.test(
  'a lease is looked at for its heartbeat and for outcomes that wait, else as often as can be',
  async (t) => {
    const taken = takenWith(1, 1);
    t.equal(tickDueAt(taken), 0, 'it is not attached');
    taken.state.phase = 'active';
    t.equal(tickDueAt(taken), grant.heartbeatMs);
    taken.state.saidAt = 70_000;
    t.equal(tickDueAt(taken), 70_000 + grant.heartbeatMs);
    isGathering(taken, 69_000);
    t.equal(tickDueAt(taken), 69_500);
    taken.state.draining = true;
    t.equal(tickDueAt(taken), 0);
  },
);
