/** How a broker pays: with which key it promises, and what it believes of an account. */

import type { Fault, Milliseconds } from '../actors/index.ts';
import type { Account, HotSigner, TypedDomain } from '../connectivity/index.ts';
import type { AccountPaper } from './deal-paper.ts';
import type { DealId, Ledger, Terms } from './ledger.ts';
import type { ProviderSays } from './lease-wire.ts';

export interface HolderPayments {
  readonly domain: TypedDomain;
  /** Named in the terms of all deals of this broker. */
  readonly agent: HotSigner;
  readonly ledger: Pick<Ledger, 'providerOf'>;
  /** A voucher for each provider so often at most, unless much is owed; 10 s unless given. */
  readonly voucherMs?: Milliseconds;
}

export type OfferMessage = Extract<ProviderSays, { readonly type: 'offer' }>;

/** The registry's answer on a worker, as the offer that asked for it goes on. */
export interface VouchedMail<Link> {
  readonly type: 'vouched';
  readonly link: Link;
  readonly message: OfferMessage;
  readonly worker: Account;
  readonly provider?: Account;
  readonly fault?: Fault;
}

/** What a lease can be granted under. */
export interface Under {
  readonly deal: DealId;
  readonly terms: Terms;
  readonly account: AccountPaper;
}
