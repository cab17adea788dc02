import fc from 'fast-check';
import t from 'tap';
import type { Digest } from '../../src/actors/index.ts';
import type { QuorumRule } from '../../src/collective/batch.ts';
import { faultOfRule, judge, type Tally } from '../../src/collective/quorum.ts';
import { quorumOf } from './fakes/samples.ts';

const A = 'a' as Digest;
const B = 'b' as Digest;
const C = 'c' as Digest;

function tally(changes: Partial<Tally>): Tally {
  const ballots = changes.ballots ?? [];
  const pending = changes.pending ?? 0;
  const failed = changes.failed ?? 0;
  return { ballots, pending, failed, issued: changes.issued ?? ballots.length + pending + failed };
}

t.test('a unit without replicas wants its target', async (t) => {
  t.same(judge(tally({}), quorumOf(2)), { is: 'pending', wanted: 2 });
  t.same(judge(tally({}), quorumOf(2, { targetNresults: 3 })), { is: 'pending', wanted: 3 });
});

t.test('enough equal ballots agree, whatever else is there', async (t) => {
  t.same(judge(tally({ ballots: [A, B, A], pending: 1 }), quorumOf(2)), {
    is: 'agreed',
    digest: A,
    votes: 2,
  });
});

t.test('two different ballots want one more', async (t) => {
  t.same(judge(tally({ ballots: [A, B] }), quorumOf(2)), { is: 'pending', wanted: 1 });
});

t.test('a failed replica is replaced until the limit of failures is exceeded', async (t) => {
  const rule = quorumOf(1, { maxErrorResults: 2 });
  t.same(judge(tally({ failed: 2 }), rule), { is: 'pending', wanted: 1 });
  t.same(judge(tally({ failed: 3 }), rule), { is: 'failed', code: 'COLLECTIVE_UNIT_ERROR_LIMIT' });
});

t.test('replicas stop at the total, and the unit fails as soon as no quorum can come of it', async (t) => {
  const rule = quorumOf(2, { maxTotalResults: 3 });
  t.same(judge(tally({ ballots: [A], pending: 1, issued: 3 }), rule), { is: 'pending', wanted: 0 });
  t.same(judge(tally({ ballots: [A], issued: 3 }), rule), {
    is: 'failed',
    code: 'COLLECTIVE_UNIT_TOTAL_LIMIT',
  });
  t.same(judge(tally({ ballots: [A, B, C] }), rule), { is: 'failed', code: 'COLLECTIVE_UNIT_DEADLOCKED' });
});

t.test('a rule that can never be met says why', async (t) => {
  t.equal(faultOfRule(quorumOf(2)), undefined);
  t.match(faultOfRule(quorumOf(0)), /min_quorum/);
  t.match(faultOfRule(quorumOf(3, { targetNresults: 2 })), /target_nresults/);
  t.match(faultOfRule(quorumOf(3, { maxTotalResults: 2 })), /max_total_results/);
  t.match(faultOfRule(quorumOf(1, { maxTotalResults: 99 })), /above 32/);
  t.match(faultOfRule(quorumOf(1, { maxErrorResults: -1 })), /max_error_results/);
  t.match(faultOfRule(quorumOf(1, { delayBoundMs: 0 })), /delay bound/);
});

/** Says what can still happen by trying everything: slow, and without a formula in it. */
function oracle({ ballots, pending, failed, issued }: Tally, rule: QuorumRule): string {
  for (const digest of ballots)
    if (ballots.filter((other) => other === digest).length >= rule.minQuorum) return 'agreed';
  if (failed > rule.maxErrorResults) return 'failed';
  const more = pending + Math.max(0, rule.maxTotalResults - issued);
  for (const digest of [...ballots, 'another' as Digest]) {
    const atBest = [...ballots, ...Array.from({ length: more }, () => digest)];
    if (atBest.filter((other) => other === digest).length >= rule.minQuorum) return 'pending';
  }
  return 'failed';
}

const tallies = fc.record({
  ballots: fc.array(fc.constantFrom(A, B, C), { maxLength: 6 }),
  pending: fc.nat(4),
  failed: fc.nat(4),
  lost: fc.nat(4),
});

const rules = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.nat(3), fc.nat(4), fc.nat(4))
  .map(([minQuorum, more, most, errors]) =>
    quorumOf(minQuorum, {
      targetNresults: minQuorum + more,
      maxTotalResults: minQuorum + more + most,
      maxErrorResults: errors,
    }),
  );

t.test('the judge agrees with one that tries all futures', async () => {
  fc.assert(
    fc.property(tallies, rules, ({ ballots, pending, failed, lost }, rule) => {
      const given = tally({ ballots, pending, failed, issued: ballots.length + pending + failed + lost });
      return judge(given, rule).is === oracle(given, rule);
    }),
    { numRuns: 2_000 },
  );
});

t.test('whoever issues what is wanted, and no more, comes to a verdict', async () => {
  const outcomes = fc.array(fc.constantFrom('a', 'b', 'c', 'failed', 'lost'), {
    minLength: 64,
    maxLength: 64,
  });
  fc.assert(
    fc.property(outcomes, rules, (outcomes, rule) => {
      const ballots: Digest[] = [];
      let failed = 0;
      let issued = 0;
      let pending = 0;
      for (const outcome of outcomes) {
        const verdict = judge({ ballots, pending, failed, issued }, rule);
        if (verdict.is !== 'pending') return issued <= rule.maxTotalResults;
        pending += verdict.wanted;
        issued += verdict.wanted;
        if (pending === 0) return false;
        pending -= 1;
        if (outcome === 'failed') failed += 1;
        else if (outcome !== 'lost') ballots.push(outcome as Digest);
      }
      return false;
    }),
  );
});
