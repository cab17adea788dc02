import fc from 'fast-check';
import t from 'tap';
import type { Digest } from '../../src/actors/index.ts';
import type { UnitResult } from '../../src/collective/batch.ts';
import type { ReplicaReturn } from '../../src/collective/replica.ts';
import { unitMachine } from '../../src/collective/unit.ts';
import { newUnit, type UnitEffect, type UnitEvent, type UnitRule } from '../../src/collective/unit-state.ts';
import type { OwnerId } from '../../src/connectivity/index.ts';
import { cancelled, digest, drafts, failed, place, quorumOf, succeeded, unitIndex } from './fakes/samples.ts';

/** A unit to which things happen, one a millisecond. */
function told(rule: UnitRule) {
  const machine = unitMachine(rule);
  const state = newUnit(unitIndex(0), drafts(1)[0]!, rule);
  const effects: UnitEffect[] = [];
  let now = 0;
  const tell = (event: UnitEvent): readonly UnitEffect[] => {
    now += 1;
    const step = machine.step(state, event, now);
    effects.push(...step.effects);
    return step.effects;
  };
  return {
    state,
    effects,
    tell,
    assign: (...names: string[]) => {
      for (const name of names) tell({ type: 'assigned', place: place(name) });
    },
    return: (returned: ReplicaReturn) => tell({ type: 'returned', returned }),
    verdicts: (): UnitResult[] => effects.flatMap((one) => (one.type === 'verdict' ? [one.result] : [])),
    judged: () =>
      effects.flatMap((one) => (one.type === 'judged' ? [`${one.replica.place.owner} ${one.as}`] : [])),
    proven: () =>
      effects.flatMap((one) => (one.type === 'judged' && one.against ? [one.replica.place.owner] : [])),
    stopped: () => effects.flatMap((one) => (one.type === 'stop' ? [one.replica.ordinal] : [])),
  };
}

const byDigest = (minQuorum: number, more = {}): UnitRule => ({
  quorum: quorumOf(minQuorum, more),
  compare: 'digest',
});

t.test('two equal results of two owners are the verdict, with provenance', async (t) => {
  const unit = told(byDigest(2));
  unit.assign('ann', 'bob');
  unit.return(succeeded(0, 'right', 4));
  t.equal(unit.verdicts().length, 0);
  unit.return(succeeded(1, 'right', 7));
  const [result] = unit.verdicts();
  t.match(result, { verdict: 'agreed', digest: digest('right'), label: 'unit 0', decidedAt: 4 });
  t.match(result?.replicas, [
    { ordinal: 0, provider: 'peer-ann', state: 'agreed', bundle: 4, assignedAt: 1, endedAt: 3 },
    { ordinal: 1, provider: 'peer-bob', state: 'agreed', bundle: 7, assignedAt: 2, endedAt: 4 },
  ]);
  t.same(unit.judged(), ['owner-ann agreed', 'owner-bob agreed']);
});

t.test('one result is enough at quorum 1, and says nothing about its owner', async (t) => {
  const unit = told(byDigest(1));
  unit.assign('ann');
  unit.return(succeeded(0, 'right'));
  t.equal(unit.verdicts()[0]?.verdict, 'agreed');
  t.same(unit.judged(), []);
});

t.test('a liar is found by a third replica and proven wrong', async (t) => {
  const unit = told(byDigest(2));
  unit.assign('liar', 'ann');
  unit.return(succeeded(0, 'wrong'));
  unit.return(succeeded(1, 'right'));
  t.equal(unit.state.wanted, 1);
  unit.assign('bob');
  unit.return(succeeded(2, 'right'));
  t.equal(unit.verdicts()[0]?.digest, digest('right'));
  t.same(unit.proven(), ['owner-liar']);
});

t.test('a replica that is not needed any more is stopped, and judged if it comes all the same', async (t) => {
  const unit = told(byDigest(2, { targetNresults: 3 }));
  unit.assign('ann', 'bob', 'carl');
  unit.return(succeeded(0, 'right'));
  unit.return(succeeded(1, 'right'));
  t.same(unit.stopped(), [2]);
  t.equal(unit.verdicts()[0]?.replicas[2]?.state, 'cancelled');
  unit.return(succeeded(2, 'wrong'));
  t.equal(unit.verdicts().length, 1);
  t.same(unit.proven(), ['owner-carl']);
});

t.test('failures are counted, and too many of them fail the unit', async (t) => {
  const unit = told(byDigest(1, { maxErrorResults: 1 }));
  unit.assign('ann');
  unit.return(failed(0));
  t.equal(unit.state.wanted, 1);
  unit.assign('bob');
  unit.return(failed(1));
  t.match(unit.verdicts()[0], { verdict: 'failed', code: 'COLLECTIVE_UNIT_ERROR_LIMIT' });
  t.match(unit.verdicts()[0]?.replicas[0], { state: 'failed', code: 'FABRIC_TASK_TRAPPED' });
});

t.test('bytes that did not get across are no error of the unit: such a replica counts as lost', async (t) => {
  const unit = told(byDigest(1, { maxErrorResults: 0, maxTotalResults: 3 }));
  for (const [ordinal, code] of ['RESOURCE_OUTPUT_UNAVAILABLE', 'FABRIC_BLOCK_MISSING'].entries()) {
    unit.assign(ordinal === 0 ? 'ann' : 'bob');
    unit.return({ ...failed(ordinal), failure: { code, message: 'nobody sent it', stderr: '' } });
    t.equal(unit.state.wanted, 1);
  }
  t.same(unit.judged(), ['owner-ann lost', 'owner-bob lost']);
  unit.assign('carl');
  unit.return(succeeded(2, 'right'));
  t.match(unit.verdicts()[0], { verdict: 'agreed', replicas: [{ state: 'lost' }, { state: 'lost' }, {}] });
});

t.test('a lost replica is replaced and counts to the total only', async (t) => {
  const unit = told(byDigest(1, { maxErrorResults: 0, maxTotalResults: 2 }));
  unit.assign('ann');
  unit.tell({ type: 'lost', ordinal: 0, out: false });
  t.equal(unit.state.wanted, 1);
  unit.assign('bob');
  unit.tell({ type: 'lost', ordinal: 1, out: false });
  t.match(unit.verdicts()[0], { verdict: 'failed', code: 'COLLECTIVE_UNIT_TOTAL_LIMIT' });
  t.same(unit.judged(), ['owner-ann lost', 'owner-bob lost']);
});

t.test('a replica given back by its provider is replaced', async (t) => {
  const unit = told(byDigest(1));
  unit.assign('ann');
  unit.return(cancelled(0));
  t.equal(unit.state.wanted, 1);
  t.equal(unit.state.replicas[0]?.state, 'lost');
});

t.test('a result after the delay bound counts for standing, not for the verdict', async (t) => {
  const unit = told(byDigest(2));
  unit.assign('ann', 'bob');
  unit.tell({ type: 'lost', ordinal: 0, out: true });
  t.same(unit.stopped(), [0]);
  unit.return(succeeded(0, 'right'));
  unit.return(succeeded(1, 'right'));
  t.equal(unit.verdicts().length, 0);
  unit.assign('carl');
  unit.return(succeeded(2, 'right'));
  t.equal(unit.verdicts()[0]?.replicas[0]?.state, 'late');
  t.same(unit.judged(), ['owner-ann lost', 'owner-ann agreed', 'owner-bob agreed', 'owner-carl agreed']);
});

t.test('the ballot of an owner who is excluded is void and does not count against the unit', async (t) => {
  const unit = told(byDigest(2, { maxTotalResults: 2 }));
  unit.assign('liar', 'ann');
  unit.return(succeeded(0, 'wrong'));
  unit.tell({ type: 'excluded', owner: 'owner-liar' as OwnerId });
  t.equal(unit.state.wanted, 1);
  unit.assign('bob');
  unit.return(succeeded(1, 'right'));
  unit.return(succeeded(2, 'right'));
  t.equal(unit.verdicts()[0]?.digest, digest('right'));
});

t.test('a running replica of an excluded owner is stopped and replaced', async (t) => {
  const unit = told(byDigest(1));
  unit.assign('liar');
  unit.tell({ type: 'excluded', owner: 'owner-liar' as OwnerId });
  t.same(unit.stopped(), [0]);
  unit.return(succeeded(0, 'wrong'));
  t.equal(unit.verdicts().length, 0);
  t.equal(unit.state.wanted, 1);
});

t.test('the same result again changes nothing; another one is a contradiction', async (t) => {
  const unit = told(byDigest(2));
  unit.assign('ann', 'bob');
  unit.return(succeeded(0, 'right', 1));
  t.same(unit.return(succeeded(0, 'right', 2)), []);
  t.match(unit.return(succeeded(0, 'wrong', 3)), [
    { type: 'contradicted', digest: digest('wrong'), bundle: 3 },
  ]);
  t.equal(unit.state.verdict, 'pending');
});

t.test('a cancelled unit is recorded and its replicas stopped', async (t) => {
  const unit = told(byDigest(2));
  unit.assign('ann');
  unit.tell({ type: 'cancelled' });
  t.equal(unit.verdicts()[0]?.verdict, 'cancelled');
  t.same(unit.stopped(), [0]);
});

t.test("by the app's own comparison", async (t) => {
  const rule: UnitRule = { quorum: quorumOf(2), compare: 'plugin' };
  const asked = (unit: ReturnType<typeof told>) =>
    unit.effects.flatMap((one) => (one.type === 'compare' ? [one.digest] : []));

  t.test('different bytes agree when the app says so', async (t) => {
    const unit = told(rule);
    unit.assign('ann', 'bob');
    unit.return(succeeded(0, '1.00'));
    t.same(asked(unit), [], 'the first result founds a class');
    unit.return(succeeded(1, '1.01'));
    t.same(asked(unit), [digest('1.01')]);
    unit.tell({ type: 'compared', digest: digest('1.01'), same: digest('1.00') });
    t.match(unit.verdicts()[0], { verdict: 'agreed', digest: digest('1.00') });
    t.ok(unit.verdicts()[0]?.output);
  });

  t.test('equal bytes are never asked about', async (t) => {
    const unit = told(rule);
    unit.assign('ann', 'bob');
    unit.return(succeeded(0, '1.00'));
    unit.return(succeeded(1, '1.00'));
    t.equal(unit.verdicts()[0]?.verdict, 'agreed');
    t.same(asked(unit), []);
  });

  t.test('a disagreement is no proof', async (t) => {
    const unit = told(rule);
    unit.assign('ann', 'bob');
    unit.return(succeeded(0, '1.00'));
    unit.return(succeeded(1, '2.00'));
    unit.tell({ type: 'compared', digest: digest('2.00'), same: '' });
    unit.assign('carl');
    unit.return(succeeded(2, '1.00'));
    t.same(unit.judged(), ['owner-ann agreed', 'owner-bob disagreed', 'owner-carl agreed']);
    t.same(unit.proven(), []);
  });

  t.test('a class outlives the owner who founded it', async (t) => {
    const unit = told({ quorum: quorumOf(3), compare: 'plugin' });
    unit.assign('liar', 'ann', 'bob', 'carl');
    unit.return(succeeded(0, '1.00'));
    unit.return(succeeded(1, '1.01'));
    unit.tell({ type: 'compared', digest: digest('1.01'), same: digest('1.00') });
    unit.tell({ type: 'excluded', owner: 'owner-liar' as OwnerId });
    unit.return(succeeded(2, '1.02'));
    unit.tell({ type: 'compared', digest: digest('1.02'), same: digest('1.01') });
    unit.return(succeeded(3, '1.01'));
    t.match(unit.verdicts()[0], { verdict: 'agreed', digest: digest('1.01') });
  });
});

const happenings = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('assign' as const), name: fc.constantFrom('a', 'b', 'c', 'd', 'e') }),
    fc.record({
      do: fc.constant('return' as const),
      ordinal: fc.nat(7),
      said: fc.constantFrom('right', 'wrong', 'failed', 'cancelled'),
    }),
    fc.record({ do: fc.constant('lost' as const), ordinal: fc.nat(7), out: fc.boolean() }),
    fc.record({ do: fc.constant('excluded' as const), name: fc.constantFrom('a', 'b', 'c') }),
  ),
  { maxLength: 40 },
);

t.test('whatever happens, in any order', async () => {
  fc.assert(
    fc.property(happenings, fc.integer({ min: 1, max: 3 }), (happenings, minQuorum) => {
      const unit = told(byDigest(minQuorum));
      for (const one of happenings) {
        const closed = new Set(
          unit.state.replicas
            .filter(({ state }) => state === 'running' || state === 'succeeded')
            .map(({ place }) => place.owner),
        );
        if (one.do === 'assign') {
          const { owner } = place(one.name);
          if (unit.state.wanted > 0 && !closed.has(owner)) unit.assign(one.name);
        } else if (one.do === 'return') {
          if (one.said === 'failed') unit.return(failed(one.ordinal));
          else if (one.said === 'cancelled') unit.return(cancelled(one.ordinal));
          else unit.return(succeeded(one.ordinal, one.said));
        } else if (one.do === 'lost') unit.tell({ type: 'lost', ordinal: one.ordinal, out: one.out });
        else unit.tell({ type: 'excluded', owner: place(one.name).owner });
      }
      return lawsHold(unit, minQuorum);
    }),
    { numRuns: 2_000 },
  );
});

/**
 * One verdict; behind an agreement stand as many owners as the rule asks for; nothing runs past the total.
 */
function lawsHold(unit: ReturnType<typeof told>, minQuorum: number): boolean {
  const verdicts = unit.verdicts();
  if (verdicts.length > 1) return false;
  const counted = unit.state.replicas.filter(({ state }) => state !== 'void' && state !== 'cancelled');
  if (counted.length > quorumOf(minQuorum).maxTotalResults) return false;
  const [result] = verdicts;
  if (result?.verdict !== 'agreed') return (result === undefined) === (unit.state.verdict === 'pending');
  const owners = new Set<string>();
  for (const replica of result.replicas)
    if (replica.state === 'agreed' && replica.digest === (result.digest as Digest)) owners.add(replica.owner);
  return owners.size >= minQuorum;
}
