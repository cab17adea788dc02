/**
 * Between the broker, its treasury and its leases: which batches may be worked for, under which deals.
 *
 * Without a treasury there is no money, and a batch that is to be paid for is not accepted.
 */

import { type ActorRef, unreachable } from '../actors/index.ts';
import type { DealId, HolderMail, LeaseNews } from '../resource/index.ts';
import type { BatchSpec } from './batch.ts';
import type { BatchState } from './batch-state.ts';
import type { Book, KeptBatch } from './book.ts';
import type { BrokerMail } from './broker-mail.ts';
import type { TreasuryMail } from './treasury.ts';

export type FundingMail =
  | Extract<BrokerMail, { type: 'funded' | 'unfunded' | 'delayed' | 'allocated' }>
  | Extract<LeaseNews, { type: 'joined' | 'owed' }>;

/** To the leases. */
interface Line {
  tell(mail: HolderMail): void;
  demand(wanted: boolean, deals: readonly DealId[]): void;
}

export class Funding {
  readonly #book: Book;
  readonly #line: Line;
  readonly #treasury: ActorRef<TreasuryMail> | undefined;
  /** Under which the leases may still take work. */
  readonly #funded = new Map<DealId, KeptBatch>();

  constructor(book: Book, line: Line, treasury: ActorRef<TreasuryMail> | undefined) {
    this.#book = book;
    this.#line = line;
    this.#treasury = treasury;
  }

  /** Whether a batch like this can be paid for here. */
  canPay({ pay }: BatchSpec): boolean {
    return pay === undefined || this.#treasury !== undefined;
  }

  /** It is durable. */
  submitted(spec: BatchSpec): void {
    if (spec.pay) this.#treasury?.tell({ type: 'submitted', spec });
  }

  /** After a start: the treasury knows nothing that the journals do not. */
  found({ spec, endedAt, files }: BatchState): void {
    this.submitted(spec);
    if (spec.pay && endedAt !== null) this.#treasury?.tell({ type: 'over', batch: spec.batch, files });
  }

  hear(mail: FundingMail): void {
    switch (mail.type) {
      case 'funded': {
        const { batch, deal, terms } = mail;
        const kept = this.#book.batches.get(batch);
        if (kept === undefined) break;
        kept.deal = deal;
        kept.delay = null;
        this.#funded.set(deal, kept);
        // Also for a batch that has ended: what was earned under it before a restart is told once more.
        this.#line.tell({ type: 'fund', deal, terms });
        break;
      }
      case 'unfunded': {
        // Nobody works for a promise that cannot be made: the batch ends, and says why.
        const kept = this.#book.batches.get(mail.batch);
        if (kept && kept.state.endedAt === null)
          this.#book.apply(kept, { type: 'broken', reason: mail.reason });
        break;
      }
      case 'delayed': {
        const kept = this.#book.batches.get(mail.batch);
        if (kept) kept.delay = mail.reason;
        break;
      }
      case 'allocated':
        this.#line.tell(mail);
        break;
      case 'joined':
      case 'owed':
        this.#treasury?.tell(mail);
        break;
      default:
        unreachable(mail);
    }
  }

  /** At the end of a turn: for what leases are wanted now. */
  demand(): void {
    for (const [deal, { state }] of this.#funded) {
      if (state.phase === 'open') continue;
      this.#funded.delete(deal);
      this.#line.tell({ type: 'unfund', deal });
    }
    const open = this.#book.openBatches;
    const deals = open.flatMap(({ deal }) => deal ?? []);
    this.#line.demand(
      open.some(({ state }) => state.spec.pay === undefined),
      deals,
    );
  }
}
