/**
 * Mail to one actor, in order, that is not lost when its mailbox is full: it waits here and is tried again.
 *
 * Bounded by the asker's credit in normal use; past the limit this actor gives up (and is restarted from its
 * journal) rather than grow.
 */

import { assert, BoundedQueue } from '../actors/index.ts';
import type { ActorRef } from '../actors/index.ts';

/** The assignments of four full leases (`LEASE_TASKS_MAX`): more has no credit behind it. */
const WAITING_MAX = 65_536;

export class Outbox<Mail> {
  readonly #target: ActorRef<Mail>;
  readonly #waiting = new BoundedQueue<Mail>('outbox', WAITING_MAX);

  constructor(target: ActorRef<Mail>) {
    this.#target = target;
  }

  get size(): number {
    return this.#waiting.size;
  }

  tell(mail: Mail): void {
    if (this.#waiting.size === 0 && this.#target.tell(mail) !== 'full') return;
    assert(this.#waiting.push(mail) === 'accepted', 'the reader of an outbox reads');
  }

  /** Whether everything has been taken. */
  flush(): boolean {
    for (let mail = this.#waiting.peek(); mail !== undefined; mail = this.#waiting.peek()) {
      if (this.#target.tell(mail) === 'full') return false;
      this.#waiting.shift();
    }
    return true;
  }
}
