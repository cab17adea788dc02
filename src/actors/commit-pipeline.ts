/**
 * Persistence before sending, for whoever drives machines: gathers what the steps of one turn want written,
 * commits it as one, and performs the effects of those steps when it is durable, in order.
 *
 * What always holds: an effect is performed after all that was written before it is durable, after all
 * effects before it, and at most once. Steps go on while commits are under way (so a slow disk costs latency,
 * not throughput); from `commitsMax` turns on the actor is held, and its mailbox pushes back. A bundle is
 * what one turn handled; there is no timer, so one lone event is as quick as it can be.
 *
 * A failed commit is thrown into the actor: its supervisor decides, and nothing of that turn or a later one
 * is performed.
 */

import type { Context } from './actor.ts';
import { BoundedQueue } from './bounded.ts';
import type { Fault } from './fault.ts';
import type { Journal, JournalCommit, StreamName } from './journal.ts';

/**
 * Turns under way before the actor is held. With a disk of 2 ms per sync and turns of a millisecond, 64 are
 * never reached unless the disk falls behind for good; then it is time to push back.
 */
const COMMITS_MAX = 64;

/** What an effect writes, if it is one that writes. */
export type JournalRows = Pick<JournalCommit, 'puts' | 'deletes' | 'drops'>;

export interface CommitPipelineOptions<Effect> {
  readonly journal: Journal;
  /**
   * Performs one effect. Called in a turn of the actor; what it adds to the pipeline is flushed at its end.
   */
  perform(effect: Effect): void;
  /** For effects that are writes: they join the commit of their turn instead of being performed. */
  rows?(effect: Effect): JournalRows | undefined;
  readonly commitsMax?: number;
}

/** The mail that tells the actor that a turn is durable, or will never be. Goes to `settle`. */
export class CommitSettled {
  readonly turn: object;
  readonly fault: Fault | undefined;

  constructor(turn: object, fault?: Fault) {
    this.turn = turn;
    this.fault = fault;
  }
}

/** What `flush` needs of the context of an actor whose mail includes `CommitSettled`. */
export type PipelineContext = Pick<Context<CommitSettled>, 'pipe' | 'hold'>;

export interface CommitPipeline<Effect> {
  /** Turns whose effects wait for their commit, the visible count of what is under way. */
  readonly size: number;
  append(stream: StreamName, entry: Uint8Array): void;
  /** `state` stands for all that the stream was ever given, this turn's entries included. */
  snapshot(stream: StreamName, state: Uint8Array): void;
  write(rows: JournalRows): void;
  /** Performed after this turn's commit, or joined to it if `rows` knows it as a write. */
  effect(effect: Effect): void;
  /**
   * At the end of a turn: commits what it gathered. Without writes and with nothing under way, performs at
   * once.
   */
  flush(context: PipelineContext): void;
  /** On each `CommitSettled`: performs what is due. Throws the fault of a failed commit. */
  settle(settled: CommitSettled): void;
  /**
   * When the actor goes in the middle of a turn: commits what it gathered; its effects are never performed.
   */
  save(context: PipelineContext): void;
}

export function createCommitPipeline<Effect>(options: CommitPipelineOptions<Effect>): CommitPipeline<Effect> {
  return new Pipeline(options);
}

class Pipeline<Effect> implements CommitPipeline<Effect> {
  readonly #options: CommitPipelineOptions<Effect>;
  /** In the order of their commits; effects leave from the head only. */
  readonly #underWay: BoundedQueue<Turn<Effect>>;
  #turn = new Turn<Effect>();
  #release: (() => void) | undefined;

  constructor(options: CommitPipelineOptions<Effect>) {
    this.#options = options;
    this.#underWay = new BoundedQueue('turns under way', options.commitsMax ?? COMMITS_MAX);
  }

  get size(): number {
    return this.#underWay.size;
  }

  append(stream: StreamName, entry: Uint8Array): void {
    this.#turn.entries.push({ stream, entry });
  }

  snapshot(stream: StreamName, state: Uint8Array): void {
    this.#turn.snapshot(stream, state);
  }

  write(rows: JournalRows): void {
    this.#turn.write(rows);
  }

  effect(effect: Effect): void {
    const rows = this.#options.rows?.(effect);
    if (rows === undefined) this.#turn.effects.push(effect);
    else this.#turn.write(rows);
  }

  flush(context: PipelineContext): void {
    // When no more may be under way, the turn is kept, and grows by what the system lane still brings.
    while (!this.#turn.isEmpty && this.#underWay.size < this.#underWay.max) {
      const turn = this.#turn;
      this.#turn = new Turn();
      if (turn.writes) {
        this.#underWay.push(turn);
        this.#commit(turn, context);
      } else {
        turn.durable = true;
        this.#underWay.push(turn);
        this.#performDue();
      }
    }
    if (this.#underWay.size === this.#underWay.max) {
      this.#release ??= context.hold();
    } else {
      this.#release?.();
      this.#release = undefined;
    }
  }

  settle({ turn, fault }: CommitSettled): void {
    if (fault !== undefined) throw fault;
    (turn as Turn<Effect>).durable = true;
    this.#performDue();
  }

  save(context: PipelineContext): void {
    const turn = this.#turn;
    this.#turn = new Turn();
    if (turn.writes) this.#commit(turn, context);
  }

  #commit(turn: Turn<Effect>, context: PipelineContext): void {
    context.pipe(
      this.#options.journal.commit(turn.commit()),
      () => new CommitSettled(turn),
      (fault) => new CommitSettled(turn, fault),
    );
  }

  /** A turn leaves the queue before it is performed: whatever an effect throws, none is performed twice. */
  #performDue(): void {
    while (this.#underWay.peek()?.durable) {
      const { effects } = this.#underWay.shift()!;
      for (const effect of effects) this.#options.perform(effect);
    }
  }
}

/** What the steps of one turn want: written as one, then performed. Later writes win over earlier ones. */
class Turn<Effect> {
  readonly entries: { readonly stream: StreamName; readonly entry: Uint8Array }[] = [];
  readonly effects: Effect[] = [];
  durable = false;
  readonly #snapshots = new Map<StreamName, Uint8Array>();
  readonly #drops = new Set<StreamName>();
  /** `undefined` deletes. */
  readonly #rows = new Map<string, Uint8Array | undefined>();

  get writes(): boolean {
    const { entries } = this;
    return entries.length + this.#snapshots.size + this.#drops.size + this.#rows.size > 0;
  }

  get isEmpty(): boolean {
    return this.effects.length === 0 && !this.writes;
  }

  snapshot(stream: StreamName, state: Uint8Array): void {
    this.#forgetEntries(stream);
    this.#snapshots.set(stream, state);
  }

  write({ puts = [], deletes = [], drops = [] }: JournalRows): void {
    for (const { key, value } of puts) this.#rows.set(key, value);
    for (const key of deletes) this.#rows.set(key, undefined);
    for (const stream of drops) {
      this.#forgetEntries(stream);
      this.#snapshots.delete(stream);
      this.#drops.add(stream);
    }
  }

  commit(): JournalCommit {
    const puts: { key: string; value: Uint8Array }[] = [];
    const deletes: string[] = [];
    for (const [key, value] of this.#rows) {
      if (value === undefined) deletes.push(key);
      else puts.push({ key, value });
    }
    const snapshots = [...this.#snapshots].map(([stream, state]) => ({ stream, state }));
    return { entries: this.entries, snapshots, drops: [...this.#drops], puts, deletes };
  }

  /** Those of this turn, which a journal would otherwise append after the snapshot or drop. */
  #forgetEntries(stream: StreamName): void {
    const kept = this.entries.filter((entry) => entry.stream !== stream);
    this.entries.splice(0, this.entries.length, ...kept);
  }
}
