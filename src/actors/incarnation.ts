/**
 * One life of an actor, from a start to the stop or crash that ends it: the context that its behaviour sees.
 *
 * All that the behaviour has asked to come later (timers, watches, outcomes of promises, holds) belongs to
 * this life and ends with it: a restarted actor never gets an answer to a question it does not remember.
 */

import type { BehaviourFactory, Context, SpawnOptions } from './actor.ts';
import type { ActorRef } from './actor-ref.ts';
import type { Clock } from './clock.ts';
import { actorsErrors } from './errors.ts';
import { type Fault, toFault } from './fault.ts';
import type { Inspection } from './inspection.ts';
import { type Mailbox, OUTSTANDING_MAX } from './mailbox.ts';
import type { Random } from './random.ts';
import type { Milliseconds } from './units.ts';

/** What an incarnation needs of its actor. */
export interface IncarnationHost<Mail> {
  readonly mailbox: Mailbox<Mail>;
  readonly clock: Clock;
  readonly random: Random;
  spawn<ChildMail>(
    name: string,
    factory: BehaviourFactory<ChildMail>,
    options?: SpawnOptions,
  ): ActorRef<ChildMail>;
  stop(child?: ActorRef<never>): void;
  inspect(event: Inspection): void;
  /** Something failed outside of a handler. */
  crash(fault: Fault): void;
}

export class Incarnation<Mail> implements Context<Mail> {
  readonly #host: IncarnationHost<Mail>;
  readonly #cancellations = new Set<() => void>();
  #pipes = 0;
  #over = false;

  constructor(host: IncarnationHost<Mail>) {
    this.#host = host;
  }

  get self(): ActorRef<Mail> {
    return this.#host.mailbox;
  }

  get clock(): Clock {
    return this.#host.clock;
  }

  get random(): Random {
    return this.#host.random;
  }

  spawn<ChildMail>(
    name: string,
    factory: BehaviourFactory<ChildMail>,
    options?: SpawnOptions,
  ): ActorRef<ChildMail> {
    return this.#host.spawn(name, factory, options);
  }

  stop(child?: ActorRef<never>): void {
    this.#host.stop(child);
  }

  pipe<Value>(
    work: Promise<Value>,
    toMail: (value: Value) => Mail,
    toMailOnFault: (fault: Fault) => Mail,
  ): void {
    this.#pipes += 1;
    work.then(
      (value) => this.#settle(() => toMail(value)),
      (thrown) => this.#settle(() => toMailOnFault(toFault(thrown, actorsErrors.ACTORS_WORK_FAILED))),
    );
    this.#checkOutstanding();
  }

  schedule(delayMs: Milliseconds, mail: Mail): () => void {
    const cancelTimer = this.#host.clock.after(delayMs, () => {
      this.#cancellations.delete(cancel);
      this.#deliver(mail);
    });
    const cancel = () => {
      this.#cancellations.delete(cancel);
      cancelTimer();
    };
    this.#keep(cancel);
    return cancel;
  }

  watch(target: ActorRef<never>, mail: Mail): void {
    let cancel: (() => void) | undefined;
    let over = false;
    cancel = target.onStopped?.(() => {
      over = true;
      if (cancel !== undefined) this.#cancellations.delete(cancel);
      this.#deliver(mail);
    });
    if (cancel !== undefined && !over) this.#keep(cancel);
  }

  hold(): () => void {
    const letGo = this.#host.mailbox.hold();
    const release = () => {
      this.#cancellations.delete(release);
      letGo();
    };
    this.#keep(release);
    return release;
  }

  inspect(event: Inspection): void {
    this.#host.inspect(event);
  }

  /** Cancels all that this life has asked for. */
  end(): void {
    this.#over = true;
    for (const cancel of [...this.#cancellations]) cancel();
    this.#cancellations.clear();
  }

  #settle(makeMail: () => Mail): void {
    this.#pipes -= 1;
    if (this.#over) return;
    try {
      this.#deliver(makeMail());
    } catch (thrown) {
      this.#host.crash(toFault(thrown, actorsErrors.ACTORS_HANDLER_THREW));
    }
  }

  #deliver(mail: Mail): void {
    if (this.#over) return;
    if (this.#host.mailbox.deliver(mail) === 'full') this.#host.crash(this.#tooMany());
  }

  #keep(cancel: () => void): void {
    if (this.#over) {
      cancel();
      return;
    }
    this.#cancellations.add(cancel);
    this.#checkOutstanding();
  }

  #checkOutstanding(): void {
    if (this.#cancellations.size + this.#pipes > OUTSTANDING_MAX) throw this.#tooMany();
  }

  #tooMany(): Fault {
    const { path } = this.#host.mailbox;
    return actorsErrors.ACTORS_OUTSTANDING_FULL({ path, max: OUTSTANDING_MAX });
  }
}
