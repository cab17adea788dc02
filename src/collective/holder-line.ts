/** The broker's line to its leases: mail in order, none lost while the holder's mailbox is full. */

import { assert, BoundedQueue, type Context, type Milliseconds } from '../actors/index.ts';
import type { DealId, Holder, HolderMail } from '../resource/index.ts';

/** Each lease has at most a few mails here at a time; ten thousand leases are what one holder keeps. */
const WAITING_MAX = 65_536;

/** When a full mailbox is tried again. */
const RETRY_MS: Milliseconds = 10;

export class HolderLine<Mail> {
  readonly #context: Context<Mail>;
  readonly #holder: Holder;
  readonly #again: Mail;
  readonly #waiting = new BoundedQueue<HolderMail>('mail to the holder', WAITING_MAX);
  #demand: string | undefined;

  /** `again`: the mail on which the owner calls `retry`. */
  constructor(context: Context<Mail>, holder: Holder, again: Mail) {
    this.#context = context;
    this.#holder = holder;
    this.#again = again;
  }

  tell(mail: HolderMail): void {
    if (this.#waiting.size === 0 && this.#holder.tell(mail) !== 'full') return;
    if (this.#waiting.size === 0) this.#context.schedule(RETRY_MS, this.#again);
    assert(this.#waiting.push(mail) === 'accepted', 'the holder reads its mail');
  }

  /** Whether offers are wanted for credit, and under which deals; said when it changes. */
  demand(wanted: boolean, deals: readonly DealId[]): void {
    const demand = [wanted, ...deals].join();
    if (demand === this.#demand) return;
    this.#demand = demand;
    this.tell({ type: 'demand', wanted, deals });
  }

  retry(): void {
    for (let mail = this.#waiting.peek(); mail !== undefined; mail = this.#waiting.peek()) {
      if (this.#holder.tell(mail) === 'full') {
        this.#context.schedule(RETRY_MS, this.#again);
        return;
      }
      this.#waiting.shift();
    }
  }
}
