import t from 'tap';
import type { UnitResult } from '../../src/collective/batch.ts';
import { explainFinal, explainOpen, explainUndrawn, type Scene } from '../../src/collective/explain.ts';
import { NO_STANDING } from '../../src/collective/reputation.ts';
import { unitMachine } from '../../src/collective/unit.ts';
import { newUnit, type UnitEvent } from '../../src/collective/unit-state.ts';
import { drafts, failed, leasePlace, place, sampleSpec, unitIndex } from './fakes/samples.ts';

const spec = sampleSpec();

function unitAfter(...events: UnitEvent[]) {
  const unit = newUnit(unitIndex(0), drafts(1)[0]!, spec);
  for (const event of events) unitMachine(spec).step(unit, event, 5);
  return unit;
}

function scene(changes: Partial<Scene> = {}): Scene {
  return { spec, deal: null, delay: null, leases: [], standings: new Map(), wait: undefined, ...changes };
}

t.test('a unit that waits says for what', async (t) => {
  const told = explainOpen(unitAfter(), scene({ leases: [leasePlace('ann', 1, 0)], wait: 'all are full' }));
  t.equal(told.state, 'waiting');
  t.match(told.reasons, [/0 results are here, 2 equal ones/, /2 more replicas are wanted/, 'all are full']);
  t.match(told.candidates, [{ provider: 'peer-ann', reasons: ['is full', /runs 0 of ours/] }]);
});

t.test('who may not take it says why', async (t) => {
  const unit = unitAfter(
    { type: 'assigned', place: place('ann') },
    { type: 'assigned', place: place('bob') },
    { type: 'returned', returned: failed(1) },
  );
  const small = leasePlace('small', 1, 1);
  const leases = [
    leasePlace('ann', 1, 1),
    leasePlace('bob', 1, 1),
    leasePlace('carl', 1, 1),
    leasePlace('liar', 1, 1),
    { ...small, view: { ...small.view, capability: { ...small.view.capability, memoryBytes: 0 } } },
  ];
  const standings = new Map([[place('liar').owner, { ...NO_STANDING, excluded: 'it lied' }]]);
  const { candidates, reasons } = explainOpen(unit, scene({ leases, standings }));
  const why = Object.fromEntries(candidates.map((one) => [one.provider, one.reasons[0]]));
  t.match(why, {
    'peer-ann': 'its owner has a replica of this unit already',
    'peer-bob': /failed or lost this unit, and others are there/,
    'peer-carl': 'has room for 1',
    'peer-liar': 'its owner is excluded: it lied',
    'peer-small': /MiB are required/,
  });
  t.ok(reasons.some((line) => /1 replicas failed; more than 2 fail the unit/.test(line)));
  t.ok(
    reasons.some((line) => /replica 1 failed: .*\[FABRIC_TASK_\w+\]/.test(line)),
    reasons.join(),
  );
});

t.test('a unit that failed says why', async (t) => {
  const result: UnitResult = {
    unit: unitIndex(0),
    label: '',
    verdict: 'failed',
    digest: '',
    code: 'COLLECTIVE_UNIT_ERROR_LIMIT',
    replicas: [],
    decidedAt: 9,
  };
  const told = explainFinal(spec, result);
  t.match(told, { state: 'failed', reasons: [/than max_error_results .*\[COLLECTIVE_UNIT_ERROR_LIMIT\]/] });
  const cancelled = { ...result, verdict: 'cancelled' as const };
  t.match(explainFinal(spec, cancelled).reasons, [/ended before the unit had a verdict/]);
});

t.test('a unit that is not drawn yet says how far it is', async (t) => {
  t.match(explainUndrawn(spec, unitIndex(900), 512), {
    state: 'not drawn yet',
    reasons: [/512 units are drawn/],
  });
});
