/**
 * One account's part in a deal as the broker under it sees it: what is owed, and which voucher is due.
 *
 * What always holds: a bundle is counted once, when it is durable at the customer, and what was counted is
 * durable before the provider learns that it may forget the bundle; no voucher is for more than is owed, nor
 * for more than is allocated; commitments have rising numbers.
 */

import type { Milliseconds } from '../actors/index.ts';
import { type AccountBook, earn, owedIn, payable } from './account-book.ts';

/** What survives a crash. */
export interface CountedDeal {
  readonly book: AccountBook;
  /** Confirmed on the chain, as the customer says. */
  readonly allocated: bigint;
  /** Newest bundle of the lease that is in the book. */
  readonly counted: number;
  /** Highest number of a commitment in the deal. */
  readonly committed: number;
}

export interface BrokerDeal extends CountedDeal {
  readonly unpaidMax: bigint;
  readonly voucherMs: Milliseconds;
  /** Examined and not acknowledged, in order. */
  readonly pending: ReadonlyMap<number, Examination>;
  /** The last voucher, what it covered, and when it was signed. */
  readonly vouchered: bigint;
  readonly covered: number;
  readonly saidAt: Milliseconds;
}

export interface Examination {
  readonly operations: bigint;
  /** Number of the commitment that came with it, if one did. */
  readonly committed: number;
}

export interface DueVoucher {
  readonly amount: bigint;
  readonly covers: number;
}

/**
 * A voucher does not wait for its interval once this part of what the provider does unpaid is owed: its
 * machine would stand still before the interval is over.
 */
const UNPAID_PARTS = 4n;

export function heldDeal(
  counted: CountedDeal,
  rules: { readonly unpaidMax: bigint; readonly voucherMs: Milliseconds },
): BrokerDeal {
  const { book, allocated, counted: number, committed } = counted;
  const before = { vouchered: 0n, covered: 0, saidAt: Number.NEGATIVE_INFINITY };
  return { book, allocated, counted: number, committed, ...rules, pending: new Map(), ...before };
}

export function examined(deal: BrokerDeal, number: number, examination: Examination): BrokerDeal {
  if (number <= deal.counted) return deal;
  return { ...deal, pending: new Map(deal.pending).set(number, examination) };
}

/** The customer has everything up to this bundle. */
export function acknowledgedDeal(deal: BrokerDeal, number: number): BrokerDeal {
  const pending = new Map(deal.pending);
  let { book, committed, counted } = deal;
  for (const [at, examination] of deal.pending) {
    if (at > number) continue;
    pending.delete(at);
    book = earn(book, examination.operations);
    committed = Math.max(committed, examination.committed);
    counted = Math.max(counted, at);
  }
  return { ...deal, book, committed, counted, pending };
}

/** At once where much is owed, else one for each interval; undefined if none is due. */
export function voucherDue(deal: BrokerDeal, now: Milliseconds): DueVoucher | undefined {
  const owed = owedIn(deal.book);
  const amount = payable(owed, deal.allocated);
  const more = amount - deal.vouchered;
  if (more <= 0n && deal.counted === deal.covered) return undefined;
  const much = more > deal.unpaidMax / UNPAID_PARTS;
  if (!much && now - deal.saidAt < deal.voucherMs) return undefined;
  return { amount: more > 0n ? amount : deal.vouchered, covers: deal.counted };
}

/** All that was earned is promised, an interval ago: time for the last voucher to be checked. */
export function isPaidUp(deal: BrokerDeal, now: Milliseconds): boolean {
  const { book, pending, covered, counted, saidAt, voucherMs } = deal;
  if (pending.size > 0 || covered !== counted || deal.vouchered < owedIn(book)) return false;
  return now - saidAt >= voucherMs;
}

export function vouchered(deal: BrokerDeal, { amount, covers }: DueVoucher, now: Milliseconds): BrokerDeal {
  return { ...deal, vouchered: amount, covered: covers, saidAt: now };
}

/** The provider may have lost the last voucher: it gets one again. */
export function reattached(deal: BrokerDeal): BrokerDeal {
  return { ...deal, covered: 0, saidAt: Number.NEGATIVE_INFINITY };
}
