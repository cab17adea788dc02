/** What the holder sends to itself: what its channels, its disk and its clock bring. */

import type { CommitSettled, Fault } from '../actors/index.ts';
import type { FetchedMail } from './examiner.ts';
import type { HeldDealRecord } from './held-deal.ts';
import type { VouchedMail } from './holder-payments.ts';
import type { HolderRows } from './holder-store.ts';
import type { BrokerSays, ProviderSays } from './lease-wire.ts';
import type { Link, LinkMail } from './link.ts';

export type BrokerLink = Link<BrokerSays, ProviderSays>;

export type HolderOwnMail =
  | FetchedMail
  | {
      readonly type: 'restored';
      readonly rows: HolderRows;
      readonly deals: readonly HeldDealRecord[];
      readonly release: () => void;
    }
  | VouchedMail<BrokerLink>
  | { readonly type: 'failed'; readonly fault: Fault }
  | { readonly type: 'tick' }
  | { readonly type: 'retry' };

export type HolderInternal = LinkMail<BrokerSays, ProviderSays> | CommitSettled | HolderOwnMail;
