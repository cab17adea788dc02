/**
 * Deals as signed papers: what the requester, workers and agents sign (EIP-712), and when terms are sound.
 *
 * Types and rules are those of `contracts/src/types/Deal.sol` and `JobMarket`; the differential test holds
 * them to one another. A deal's id is the digest of its terms, so it names chain and contract, and nobody can
 * pass the terms of one deal off as those of another.
 */

import { type Account, type TypedData, type TypedDomain, typedDigest } from '../connectivity/index.ts';
import type { Commitment, DealId, Seconds, Terms, Voucher } from './ledger.ts';

/** Of each phase of a deal. Time for a transaction to be mined while the chain is busy, and for a retry. */
export const WINDOW_S_MIN = 600;

/** From its opening until nothing can be redeemed any more. Stake cools down for longer. */
export const DEAL_S_MAX = 30 * 24 * 3_600;

/** Testimonies of one case: `settle` reads each of them twice, and has to fit into a block. */
export const VOTES_MAX = 16;

/** A worker's word that its provider takes part, with so much stake locked. */
export interface Acceptance {
  readonly deal: DealId;
  readonly provider: Account;
  readonly lock: bigint;
}

/** Where deals are made: one market on one chain. */
export function marketDomain(chainId: bigint, market: Account): TypedDomain {
  return { name: 'CONUN JobMarket', version: '1', chainId, verifyingContract: market };
}

export function dealIdOf(terms: Terms, domain: TypedDomain): DealId {
  return typedDigest(termsData(terms, domain)) as DealId;
}

/** What the requester signs. Encoding it throws a `TypeError` for a member out of its range. */
export function termsData(terms: Terms, domain: TypedDomain): TypedData {
  return { domain, types: TERMS, message: { ...terms } };
}

export function acceptanceData(acceptance: Acceptance, domain: TypedDomain): TypedData {
  return { domain, types: ACCEPTANCE, message: { ...acceptance } };
}

export function voucherData(voucher: Voucher, domain: TypedDomain): TypedData {
  return { domain, types: VOUCHER, message: { ...voucher } };
}

export function commitmentData(commitment: Commitment, domain: TypedDomain): TypedData {
  return { domain, types: COMMITMENT, message: { ...commitment } };
}

/**
 * Why `open` would refuse these terms at the time `now`, by the word that `TermsInvalid` says; undefined if
 * they are sound. Whether the requester has the budget, only the ledger knows.
 */
export function termsFlaw(terms: Terms, now: Seconds): string | undefined {
  const { agent, budget, minQuorum, workUntil, revealUntil, disputeUntil, redeemUntil } = terms;
  if (BigInt(agent) === 0n) return 'agent';
  if (budget === 0n) return 'budget';
  if (minQuorum < 2 || minQuorum > VOTES_MAX) return 'quorum';
  if (workUntil < now) return 'workUntil';
  const ends = [workUntil, revealUntil, disputeUntil, redeemUntil];
  if (ends.some((end, phase) => phase > 0 && end < ends[phase - 1]! + WINDOW_S_MIN)) return 'window';
  return redeemUntil > now + DEAL_S_MAX ? 'length' : undefined;
}

const TERMS = {
  Terms: [
    { name: 'requester', type: 'address' },
    { name: 'agent', type: 'address' },
    { name: 'spec', type: 'bytes32' },
    { name: 'budget', type: 'uint96' },
    { name: 'stakeLock', type: 'uint96' },
    { name: 'minQuorum', type: 'uint8' },
    { name: 'workUntil', type: 'uint40' },
    { name: 'revealUntil', type: 'uint40' },
    { name: 'disputeUntil', type: 'uint40' },
    { name: 'redeemUntil', type: 'uint40' },
    { name: 'salt', type: 'bytes32' },
  ],
} as const;

const ACCEPTANCE = {
  Acceptance: [
    { name: 'deal', type: 'bytes32' },
    { name: 'provider', type: 'address' },
    { name: 'lock', type: 'uint96' },
  ],
} as const;

const VOUCHER = {
  Voucher: [
    { name: 'deal', type: 'bytes32' },
    { name: 'provider', type: 'address' },
    { name: 'amount', type: 'uint96' },
    { name: 'bundles', type: 'uint24' },
  ],
} as const;

const COMMITMENT = {
  Commitment: [
    { name: 'deal', type: 'bytes32' },
    { name: 'provider', type: 'address' },
    { name: 'number', type: 'uint24' },
    { name: 'seal', type: 'bytes32' },
  ],
} as const;
