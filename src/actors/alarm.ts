/**
 * The one timer of an actor that has many things to do at their times: it comes at the earliest of them, and
 * the actor then looks for what is due.
 */

import type { Context } from './actor.ts';
import type { Milliseconds } from './units.ts';

export class Alarm<Mail> {
  readonly #context: Pick<Context<Mail>, 'clock' | 'schedule'>;
  readonly #mail: Mail;
  #at: Milliseconds = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(context: Pick<Context<Mail>, 'clock' | 'schedule'>, mail: Mail) {
    this.#context = context;
    this.#mail = mail;
  }

  /** The mail comes at `at` (of the actor's clock), unless it comes earlier anyway. */
  by(at: Milliseconds): void {
    if (at >= this.#at) return;
    this.#cancel?.();
    this.#at = at;
    this.#cancel = this.#context.schedule(Math.max(0, at - this.#context.clock.now()), this.#mail);
  }

  /** The mail is here: nothing is set any more. */
  rang(): void {
    this.#at = Number.POSITIVE_INFINITY;
    this.#cancel = undefined;
  }
}
