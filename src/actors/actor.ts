/**
 * What an actor is: a value that says how one message is handled, synchronously.
 *
 * A handler returns `void`, not a promise; the type says so. Anything asynchronous comes back as mail through
 * `context.pipe`, so the dispatcher owns all ordering and a simulation is exact.
 */

import type { ActorRef } from './actor-ref.ts';
import type { Clock } from './clock.ts';
import type { Fault } from './fault.ts';
import type { Inspection } from './inspection.ts';
import type { Random } from './random.ts';
import type { RestartPolicy, Supervision } from './supervision.ts';
import type { Milliseconds } from './units.ts';

export interface Behaviour<Mail> {
  /** How this actor's children are restarted; one for one, three times in five seconds, unless it says so. */
  readonly supervision?: Supervision;
  /**
   * Before the first mail, and again after each restart, within the `spawn` of the parent: so children start
   * in the order in which they are spawned. If it throws at first, the parent's `spawn` throws the same
   * fault.
   */
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
  /** What happens when this child throws or stops itself; `transient` unless it says so. */
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
  /**
   * Stops a child, or this actor itself when called without one. It happens at once, or at the end of the
   * handler that is running. What waits in the mailbox becomes dead letters.
   */
  stop(child?: ActorRef<never>): void;
  /** The outcome of `work` comes back as one mail, in the system lane, so that it is never refused. */
  pipe<Value>(
    work: Promise<Value>,
    toMail: (value: Value) => Mail,
    toMailOnFault: (fault: Fault) => Mail,
  ): void;
  /**
   * Sends `mail` to this actor after a delay, in the system lane; returns its cancellation. The timers of an
   * actor that stops or restarts are cancelled.
   */
  schedule(delayMs: Milliseconds, mail: Mail): () => void;
  /** `mail` comes when `target` has stopped for good; at once if it already has. A restart forgets it. */
  watch(target: ActorRef<never>, mail: Mail): void;
  /**
   * Leaves user mail in the mailbox, which answers `full` at its limit, until the function it returns is
   * called (and those of all other holds); outcomes of `pipe`, timers and watches still come. For an actor
   * that must finish something before it goes on: it pushes back instead of buffering.
   */
  hold(): () => void;
  /** Adds an event to the inspection stream. */
  inspect(event: Inspection): void;
}
