/**
 * All batches of one broker, and what one turn changes in them: the only place where machines are stepped.
 *
 * A turn gathers events from everybody, steps the machines at once, and ends in one commit: the events of
 * each batch as one entry, verdicts as rows, standings as one entry. Whatever is to be told to others is an
 * effect, and is performed when that commit is durable.
 */

import type { CommitPipeline, Digest, Milliseconds } from '../actors/index.ts';
import type { OwnerId, PeerId } from '../connectivity/index.ts';
import type { TaskId } from '../fabric/index.ts';
import type { DealId, HolderMail, LeaseId } from '../resource/index.ts';
import type { BatchId, BatchSpec, UnitIndex } from './batch.ts';
import { type EventRow, encodeBatch, encodeSpec, encodeTurn, eventRow } from './batch-codec.ts';
import { batchMachine } from './batch-machine.ts';
import { type BatchEffect, type BatchEvent, type BatchState, openBatch, outReplicas } from './batch-state.ts';
import { batchStream, REPUTATION_STREAM } from './broker-recovery.ts';
import type { BatchNews } from './broker-mail.ts';
import type { Directory } from './directory.ts';
import { type Evidence, evidenceRow } from './evidence.ts';
import { Recoveries } from './recoveries.ts';
import type { Replica } from './replica.ts';
import { encodeReputation, encodeStandings, type Standing } from './reputation.ts';
import { Judgements } from './judgements.ts';
import { encodeResult, resultKey } from './result-rows.ts';
import type { Assignment, Demand } from './scheduler.ts';
import { taskId } from './task-name.ts';
import type { UnitEffect, UnitState } from './unit-state.ts';

/** One batch and what this turn has added to it. */
export interface KeptBatch {
  state: BatchState;
  /** Under which its work is paid for, once that is open; the treasury knows it again after a restart. */
  deal: DealId | null;
  /** Why it is not open yet, or nothing more is paid under it. */
  delay: string | null;
  /** Events of this turn. */
  rows: EventRow[];
  loggedBytes: number;
  snapshotBytes: number;
  /** Whether its end is in the journal as a snapshot. */
  sealed: boolean;
}

/** Performed in order, once all that was written before is durable. */
export type BookEffect =
  | { readonly type: 'tell'; readonly mail: HolderMail }
  | AssignEffect
  | {
      readonly type: 'compare';
      readonly kept: KeptBatch;
      readonly asked: AskedComparison;
    }
  | { readonly type: 'news'; readonly news: BatchNews }
  | { readonly type: 'call'; readonly action: () => void };

export type AskedComparison = Extract<UnitEffect, { type: 'compare' }>;

export interface AssignEffect {
  readonly type: 'assign';
  readonly kept: KeptBatch;
  readonly lease: LeaseId;
  readonly replicas: readonly AssignedReplica[];
}

export interface AssignedReplica {
  readonly unit: UnitState;
  readonly replica: Replica;
}

/** A log this much longer than the state it makes is replaced by the state. */
const LOG_BYTES_MIN = 1_048_576;

export class Book {
  readonly batches = new Map<BatchId, KeptBatch>();
  /** Those of which anything may still change. */
  readonly live = new Set<KeptBatch>();
  readonly standings: Map<OwnerId, Standing>;
  readonly #recoveries = new Recoveries();
  readonly #directory: Directory;
  readonly #pipeline: CommitPipeline<BookEffect>;
  readonly #judgements: Judgements;
  readonly #touched = new Set<KeptBatch>();
  readonly #stops = new Map<LeaseId, TaskId[]>();
  readonly #accused = new Map<OwnerId, string>();
  readonly #untold = new Set<AssignEffect>();
  /** Units that the event under way has lost a replica of. */
  #lost: UnitIndex[] = [];
  #reputationBytes = 0;
  /** Of this turn: all its events happen at one instant, which is journalled with them. */
  now: Milliseconds = 0;

  constructor(pipeline: CommitPipeline<BookEffect>, directory: Directory, standings: Map<OwnerId, Standing>) {
    this.#pipeline = pipeline;
    this.#directory = directory;
    this.standings = standings;
    this.#judgements = new Judgements(standings);
  }

  /** Takes in a batch that the journal knows. */
  add(state: BatchState): KeptBatch {
    const sealed = state.endedAt !== null;
    const funding = { deal: null, delay: null };
    const kept: KeptBatch = { state, ...funding, rows: [], loggedBytes: 0, snapshotBytes: 0, sealed };
    this.batches.set(state.spec.batch, kept);
    if (!isOver(state)) this.live.add(kept);
    for (const { replica } of outReplicas(state)) this.#directory.runs(replica.place.lease, 1);
    return kept;
  }

  /** Batches that may still want work done, the most urgent first. */
  get openBatches(): readonly KeptBatch[] {
    const open = [...this.live].filter(({ state }) => state.phase === 'open');
    return open.sort((one, other) => other.state.spec.priority - one.state.spec.priority);
  }

  demands(): readonly Demand[] {
    const demands: Demand[] = [];
    for (const { state, deal, delay } of this.live) {
      const { spec, ready, out: running } = state;
      if (ready.wanted > 0) demands.push({ spec, deal, delay, ready, running });
    }
    return demands;
  }

  /** When the next delay bound passes. */
  dueAt(): Milliseconds {
    let due = Number.POSITIVE_INFINITY;
    for (const { state } of this.live) due = Math.min(due, state.dueAt);
    return due;
  }

  tick(): void {
    for (const kept of this.live) if (kept.state.dueAt <= this.now) this.apply(kept, { type: 'tick' });
  }

  open(spec: BatchSpec): KeptBatch {
    const kept = this.add(openBatch(spec));
    this.#pipeline.append(batchStream(spec.batch), encodeSpec(spec));
    this.#touched.add(kept);
    return kept;
  }

  apply(kept: KeptBatch, event: BatchEvent): void {
    const { state, effects } = batchMachine.step(kept.state, event, this.now);
    kept.state = state;
    kept.rows.push(eventRow(event, state));
    this.#touched.add(kept);
    for (const effect of effects) this.#route(kept, effect);
  }

  /** A lease, or some of its tasks, will not come back. `heardAt`: when the provider last said anything. */
  lose(
    kept: KeptBatch,
    event: Extract<BatchEvent, { type: 'lapsed' | 'dropped' }>,
    provider: PeerId,
    heardAt: Milliseconds,
  ): void {
    this.#lost = [];
    this.apply(kept, event);
    this.#recoveries.lost(kept.state.spec.batch, provider, this.#lost, heardAt);
  }

  assign({ batch, lease, units }: Assignment): void {
    const kept = this.batches.get(batch);
    const place = this.#directory.get(lease);
    if (!kept || !place) return;
    const { epoch, provider, owner } = place.view;
    this.apply(kept, { type: 'assigned', place: { lease, epoch, provider, owner }, units });
    this.#directory.assigned(lease, units.length);
    const replicas = units.map((index) => {
      const unit = kept.state.window.get(index)!;
      return { unit, replica: unit.replicas.at(-1)! };
    });
    const effect: AssignEffect = { type: 'assign', kept, lease, replicas };
    this.#untold.add(effect);
    this.#pipeline.effect(effect);
    this.#recovered(batch, units);
  }

  /** What of an assignment is still wanted when it is durable; the rest never reaches the provider. */
  told(effect: AssignEffect): readonly AssignedReplica[] {
    this.#untold.delete(effect);
    this.#directory.told(effect.lease, effect.replicas.length);
    const wanted: AssignedReplica[] = [];
    const unwanted: (readonly [UnitIndex, number])[] = [];
    for (const assigned of effect.replicas) {
      const { unit, replica } = assigned;
      if (!replica.out) continue;
      if (replica.state === 'running' && unit.verdict === 'pending') wanted.push(assigned);
      else unwanted.push([unit.unit, replica.ordinal]);
    }
    if (unwanted.length > 0)
      this.apply(effect.kept, { type: 'dropped', lease: effect.lease, replicas: unwanted });
    return wanted;
  }

  /** Replicas of a lease that are decided but that its provider cannot know of yet. */
  untold(lease: LeaseId): ReadonlySet<Replica> {
    const replicas = new Set<Replica>();
    for (const effect of this.#untold)
      if (effect.lease === lease) for (const { replica } of effect.replicas) replicas.add(replica);
    return replicas;
  }

  stop(lease: LeaseId, task: TaskId): void {
    const tasks = this.#stops.get(lease);
    if (tasks) tasks.push(task);
    else this.#stops.set(lease, [task]);
  }

  effect(effect: BookEffect): void {
    this.#pipeline.effect(effect);
  }

  /** Judgements become standing, and liars are excluded everywhere. Before the plan, so that it knows. */
  judge(): void {
    for (const [owner, reason] of this.#accused) {
      this.#accused.delete(owner);
      if (!this.#judgements.exclude(owner, reason)) continue;
      this.effect({ type: 'tell', mail: { type: 'exclude', owner, reason } });
      for (const kept of this.live)
        if (kept.state.window.size > 0) this.apply(kept, { type: 'excluded', owner });
    }
  }

  /** Everything of this turn goes into the commit. Answers the batches that changed. */
  write(): readonly KeptBatch[] {
    for (const [lease, tasks] of this.#stops)
      this.effect({ type: 'tell', mail: { type: 'cancel', lease, tasks } });
    this.#stops.clear();
    this.#writeStandings();
    const touched = [...this.#touched];
    this.#touched.clear();
    for (const kept of touched) this.#write(kept);
    return touched;
  }

  #route(kept: KeptBatch, effect: BatchEffect): void {
    const { batch } = kept.state.spec;
    switch (effect.type) {
      case 'verdict': {
        const { result } = effect;
        this.#pipeline.write({ puts: [{ key: resultKey(batch, result.unit), value: encodeResult(result) }] });
        this.#recovered(batch, [result.unit]);
        break;
      }
      case 'freed':
        this.#directory.runs(effect.lease, -effect.replicas);
        break;
      case 'stop':
        this.stop(effect.replica.place.lease, taskId(batch, effect.unit, effect.replica.ordinal));
        break;
      case 'judged':
        this.#judged(kept, effect);
        break;
      case 'contradicted': {
        const { digest, bundle } = effect.replica;
        this.#accuse(kept, effect, {
          kind: 'contradiction',
          said: { digest: effect.digest, bundle: effect.bundle },
          against: { digest: digest as Digest, bundle },
        });
        break;
      }
      case 'compare':
        this.effect({ type: 'compare', kept, asked: effect });
        break;
    }
  }

  #recovered(batch: BatchId, units: readonly UnitIndex[]): void {
    for (const recovery of this.#recoveries.settled(batch, units, this.now))
      this.effect({ type: 'news', news: { type: 'recovered', ...recovery } });
  }

  #judged(kept: KeptBatch, effect: Extract<BatchEffect, { type: 'judged' }>): void {
    const { replica, as, against } = effect;
    this.#judgements.add(replica.place.owner, as);
    if (as === 'lost') this.#lost.push(effect.unit);
    if (against === null) return;
    const said = { digest: replica.digest as Digest, bundle: replica.bundle };
    this.#accuse(kept, effect, { kind: 'disagreement', said, against: { digest: against, bundle: null } });
  }

  #accuse(
    kept: KeptBatch,
    { unit, replica }: Accusation,
    proof: Pick<Evidence, 'kind' | 'said' | 'against'>,
  ): void {
    const { batch, name } = kept.state.spec;
    const { owner, provider, lease } = replica.place;
    const { ordinal } = replica;
    const evidence = { ...proof, owner, provider, batch, unit, ordinal, lease, at: this.now };
    this.#pipeline.write({ puts: [evidenceRow(evidence)] });
    this.effect({ type: 'news', news: { type: 'discredited', batch, unit, provider, owner } });
    this.#accused.set(owner, `${SENTENCES[proof.kind]} (unit ${unit} of ${name})`);
  }

  #writeStandings(): void {
    const events = this.#judgements.take();
    if (events.length === 0) return;
    const entry = encodeReputation(events);
    this.#pipeline.append(REPUTATION_STREAM, entry);
    this.#reputationBytes += entry.length;
    if (this.#reputationBytes < LOG_BYTES_MIN) return;
    this.#reputationBytes = 0;
    this.#pipeline.snapshot(REPUTATION_STREAM, encodeStandings(this.standings));
  }

  #write(kept: KeptBatch): void {
    if (kept.rows.length === 0) return;
    const stream = batchStream(kept.state.spec.batch);
    const entry = encodeTurn(this.now, kept.rows);
    kept.rows = [];
    kept.loggedBytes += entry.length;
    this.#pipeline.append(stream, entry);
    if (isOver(kept.state)) this.live.delete(kept);
    const ended = kept.state.endedAt !== null && !kept.sealed;
    if (!ended && kept.loggedBytes < Math.max(LOG_BYTES_MIN, 4 * kept.snapshotBytes)) return;
    const snapshot = encodeBatch(kept.state);
    kept.loggedBytes = 0;
    kept.snapshotBytes = snapshot.length;
    kept.sealed = kept.state.endedAt !== null;
    this.#pipeline.snapshot(stream, snapshot);
  }
}

function isOver(state: BatchState): boolean {
  return state.endedAt !== null && state.out === 0;
}

type Accusation = Extract<BatchEffect, { type: 'judged' | 'contradicted' }>;

const SENTENCES: { readonly [Kind in Evidence['kind']]: string } = {
  contradiction: 'signed two different results of one task',
  disagreement: 'returned a result that differs from what a quorum of others agreed on',
};
