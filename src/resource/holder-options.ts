/** What a broker's holder is made of. */

import type { ActorRef, Journal } from '../actors/index.ts';
import type { Network, Signer, VerifySignature } from '../connectivity/index.ts';
import type { ContentStore } from '../fabric/index.ts';
import type { HolderConfig } from './holder-config.ts';
import type { HolderPayments } from './holder-payments.ts';
import type { LeaseNews } from './lease-holder.ts';

export interface HolderOptions {
  readonly network: Network;
  readonly signer: Signer;
  readonly verify: VerifySignature;
  readonly journal: Journal;
  /** Where outputs by address are fetched to. */
  readonly store: ContentStore;
  readonly customer: ActorRef<LeaseNews>;
  /** Absent: it grants no lease under a deal. */
  readonly payments?: HolderPayments;
  readonly config?: Partial<HolderConfig>;
}
