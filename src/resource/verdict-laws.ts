/**
 * The laws of `JobMarket` on how everything ends: verdicts, forfeits, locks given back, the rest returned; in
 * its order of checks. Anyone may make these calls, and none needs anybody's consent.
 */

import type { Bytes32, CallOf, CaseView } from './ledger.ts';
import { type LedgerState, NOTHING, requireThat, type Turn } from './ledger-state.ts';
import { slash } from './dispute-laws.ts';
import { credit, knownDeal, openDeal, patchDeal, patchShare } from './market-laws.ts';
import { unlockStake } from './registry-laws.ts';
import { recordVerdict } from './reputation-laws.ts';

export function settle(state: LedgerState, { terms, unit }: CallOf<'settle'>, turn: Turn): void {
  const deal = knownDeal(state, terms);
  requireThat(turn.time > terms.disputeUntil, 'TooEarly');
  const dispute = state.cases.get(deal, unit);
  requireThat(dispute.testimonies.length > 0, 'CaseUnknown');
  requireThat(!dispute.settled, 'CaseSettled');
  state.cases.set({ ...dispute, settled: true }, deal, unit);
  const truth = verdictOf(dispute, terms.minQuorum);
  for (const { provider, digest } of dispute.testimonies) {
    const share = state.shares.get(deal, provider);
    patchShare(state, deal, provider, { openCases: share.openCases - 1 });
    if (truth === undefined) continue;
    const isSlashed = share.state === 'slashed';
    const agreed = digest === truth;
    if (!agreed && !isSlashed) slash(state, terms.stakeLock, deal, provider, turn);
    // Who was slashed before gains nothing here, whatever it said.
    if (!(agreed && isSlashed)) recordVerdict(state, provider, agreed, turn.time);
  }
  turn.news.push({ type: 'settled', deal, unit, digest: truth ?? NOTHING });
}

/** The digest with a quorum and more testimonies than any other, unless it is zero. */
function verdictOf({ testimonies }: CaseView, minQuorum: number): Bytes32 | undefined {
  const votes = new Map<Bytes32, number>();
  for (const { digest } of testimonies) votes.set(digest, (votes.get(digest) ?? 0) + 1);
  const [first, second] = [...votes].sort(([, one], [, other]) => other - one);
  if (first === undefined || first[1] < minQuorum || first[1] === second?.[1]) return undefined;
  return first[0] === NOTHING ? undefined : first[0];
}

export function expire(state: LedgerState, { terms, provider }: CallOf<'expire'>, turn: Turn): void {
  const deal = knownDeal(state, terms);
  requireThat(turn.time > terms.revealUntil, 'TooEarly');
  const share = state.shares.get(deal, provider);
  requireThat(share.state !== 'none', 'ShareUnknown');
  requireThat(share.state !== 'slashed', 'ShareSlashed');
  requireThat(share.committed > share.revealed, 'NothingToDo');
  slash(state, terms.stakeLock, deal, provider, turn);
}

export function release(state: LedgerState, { terms, provider }: CallOf<'release'>, turn: Turn): void {
  const deal = knownDeal(state, terms);
  const share = state.shares.get(deal, provider);
  requireThat(share.state === 'locked', 'NothingToDo');
  requireThat(turn.time > (share.committed === 0 ? terms.workUntil : terms.disputeUntil), 'TooEarly');
  requireThat(share.openCases === 0 && share.committed === share.revealed, 'ConditionUnmet');
  patchShare(state, deal, provider, { state: 'released' });
  unlockStake(state, provider, terms.stakeLock);
  turn.news.push({ type: 'released', deal, provider, stake: terms.stakeLock });
}

export function close(state: LedgerState, { terms }: CallOf<'close'>, { time, news }: Turn): void {
  const deal = openDeal(state, terms);
  const { remaining, promised } = state.deals.get(deal);
  requireThat(time > (promised === 0n ? terms.workUntil : terms.redeemUntil), 'TooEarly');
  patchDeal(state, deal, { state: 'closed', remaining: 0n, promised: 0n });
  credit(state, terms.requester, remaining);
  news.push({ type: 'dealClosed', deal, refund: remaining });
}
