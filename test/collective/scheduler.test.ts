import fc from 'fast-check';
import t from 'tap';
import { GIB } from '../../src/actors/index.ts';
import type { BatchId, BatchSpec } from '../../src/collective/batch.ts';
import type { LeasePlace } from '../../src/collective/directory.ts';
import { Ready } from '../../src/collective/ready.ts';
import { NO_STANDING, type Standing } from '../../src/collective/reputation.ts';
import { type Demand, type Plan, plan, queueShare } from '../../src/collective/scheduler.ts';
import { newUnit, type UnitState } from '../../src/collective/unit-state.ts';
import { unitMachine } from '../../src/collective/unit.ts';
import type { OwnerId } from '../../src/connectivity/index.ts';
import { drafts, leasePlace, place, quorumOf, sampleSpec, unitIndex } from './fakes/samples.ts';

interface Waiting {
  readonly demand: Demand;
  readonly units: readonly UnitState[];
  readonly ready: Ready;
  readonly spec: BatchSpec;
}

function waiting(count: number, changes: Partial<BatchSpec> = {}, running = 0): Waiting {
  const spec = sampleSpec({ quorum: quorumOf(1), ...changes });
  const ready = new Ready(spec.quorum.targetNresults);
  const units = drafts(count).map((draft, index) => newUnit(unitIndex(index), draft, spec));
  for (const unit of units) ready.update(unit);
  return { demand: { spec, deal: null, delay: null, ready, running }, units, ready, spec };
}

function planOf(
  batches: readonly Waiting[],
  leases: readonly LeasePlace[],
  standings = new Map<OwnerId, Standing>(),
): Plan {
  return plan({ demands: batches.map(({ demand }) => demand), leases, standings });
}

/** How many units each lease gets. */
function shares(made: Plan): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { lease, units } of made.assignments) {
    const name = lease.replace('lease-', '');
    sums[name] = (sums[name] ?? 0) + units.length;
  }
  return sums;
}

t.test('nobody gets anything when nothing waits or nobody is there', async (t) => {
  t.same(planOf([waiting(0)], [leasePlace('ann', 1, 1)]), { assignments: [], waits: [] });
  t.match(planOf([waiting(2)], []).waits, [{ replicas: 2, reason: 'no provider is here' }]);
});

t.test('every line has a reason', async (t) => {
  const made = planOf([waiting(8)], [leasePlace('ann', 1, 4), leasePlace('bob', 1, 0)]);
  t.ok(made.assignments.length > 0 && made.waits.length > 0);
  for (const { reason } of [...made.assignments, ...made.waits]) t.match(reason, /\w+ \w+/);
});

t.test('units go out in order', async (t) => {
  const made = planOf([waiting(3)], [leasePlace('ann', 3, 3)]);
  t.same(made.assignments[0]?.units, [0, 1, 2]);
});

t.test('idle slots come before queues: nobody hoards what another could run at once', async (t) => {
  const made = planOf([waiting(2)], [leasePlace('ann', 1, 10), leasePlace('bob', 1, 10)]);
  t.same(shares(made), { ann: 1, bob: 1 });
});

t.test('with much to do, the queue in front of the slots is filled', async (t) => {
  const made = planOf([waiting(1_000)], [leasePlace('ann', 2, 100)]);
  t.same(shares(made), { ann: 100 });
});

t.test('the last units wait for the slot that falls idle first', async (t) => {
  const leases = [leasePlace('ann', 1, 4, 1), leasePlace('bob', 1, 4, 1), leasePlace('carl', 1, 4, 1)];
  const made = planOf([waiting(3)], leases);
  t.same(made.assignments, []);
  t.match(made.waits[0], { replicas: 3 });
  t.equal(queueShare(3, 1, 3), 0);
});

t.test('two replicas of a unit never go to one owner', async (t) => {
  const two = waiting(3, { quorum: quorumOf(2) });
  const made = planOf(
    [two],
    [leasePlace('ann', 4, 4), leasePlace('ann2', 4, 4, 0, 'ann'), leasePlace('bob', 4, 4)],
  );
  t.equal(
    made.assignments.reduce((sum, { units }) => sum + units.length, 0),
    6,
  );
  const byUnit = new Map<number, string[]>();
  for (const { lease, units } of made.assignments)
    for (const unit of units)
      byUnit.set(unit, [...(byUnit.get(unit) ?? []), lease.startsWith('lease-ann') ? 'ann' : 'bob']);
  for (const owners of byUnit.values()) t.same(owners.toSorted(), ['ann', 'bob']);
});

t.test('a unit waits for another owner, and says so', async (t) => {
  const two = waiting(1, { quorum: quorumOf(2) });
  const made = planOf([two], [leasePlace('ann', 4, 4)]);
  t.match(made.waits, [{ replicas: 1, reason: /owners that have a replica already/ }]);
});

t.test('an owner who lost a unit gets it again only when nobody else is there', async (t) => {
  const one = waiting(1);
  const unit = one.units[0]!;
  const machine = unitMachine(one.spec);
  machine.step(unit, { type: 'assigned', place: place('ann') }, 1);
  machine.step(unit, { type: 'lost', ordinal: 0, out: false }, 2);
  one.ready.update(unit);
  t.same(shares(planOf([one], [leasePlace('ann', 1, 1)])), { ann: 1 });
  t.same(
    shares(planOf([one], [leasePlace('ann', 1, 1), leasePlace('bob', 1, 0)])),
    {},
    'bob is busy, not away',
  );
  t.same(shares(planOf([one], [leasePlace('ann', 1, 1), leasePlace('bob', 1, 1)])), { bob: 1 });
});

t.test('retries go first', async (t) => {
  const three = waiting(3);
  const last = three.units[2]!;
  const machine = unitMachine(three.spec);
  machine.step(last, { type: 'assigned', place: place('gone') }, 1);
  three.ready.update(last);
  machine.step(last, { type: 'lost', ordinal: 0, out: false }, 2);
  three.ready.update(last);
  t.same(planOf([three], [leasePlace('ann', 1, 1)]).assignments[0]?.units, [2]);
});

t.test('higher priority goes first', async (t) => {
  const low = waiting(4, { batch: 'low' as BatchId });
  const high = waiting(4, { batch: 'high' as BatchId, priority: 5 });
  t.same(
    planOf([low, high], [leasePlace('ann', 3, 3)]).assignments.map(({ batch }) => batch),
    ['high'],
  );
});

t.test('batches of one priority share evenly, also with what they have already', async (t) => {
  const one = waiting(100, { batch: 'one' as BatchId });
  const two = waiting(100, { batch: 'two' as BatchId });
  const even = planOf([one, two], [leasePlace('ann', 32, 32)]).assignments;
  t.same(
    even.map(({ units }) => units.length),
    [16, 16],
  );
  const ahead = waiting(100, { batch: 'ahead' as BatchId }, 24);
  const behind = planOf([ahead, two], [leasePlace('ann', 32, 32)]).assignments;
  t.same(behind.find(({ batch }) => batch === 'two')?.units.length, 24);
});

t.test('an excluded owner gets nothing', async (t) => {
  const standings = new Map([['owner-liar' as OwnerId, { ...NO_STANDING, excluded: 'lied' }]]);
  t.same(planOf([waiting(1)], [leasePlace('liar', 1, 1)], standings).assignments, []);
});

t.test(
  'a lease that does not meet the requirements gets nothing, and the reason says what is missing',
  async (t) => {
    const big = waiting(1, { requirements: { sandbox: 'wasm', memoryBytes: 64 * GIB } });
    t.match(planOf([big], [leasePlace('ann', 1, 1)]).waits[0]?.reason, /65536 MiB are required/);
  },
);

t.test('the best lease is asked first', async (t) => {
  const made = planOf([waiting(1)], [leasePlace('busy', 4, 4, 3), leasePlace('idle', 4, 4, 0)]);
  t.same(shares(made), { idle: 1 });
});

t.test('whatever waits and whoever is there', async () => {
  const leases = fc.array(
    fc.record({
      owner: fc.constantFrom('a', 'b', 'c', 'd'),
      slots: fc.nat(4),
      free: fc.nat(12),
      running: fc.nat(6),
    }),
    { maxLength: 8 },
  );
  const batches = fc.array(
    fc.record({
      units: fc.nat(30),
      quorum: fc.integer({ min: 1, max: 3 }),
      priority: fc.nat(2),
      running: fc.nat(9),
    }),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(leases, batches, (leases, batches) => {
      const places = leases.map(({ owner, slots, free, running }, index) =>
        leasePlace(`${index}`, slots, free, running, owner),
      );
      const wanted = batches.map(({ units, quorum, priority, running }, index) =>
        waiting(units, { batch: `b${index}` as BatchId, quorum: quorumOf(quorum), priority }, running),
      );
      return sound(planOf(wanted, places), wanted, places);
    }),
    { numRuns: 1_000 },
  );
});

/**
 * No lease over its credit, no unit more often than wanted, no owner twice on a unit; what is left over is
 * said.
 */
function sound(made: Plan, wanted: readonly Waiting[], places: readonly LeasePlace[]): boolean {
  for (const { view, free } of places) {
    const given = made.assignments.filter(({ lease }) => lease === view.lease);
    if (given.reduce((sum, { units }) => sum + units.length, 0) > free) return false;
  }
  for (const { spec, ready, units } of wanted) {
    const mine = made.assignments.filter(({ batch }) => batch === spec.batch);
    let placed = 0;
    for (const unit of units) {
      const owners = mine
        .filter((line) => line.units.includes(unit.unit))
        .map((line) => places.find(({ view }) => view.lease === line.lease)?.view.owner);
      if (owners.length > unit.wanted || new Set(owners).size < owners.length) return false;
      placed += owners.length;
    }
    const left = made.waits.find(({ batch }) => batch === spec.batch)?.replicas ?? 0;
    if (placed + left !== ready.wanted) return false;
  }
  return true;
}
