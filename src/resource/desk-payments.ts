/** How a provider is paid: for whom its node works, at what price, and what it asks of a deal. */

import type { Fault } from '../actors/index.ts';
import type { Account, HotSigner, TypedDomain } from '../connectivity/index.ts';
import { type DealFacts, type DealRules, paperFlaw } from './deal-check.ts';
import { type AccountPaper, accountPaper, type DealPaper, dealPaper, type Encoded } from './deal-paper.ts';
import type { LeaseId } from './lease-wire.ts';
import type { DealId, Ledger, LedgerNews } from './ledger.ts';

export interface DeskPayments {
  readonly domain: TypedDomain;
  readonly worker: HotSigner;
  /** Goes with each offer. */
  readonly account: AccountPaper;
  readonly rules: DealRules;
  /** Voucher intervals that a broker may miss before it gets no more work done. */
  readonly vouchersMissedMax: number;
  /** Whether it also works for brokers that name no deal. */
  readonly volunteers: boolean;
  readonly ledger: Pick<Ledger, 'health' | 'deal' | 'share' | 'stake' | 'providerOf' | 'follow'>;
}

/** What comes back from the ledger. */
export type DeskDealMail =
  | { readonly type: 'deal-facts'; readonly lease: LeaseId; readonly facts: DealFacts }
  | { readonly type: 'deal-unread'; readonly lease: LeaseId; readonly fault: Fault }
  | { readonly type: 'deal-news'; readonly news: LedgerNews };

/** Everything that a deal is judged by, read at one time. */
export async function readFacts(
  ledger: Omit<DeskPayments['ledger'], 'follow'>,
  deal: DealId,
  provider: Account,
  worker: Account,
): Promise<DealFacts> {
  const [health, view, share, stake, registered] = await Promise.all([
    ledger.health(),
    ledger.deal(deal),
    ledger.share(deal, provider),
    ledger.stake(provider),
    ledger.providerOf(worker),
  ]);
  return { health, deal: view, share, stake, registered };
}

/** What goes beside an offer. */
export function accountPart(payments: DeskPayments | undefined): { account?: Encoded<AccountPaper> } {
  return payments === undefined ? {} : { account: accountPaper.encode(payments.account) };
}

/** Why a grant with this deal, or without one, is not taken; undefined if it is. */
export function dealFlaw(
  payments: DeskPayments | undefined,
  deal: Encoded<DealPaper> | undefined,
): string | undefined {
  if (payments === undefined) return deal && 'this node works for no money';
  if (deal !== undefined) return paperFlaw(dealPaper.decode(deal), payments.domain, payments.rules);
  return payments.volunteers ? undefined : 'this node works only under a deal';
}
