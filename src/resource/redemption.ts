/**
 * When a provider goes to the chain, and what for: one call for each deal, as late and as seldom as is safe.
 *
 * A voucher is cumulative, so waiting costs nothing until its deadline. It is redeemed when what it adds is
 * worth many times what the call costs, or when the deal's work is over and nothing is to be added, or, worth
 * it or not, when the deadline is near.
 */

import type { Account } from '../connectivity/index.ts';
import { payable } from './account-book.ts';
import { sealOf } from './commitment.ts';
import type { CommitmentPaper } from './deal-paper.ts';
import type { DealId, LedgerCall, Seconds, ShareView, Terms } from './ledger.ts';
import type { SignedVoucher } from './voucher.ts';

export interface RedemptionRules {
  /** What a redemption costs, in token units, as the owner reckons it. */
  readonly cost: bigint;
}

/** What a provider holds of one deal. */
export interface Claim {
  readonly deal: DealId;
  readonly terms: Terms;
  readonly provider: Account;
  readonly voucher: SignedVoucher | undefined;
  /** Its own commitments, needed on the chain where its voucher has a condition. */
  readonly commitments: readonly Pick<CommitmentPaper, 'number' | 'root' | 'salt' | 'signature'>[];
}

/** `step` is unique within the deal: the same step wanted twice is one intent. */
export interface ClaimStep {
  readonly step: string;
  readonly call: LedgerCall;
}

/** A redemption before the end is worth it at so many times its cost: then it costs one per cent. */
const WORTH_TIMES = 100n;

/** Everything that can be done now. */
export function claimSteps(
  claim: Claim,
  share: ShareView,
  time: Seconds,
  rules: RedemptionRules,
): readonly ClaimStep[] {
  const { voucher } = claim;
  const steps: ClaimStep[] = [];
  if (voucher !== undefined && voucher.voucher.bundles > 0) steps.push(...openings(claim, time));
  if (voucher !== undefined && isDue(voucher, claim.terms, share, time, rules)) {
    const { terms } = claim;
    const vouchers = [voucher.voucher];
    const call: LedgerCall = { type: 'redeemMany', terms, vouchers, signatures: [voucher.signature] };
    steps.push({ step: `redeem ${voucher.voucher.amount}`, call });
  }
  if (isFree(claim.terms, share, time)) {
    const { terms, provider } = claim;
    steps.push({ step: 'release', call: { type: 'release', terms, provider } });
  }
  return steps;
}

/** Nothing can come of the deal any more. */
export function isOver({ terms }: Claim, share: ShareView, time: Seconds): boolean {
  return time > terms.redeemUntil && share.state !== 'locked';
}

function isDue(
  { voucher }: SignedVoucher,
  terms: Terms,
  share: ShareView,
  time: Seconds,
  rules: RedemptionRules,
): boolean {
  if (share.state === 'none' || share.state === 'slashed' || time > terms.redeemUntil) return false;
  const adds = payable(voucher.amount, share.allocated) - share.paid;
  if (adds <= 0n) return false;
  const conditionMet = voucher.bundles === 0 || (time > terms.disputeUntil && share.openCases === 0);
  if (!conditionMet || share.revealed < voucher.bundles) return false;
  if (time > deadlineOf(terms)) return true;
  return adds > rules.cost * (time > terms.workUntil ? 1n : WORTH_TIMES);
}

/** The middle of the last phase: as long again is left for a busy chain. */
function deadlineOf({ disputeUntil, redeemUntil }: Terms): number {
  return disputeUntil + (redeemUntil - disputeUntil) / 2;
}

/** Who waits for nobody's honesty brings its own bundles: sealed while work goes on, opened after it. */
function openings({ deal, terms, provider, commitments }: Claim, time: Seconds): ClaimStep[] {
  return commitments.flatMap(({ number, root, salt, signature }): ClaimStep[] => {
    if (time <= terms.workUntil) {
      const commitment = { deal, provider, number, seal: sealOf({ deal, provider, number, root, salt }) };
      return [{ step: `commit ${number}`, call: { type: 'commit', terms, commitment, signature } }];
    }
    if (time > terms.revealUntil) return [];
    return [{ step: `reveal ${number}`, call: { type: 'reveal', terms, provider, number, root, salt } }];
  });
}

/** What was never committed cannot be held against it after the work; what was, not after the dispute. */
function isFree(terms: Terms, share: ShareView, time: Seconds): boolean {
  if (share.state !== 'locked' || share.openCases > 0) return false;
  if (share.committed === 0) return time > terms.workUntil;
  return share.revealed === share.committed && time > terms.disputeUntil;
}
