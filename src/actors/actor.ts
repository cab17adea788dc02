/**
 * What an actor is: a value that says how one message is handled, synchronously.
 *
 * A handler returns `void`, not a promise; the type says so. Anything asynchronous comes back as mail through
 * `context.pipe`, so the dispatcher owns all ordering and a simulation is exact.
 */

import type { ActorRef } from './actor-ref.ts';
import type { Clock } from './clock.ts';
import type { Inspection } from './inspection.ts';
import type { Random } from './random.ts';
import type { RestartPolicy } from './supervision.ts';
import type { Fault } from './errors.ts';
import type { Milliseconds } from './units.ts';

export interface Behaviour<Mail> {
  /** Before the first mail, and again after each restart. */
  start?(context: Context<Mail>): void;
  receive(mail: Mail, context: Context<Mail>): void;
  /**
   * After the mail that was waiting has been handled (or the dispatcher's budget for one turn is used up):
   * the place where bundles are flushed. Called once a turn, never without mail before it.
   */
  turnEnd?(context: Context<Mail>): void;
  /** Before the actor goes: stopped, or about to be restarted. Children are already stopped. */
  stop?(context: Context<Mail>): void;
}

/** Makes a fresh behaviour; called at spawn and at each restart, so that no state outlives a crash. */
export type BehaviourFactory<Mail> = () => Behaviour<Mail>;

export interface SpawnOptions {
  /** Mails waiting in the user lane before `tell` answers `full`. */
  readonly mailboxMax?: number;
  /** What happens when this child throws; the default restarts it. */
  readonly restart?: RestartPolicy;
}

export interface Context<Mail> {
  readonly self: ActorRef<Mail>;
  readonly clock: Clock;
  readonly random: Random;
  spawn<ChildMail>(
    name: string,
    factory: BehaviourFactory<ChildMail>,
    options?: SpawnOptions,
  ): ActorRef<ChildMail>;
  /** Stops a child, or this actor itself when called without one. */
  stop(child?: ActorRef<never>): void;
  /** The outcome of `work` comes back as one mail, in the system lane, so that it is never refused. */
  pipe<Value>(
    work: Promise<Value>,
    toMail: (value: Value) => Mail,
    toMailOnFault: (fault: Fault) => Mail,
  ): void;
  /** Sends `mail` to this actor after a delay; returns its cancellation. A stopped actor's timers are cancelled. */
  schedule(delayMs: Milliseconds, mail: Mail): () => void;
  /** `mail` comes when `target` has stopped for good. */
  watch(target: ActorRef<never>, mail: Mail): void;
  /** Adds an event to the inspection stream. */
  inspect(event: Inspection): void;
}
