/**
 * Whether enough equal ballots are there: agreed, hopeless, or not yet known and how many replicas to add.
 *
 * BOINC's rule (`sched/validate_util2.cpp`, `transitioner.cpp`) with one difference: a unit that cannot reach
 * its quorum any more fails at once, without waiting for replicas that could not change it. Pure, and asked
 * after each event of a unit.
 */

import type { Digest } from '../actors/index.ts';
import type { QuorumRule } from './batch.ts';

export interface Tally {
  /** One for each valid ballot: the digest that stands for everything equivalent to it. */
  readonly ballots: readonly Digest[];
  /** Replicas that may still become a ballot: running, or returned and not compared yet. */
  readonly pending: number;
  readonly failed: number;
  /** Replicas that count against `maxTotalResults`. */
  readonly issued: number;
}

export type UnitFailureCode =
  | 'COLLECTIVE_UNIT_ERROR_LIMIT'
  | 'COLLECTIVE_UNIT_TOTAL_LIMIT'
  | 'COLLECTIVE_UNIT_DEADLOCKED';

export type Verdict =
  | { readonly is: 'agreed'; readonly digest: Digest; readonly votes: number }
  | { readonly is: 'failed'; readonly code: UnitFailureCode }
  /** `wanted`: replicas to issue now. */
  | { readonly is: 'pending'; readonly wanted: number };

export function judge(tally: Tally, rule: QuorumRule): Verdict {
  const { ballots, pending, failed, issued } = tally;
  const leading = leadingClass(ballots);
  if (leading.votes >= rule.minQuorum) return { is: 'agreed', digest: leading.digest!, votes: leading.votes };
  // BOINC: in error when the number of failures *exceeds* max_error_results.
  if (failed > rule.maxErrorResults) return { is: 'failed', code: 'COLLECTIVE_UNIT_ERROR_LIMIT' };
  const left = Math.max(0, rule.maxTotalResults - issued);
  if (leading.votes + pending + left < rule.minQuorum) {
    const disagree = leading.votes < ballots.length;
    return { is: 'failed', code: disagree ? 'COLLECTIVE_UNIT_DEADLOCKED' : 'COLLECTIVE_UNIT_TOTAL_LIMIT' };
  }
  const toTarget = rule.targetNresults - ballots.length - pending;
  const toQuorum = rule.minQuorum - leading.votes - pending;
  return { is: 'pending', wanted: Math.min(left, Math.max(0, toTarget, toQuorum)) };
}

/** Why a rule can never be met, or nothing. */
export function faultOfRule(rule: QuorumRule): string | undefined {
  if (!(rule.minQuorum >= 1)) return 'min_quorum is below 1';
  if (rule.targetNresults < rule.minQuorum) return 'target_nresults is below min_quorum';
  if (rule.maxTotalResults < rule.targetNresults) return 'max_total_results is below target_nresults';
  if (rule.maxTotalResults > REPLICAS_MAX) return `max_total_results is above ${REPLICAS_MAX}`;
  if (!(rule.maxErrorResults >= 0)) return 'max_error_results is below 0';
  if (!(rule.delayBoundMs > 0)) return 'the delay bound is not above 0';
  return undefined;
}

/**
 * Past 32 replicas of one unit something is wrong with the app, not with the luck; it also bounds a unit's
 * memory.
 */
const REPLICAS_MAX = 32;

/** The class with most ballots; of equals the one that came first. Quadratic: there are at most 32. */
function leadingClass(ballots: readonly Digest[]): { digest: Digest | undefined; votes: number } {
  let digest: Digest | undefined;
  let votes = 0;
  for (const candidate of ballots) {
    let count = 0;
    for (const ballot of ballots) if (ballot === candidate) count += 1;
    if (count > votes) {
      digest = candidate;
      votes = count;
    }
  }
  return { digest, votes };
}
