/** A deal that a lease of this broker is under: one account's part in it. */

import type { Milliseconds } from '../actors/index.ts';
import type { Account, TypedSignature } from '../connectivity/index.ts';
import type { TaskId } from '../fabric/index.ts';
import type { KeptCommitment } from './bundle-commitment.ts';
import type { BrokerDeal, CountedDeal } from './deal-at-broker.ts';
import type { CommitmentPaper } from './deal-paper.ts';
import type { Bytes32, DealId, Terms } from './ledger.ts';
import type { LeaseId } from './lease-wire.ts';

/** What survives a crash, and the lease. */
export interface HeldDealRecord extends CountedDeal {
  readonly deal: DealId;
  readonly terms: Terms;
  readonly provider: Account;
  readonly worker: Account;
  /** The lease that is under it, or was last. */
  readonly lease: LeaseId;
  readonly unpaidMax: bigint;
  readonly acceptance?: TypedSignature;
  /** It is paid by conditional vouchers, which the customer decides on. */
  readonly conditional?: true;
}

export interface HeldDeal {
  record: HeldDealRecord;
  state: BrokerDeal;
  /** Sent under this lease by this process: what they are, and the most they may take. */
  readonly tasks: Map<TaskId, { readonly unit: Bytes32 | undefined; readonly runMsMax: Milliseconds }>;
  /** To bundles that have not come yet, by their numbers; and to those that are being examined. */
  readonly claimed: Map<number, CommitmentPaper>;
  readonly checked: Map<number, KeptCommitment>;
}

/** As it is to be written now. */
export function heldRecordOf({ record, state }: HeldDeal): HeldDealRecord {
  const { book, allocated, counted, committed } = state;
  return { ...record, book, allocated, counted, committed };
}
