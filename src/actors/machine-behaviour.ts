/**
 * The one shell that drives pure machines: decode, step, journal, perform.
 *
 * Each turn's events become one entry and one commit; effects are performed in order when it is durable. At
 * the start the machine is replayed while user mail waits in the mailbox; then the owner says, from the state
 * alone, what has to be done now. What held before a crash holds after it, except that effects whose event
 * was durable may not have been performed: `resumed` answers for those.
 */

import type { Behaviour, Context } from './actor.ts';
import { assert } from './assert.ts';
import { encode } from './canonical.ts';
import {
  type CommitPipeline,
  type CommitPipelineOptions,
  CommitSettled,
  createCommitPipeline,
} from './commit-pipeline.ts';
import { Fault } from './fault.ts';
import { encodeTurn, type ReplayOptions, type Replayed, replayMachine } from './machine-replay.ts';
import type { Milliseconds } from './units.ts';

interface MachineShellOptions<State, Event, Effect, Mail>
  extends ReplayOptions<State, Event, Effect>,
    Pick<CommitPipelineOptions<Effect>, 'rows' | 'commitsMax'> {
  /**
   * Performs one effect that is not a row. Must not fail for what the outside does: that comes back as mail.
   */
  perform(effect: Effect, context: Context<Mail>): void;
  /**
   * From the replayed state, before the first mail: what has to be done (again) now, timers and sends
   * included.
   */
  resumed?(state: State, context: Context<Mail>): readonly Effect[];
  /** Saves the whole state after this many events, so that a replay stays short. Needs both state codecs. */
  readonly snapshotEvery?: number;
}

/**
 * The event that a mail is, or `undefined` for one that is none, such as a question answered from `state`
 * here; such an answer may tell of steps that are not yet durable.
 */
type ToEvent<State, Event, Mail> = (mail: Mail, state: State, context: Context<Mail>) => Event | undefined;

export type MachineBehaviourOptions<State, Event, Effect, Mail> = MachineShellOptions<
  State,
  Event,
  Effect,
  Mail
> &
  ([Mail] extends [Event]
    ? { readonly toEvent?: ToEvent<State, Event, Mail> }
    : { readonly toEvent: ToEvent<State, Event, Mail> });

export function machineBehaviour<State, Event, Effect, Mail = Event>(
  options: MachineBehaviourOptions<State, Event, Effect, Mail>,
): Behaviour<Mail> {
  const { toEvent = (mail: Mail) => mail as unknown as Event } = options;
  return new MachineBehaviour(options, toEvent);
}

/** Mail of the shell to itself. */
class ReplayEnded<State> {
  readonly outcome: Replayed<State> | Fault;

  constructor(outcome: Replayed<State> | Fault) {
    this.outcome = outcome;
  }
}

class MachineBehaviour<State, Event, Effect, Mail> implements Behaviour<Mail> {
  readonly #options: MachineShellOptions<State, Event, Effect, Mail>;
  readonly #toEvent: ToEvent<State, Event, Mail>;
  #pipeline!: CommitPipeline<Effect>;
  #release!: () => void;
  #state!: State;
  /** This turn's, encoded. */
  #events: unknown[] = [];
  #effects: Effect[] = [];
  /** One time for all steps of a turn. */
  #now: Milliseconds = 0;
  #sinceSnapshot = 0;

  constructor(
    options: MachineShellOptions<State, Event, Effect, Mail>,
    toEvent: ToEvent<State, Event, Mail>,
  ) {
    const { snapshotEvery, encodeState, decodeState } = options;
    assert(
      snapshotEvery === undefined || (encodeState !== undefined && decodeState !== undefined),
      'a machine with snapshots says how its state is encoded and decoded',
    );
    this.#options = options;
    this.#toEvent = toEvent;
  }

  start(context: Context<Mail | CommitSettled | ReplayEnded<State>>): void {
    const { journal, commitsMax, rows } = this.#options;
    this.#pipeline = createCommitPipeline<Effect>({
      journal,
      perform: (effect) => this.#options.perform(effect, context),
      ...(rows === undefined ? {} : { rows }),
      ...(commitsMax === undefined ? {} : { commitsMax }),
    });
    this.#release = context.hold();
    context.pipe(
      replayMachine(this.#options),
      (replayed) => new ReplayEnded(replayed),
      (fault) => new ReplayEnded<State>(fault),
    );
  }

  receive(mail: Mail | CommitSettled | ReplayEnded<State>, context: Context<Mail>): void {
    if (mail instanceof CommitSettled) {
      this.#pipeline.settle(mail);
    } else if (mail instanceof ReplayEnded) {
      this.#resume(mail, context);
    } else {
      const event = this.#toEvent(mail, this.#state, context);
      if (event !== undefined) this.#step(event, context);
    }
  }

  turnEnd(context: Context<Mail | CommitSettled | ReplayEnded<State>>): void {
    this.#gather(this.#snapshotIsDue());
    this.#pipeline.flush(context);
  }

  /**
   * Also after a step that threw: the events before it in the turn were taken, and are kept with their rows.
   * Its state may be half changed, and is not.
   */
  stop(context: Context<Mail | CommitSettled | ReplayEnded<State>>): void {
    this.#gather(false);
    this.#pipeline.save(context);
  }

  #step(event: Event, context: Context<Mail>): void {
    if (this.#events.length === 0) this.#now = context.clock.now();
    const { state, effects } = this.#options.machine.step(this.#state, event, this.#now);
    this.#state = state;
    this.#events.push(this.#options.encodeEvent(event));
    for (const effect of effects) this.#effects.push(effect);
  }

  #resume({ outcome }: ReplayEnded<State>, context: Context<Mail>): void {
    if (outcome instanceof Fault) throw outcome;
    const { machine, stream, resumed } = this.#options;
    this.#state = outcome.state;
    this.#sinceSnapshot = outcome.events;
    context.inspect({
      topic: 'machine.replayed',
      level: 'debug',
      details: { machine: machine.name, stream, events: outcome.events },
    });
    this.#effects.push(...(resumed?.(outcome.state, context) ?? []));
    this.#release();
  }

  #snapshotIsDue(): boolean {
    const { snapshotEvery = Number.POSITIVE_INFINITY } = this.#options;
    return this.#sinceSnapshot + this.#events.length >= snapshotEvery;
  }

  /**
   * The events go before their effects, so that a machine can drop its own stream. A snapshot takes the place
   * of the entry: the state has the events of this turn in it already.
   */
  #gather(snapshot: boolean): void {
    const { encodeState, stream } = this.#options;
    if (this.#events.length > 0) {
      if (snapshot) this.#pipeline.snapshot(stream, encode(encodeState?.(this.#state)));
      else this.#pipeline.append(stream, encodeTurn(this.#now, this.#events));
      this.#sinceSnapshot = snapshot ? 0 : this.#sinceSnapshot + this.#events.length;
    }
    for (const effect of this.#effects) this.#pipeline.effect(effect);
    this.#events = [];
    this.#effects = [];
  }
}
