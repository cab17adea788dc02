/**
 * Between the broker and its treasury: which batches may be worked for, under which deals.
 *
 * Without a treasury there is no money, and a batch that is to be paid for is not accepted.
 */

import { type ActorRef, unreachable } from '../actors/index.ts';
import type { LeaseNews } from '../resource/index.ts';
import type { BatchSpec } from './batch.ts';
import type { BatchState } from './batch-state.ts';
import type { Book } from './book.ts';
import type { BrokerMail } from './broker-mail.ts';
import type { TreasuryMail } from './treasury.ts';

export type FundingMail =
  | Extract<BrokerMail, { type: 'funded' | 'unfunded' | 'allocated' }>
  | Extract<LeaseNews, { type: 'joined' | 'owed' }>;

export class Funding {
  readonly #book: Book;
  readonly #treasury: ActorRef<TreasuryMail> | undefined;

  constructor(book: Book, treasury: ActorRef<TreasuryMail> | undefined) {
    this.#book = book;
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
        const kept = this.#book.batches.get(mail.batch);
        if (kept) kept.deal = mail.deal;
        break;
      }
      case 'unfunded': {
        // Nobody works for a promise that cannot be made: the batch ends, and says why.
        const kept = this.#book.batches.get(mail.batch);
        if (kept && kept.state.endedAt === null)
          this.#book.apply(kept, { type: 'broken', reason: mail.reason });
        break;
      }
      case 'allocated':
        break;
      case 'joined':
      case 'owed':
        this.#treasury?.tell(mail);
        break;
      default:
        unreachable(mail);
    }
  }
}
