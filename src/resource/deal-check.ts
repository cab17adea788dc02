/**
 * Whether a deal is worth working for: first the terms by themselves, then what the chain says of them.
 *
 * A deal that the market has open needs no signature to be believed: opening checked it, and moved the
 * budget.
 */

import type { Fault } from '../actors/index.ts';
import type { Account, TypedDomain } from '../connectivity/index.ts';
import type { DealPaper } from './deal-paper.ts';
import { resourceErrors } from './errors.ts';
import type { DealId, DealView, LedgerHealth, ShareView, StakeView, Terms } from './ledger.ts';

/** What a provider asks of any deal. */
export interface DealRules {
  /** The most stake it locks for one. */
  readonly stakeLockMax: bigint;
  /** Work begins only with so much time left to do it in. */
  readonly workSecondsMin: number;
}

/** What the ledger says of a deal, read for one account. */
export interface DealFacts {
  readonly health: LedgerHealth;
  readonly deal: DealView;
  readonly share: ShareView;
  readonly stake: StakeView;
  /** Whose worker the own key is. */
  readonly registered: Account | undefined;
}

export interface DealObjection {
  readonly fault: Fault;
  /** It will not go away: the lease is of no use. */
  readonly final: boolean;
}

/** Why this node does not work under such a paper, whatever the chain says; undefined if it may. */
export function paperFlaw(paper: DealPaper, domain: TypedDomain, rules: DealRules): string | undefined {
  if (paper.chainId !== domain.chainId) return 'it is on another chain';
  if (paper.market !== domain.verifyingContract) return 'it is of another market';
  if (paper.terms.stakeLock > rules.stakeLockMax) return 'it locks more stake than is allowed here';
  return undefined;
}

/** Why nothing may be computed under the deal now; undefined if work can begin. */
export function dealObjection(
  deal: DealId,
  terms: Terms,
  provider: Account,
  facts: DealFacts,
  rules: DealRules,
): DealObjection | undefined {
  const { health, share, registered } = facts;
  if (!health.healthy) {
    const reason = health.reason ?? 'its newest block is old';
    return { fault: resourceErrors.RESOURCE_CHAIN_UNHEALTHY({ reason }), final: false };
  }
  if (registered !== provider) {
    const [reason, account] = ['its registry does not know the worker key of this node', provider];
    return { fault: resourceErrors.RESOURCE_ACCOUNT_INVALID({ account, reason }), final: true };
  }
  const refusal = refusalOf(facts);
  if (refusal !== undefined) {
    return { fault: resourceErrors.RESOURCE_DEAL_REFUSED({ deal, reason: refusal }), final: true };
  }
  if (health.time + rules.workSecondsMin > terms.workUntil) {
    const reason = 'too little time is left to work in';
    // Whoever has a share stays for what it is owed.
    return { fault: resourceErrors.RESOURCE_DEAL_REFUSED({ deal, reason }), final: share.state === 'none' };
  }
  const free = facts.stake.staked - facts.stake.locked - facts.stake.unbonding;
  if (share.state !== 'locked' && terms.stakeLock > 0n && free < terms.stakeLock) {
    const details = { deal, account: provider, needed: String(terms.stakeLock), free: String(free) };
    return { fault: resourceErrors.RESOURCE_STAKE_SHORT(details), final: true };
  }
  const reason = pendingReason(facts);
  if (reason === undefined) return undefined;
  return { fault: resourceErrors.RESOURCE_DEAL_PENDING({ deal, reason }), final: false };
}

function refusalOf(facts: DealFacts): string | undefined {
  if (facts.deal.state === 'closed') return 'it is closed';
  if (facts.share.state === 'slashed') return 'the account was slashed under it';
  return facts.share.state === 'released' ? 'the account has left it' : undefined;
}

/** Before its own share is there, somebody's budget has to be left for it. */
function pendingReason({ deal, share }: DealFacts): string | undefined {
  if (deal.state === 'none') return 'it is not open on the chain';
  const left = deal.remaining - deal.promised;
  return share.allocated === 0n && left === 0n ? 'its whole budget is promised to others' : undefined;
}
