/**
 * Where an actor's mail waits, and what its reference is.
 *
 * Two lanes, system before user (after protoactor-go's `mailbox.go`): a flood from outside delays neither
 * timers nor the outcomes of work under way. Both are bounded. The user lane answers its senders; the system
 * lane only takes what the actor itself asked for, so that its overflow is the actor's own failure.
 */

import type { ActorRef, Delivery } from './actor-ref.ts';
import { type Admission, BoundedQueue } from './bounded.ts';

/** User mails of an actor that was given no limit: some milliseconds of work, 64 KiB of slots at most. */
export const MAILBOX_MAX = 8_192;

/** Timers, watches and asynchronous answers of one actor. A protocol that needs more keeps its own wheel. */
export const OUTSTANDING_MAX = 65_536;

export interface MailboxOwner<Mail> {
  /** There is mail to handle, and no turn was asked for yet. */
  wake(): void;
  /** The first refusal since the mailbox was last handled. */
  refused(): void;
  /** This mail came to nobody. */
  deadLetter(mail: Mail): void;
}

export class Mailbox<Mail> implements ActorRef<Mail> {
  readonly path: string;
  readonly #owner: MailboxOwner<Mail>;
  readonly #system: BoundedQueue<Mail>;
  readonly #user: BoundedQueue<Mail>;
  readonly #stopListeners = new Set<() => void>();
  #awake = false;
  #full = false;
  #closed = false;
  #holds = 0;

  constructor(path: string, userMailsMax: number, owner: MailboxOwner<Mail>) {
    this.path = path;
    this.#owner = owner;
    this.#system = new BoundedQueue(`${path} system`, OUTSTANDING_MAX);
    this.#user = new BoundedQueue(`${path} user`, userMailsMax);
  }

  tell(mail: Mail): Delivery {
    if (this.#closed) {
      this.#owner.deadLetter(mail);
      return 'stopped';
    }
    if (this.#user.push(mail) === 'full') {
      if (!this.#full) this.#owner.refused();
      this.#full = true;
      return 'full';
    }
    if (!this.#awake && this.#holds === 0) this.#wake();
    return 'accepted';
  }

  onStopped(listener: () => void): () => void {
    if (this.#closed) {
      listener();
      return () => {};
    }
    this.#stopListeners.add(listener);
    return () => this.#stopListeners.delete(listener);
  }

  /** Mail of the system lane. */
  deliver(mail: Mail): Admission {
    if (this.#closed) return 'accepted';
    const admission = this.#system.push(mail);
    if (!this.#awake) this.#wake();
    return admission;
  }

  /** Mails that `take` would give now. */
  get size(): number {
    return this.#system.size + (this.#holds === 0 ? this.#user.size : 0);
  }

  /** The next mail, only while `size` is not 0. */
  take(): Mail {
    if (this.#system.size > 0) return this.#system.shift() as Mail;
    this.#full = false;
    return this.#user.shift() as Mail;
  }

  /** After a turn: asks for the next one if there is mail. */
  rearm(): void {
    this.#awake = false;
    if (!this.#closed && this.size > 0) this.#wake();
  }

  hold(): () => void {
    this.#holds += 1;
    let held = true;
    return () => {
      if (held) this.#holds -= 1;
      held = false;
      if (!this.#awake && !this.#closed && this.size > 0) this.#wake();
    };
  }

  /** The system lane belongs to one life of the actor and goes with it; user mail was accepted, and stays. */
  forgetSystemMail(): void {
    this.#system.clear();
  }

  /** For good: what waits becomes dead letters, then those who watch are told. */
  close(): void {
    this.#closed = true;
    this.#system.clear();
    while (this.#user.size > 0) this.#owner.deadLetter(this.#user.shift() as Mail);
    const listeners = [...this.#stopListeners];
    this.#stopListeners.clear();
    for (const listener of listeners) listener();
  }

  #wake(): void {
    this.#awake = true;
    this.#owner.wake();
  }
}
