/**
 * Vouchers between an agent and a provider: cumulative promises, each of which contains the earlier ones.
 *
 * What always holds: a provider keeps one voucher, the best so far, and takes another only if the market
 * would pay it at least as much for that one. An agent never signs for more than it owes, nor for more than
 * the allocation.
 */

import {
  type Account,
  type HotSigner,
  recoverTyped,
  type TypedDomain,
  type TypedSignature,
} from '../connectivity/index.ts';
import { dealIdOf, voucherData } from './deal.ts';
import type { Terms, Voucher } from './ledger.ts';

export interface SignedVoucher {
  readonly voucher: Voucher;
  readonly signature: TypedSignature;
}

/** What a provider knows when a voucher arrives. */
export interface VoucherExpectation {
  readonly terms: Terms;
  readonly domain: TypedDomain;
  readonly provider: Account;
  /** Its share of the budget, as read from the ledger. */
  readonly allocated: bigint;
  /** So many bundles it will have committed and revealed; 0: it takes unconditional vouchers only. */
  readonly bundlesMax: number;
  /** The best one so far. */
  readonly previous: Voucher | undefined;
}

export function signVoucher(voucher: Voucher, signer: HotSigner, domain: TypedDomain): SignedVoucher {
  return { voucher, signature: signer.signTyped(voucherData(voucher, domain)) };
}

/**
 * Why a provider does not take this voucher; undefined if it is as good as money. Contract wallets (ERC-1271)
 * would have to be asked on their chain, so agents that sign vouchers have keys.
 */
export function voucherFlaw(signed: SignedVoucher, expected: VoucherExpectation): string | undefined {
  const { voucher, signature } = signed;
  const { terms, domain, previous } = expected;
  if (voucher.deal !== dealIdOf(terms, domain)) return 'it is for another deal';
  if (voucher.provider !== expected.provider) return 'it is for another provider';
  if (voucher.amount > expected.allocated) return 'it promises more than is allocated';
  if (voucher.bundles > expected.bundlesMax) return 'it asks for more bundles than were agreed';
  if (previous !== undefined && voucher.amount < previous.amount) return 'it promises less than before';
  if (previous?.bundles === 0 && voucher.bundles > 0)
    return 'it puts a condition on what was promised without one';
  const signer = recoverTyped(voucherData(voucher, domain), signature);
  if (signer === undefined || (signer !== terms.agent && signer !== terms.requester))
    return 'neither agent nor requester signed it';
  return undefined;
}

/**
 * What an agent promises after `last`, when it owes `owed` in all and has allocated `allocated`; undefined if
 * there is nothing to sign. Up to `tolerance` may stay unpromised, so that small bundles share a signature;
 * it has to be less than what lets a provider pause. At the end of a lease it is 0.
 */
export function nextVoucher(
  last: Voucher,
  owed: bigint,
  allocated: bigint,
  tolerance: bigint,
): Voucher | undefined {
  const amount = owed < allocated ? owed : allocated;
  if (amount <= last.amount || owed - last.amount <= tolerance) return undefined;
  return { ...last, amount };
}
