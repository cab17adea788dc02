/** A deal that a lease of this provider is under, with what it holds in this process; and how it looks. */

import type { Milliseconds } from '../actors/index.ts';
import type { Task, TaskId } from '../fabric/index.ts';
import { owedIn } from './account-book.ts';
import type { ProviderDeal } from './deal-at-provider.ts';
import type { CommitmentPaper, VoucherPaper } from './deal-paper.ts';
import type { DealRecord } from './deal-store.ts';
import type { Bytes32, DealId } from './ledger.ts';

export interface DealTask {
  /** As the executor is given it. */
  readonly task: Task;
  readonly unit: Bytes32;
}

export interface TakenDeal {
  readonly record: DealRecord;
  state: ProviderDeal;
  /** Under way, by the broker's names. */
  readonly tasks: Map<TaskId, DealTask>;
  /** To bundles that the broker has not acknowledged, by their numbers. */
  readonly commitments: Map<number, CommitmentPaper>;
  committed: number;
  voucher: DealRecord['voucher'];
  /** For more than was allocated when it came: it waits for the chain to be read again. */
  beyond: VoucherPaper | undefined;
  checking: boolean;
  checkAt: Milliseconds;
  /** The stream on which the deal was accepted; a new one is told again until there is an allocation. */
  acceptedOn: object | undefined;
}

export interface TakenDealView {
  readonly deal: DealId;
  readonly owed: bigint;
  readonly vouchered: bigint;
  readonly allocated: bigint;
  /** Why no work is asked for. */
  readonly withheld: { readonly code: string; readonly message: string } | null;
}

/** As it is to be written now. */
export function recordOf({ record, state, committed, voucher }: TakenDeal): DealRecord {
  return { ...record, book: state.book, committed, ...(voucher && { voucher }) };
}

export function dealViewOf({ record, state }: TakenDeal): TakenDealView {
  const { withheld, vouchered, allocated } = state;
  const { deal } = record;
  const reason = withheld === undefined ? null : { code: withheld.code, message: withheld.message };
  return { deal, owed: owedIn(state.book), vouchered, allocated, withheld: reason };
}
