/**
 * A batch as its machine keeps it, what can happen to it, and what is to be done then. See
 * `batch-machine.ts`.
 */

import { type Bytes, type Digest, KIB, type Machine, type Milliseconds } from '../actors/index.ts';
import type { OwnerId } from '../connectivity/index.ts';
import type { TaskFile } from '../fabric/index.ts';
import type { LeaseId } from '../resource/index.ts';
import type { BatchCounts, BatchPhase, BatchSpec, BatchView, UnitDraft, UnitIndex } from './batch.ts';
import { Ready } from './ready.ts';
import type { Place, Replica, ReplicaReturn } from './replica.ts';
import { unitMachine } from './unit.ts';
import type { UnitEffect, UnitEvent, UnitState } from './unit-state.ts';

/** Units drawn and not final. Fifty thousand units a second at a round trip of 50 ms keep 2 500 under way. */
export const WINDOW_UNITS_MAX = 4_096;

/** What the drafts of the window may hold together: a window of units with a file of 16 KiB each. */
export const WINDOW_BYTES_MAX: Bytes = WINDOW_UNITS_MAX * 16 * KIB;

export interface BatchState {
  readonly spec: BatchSpec;
  phase: BatchPhase;
  /** The next unit to draw. */
  cursor: number;
  sourceEnded: boolean;
  readonly tallies: Tallies;
  /** Units drawn and not final, oldest first. */
  readonly window: Map<UnitIndex, UnitState>;
  /** Final units of which a replica is still out: what is left of them judges late results. */
  readonly closing: Map<UnitIndex, UnitState>;
  windowBytes: Bytes;
  /** Replicas that may still be returned. */
  out: number;
  /** No delay bound passes before this instant. */
  dueAt: Milliseconds;
  files: readonly TaskFile[];
  reason: string | null;
  endedAt: Milliseconds | null;
  /** Derived from the window. */
  readonly ready: Ready;
  /** Derived from the spec. */
  readonly units: Machine<UnitState, UnitEvent, UnitEffect>;
}

export type Tallies = {
  -readonly [Count in keyof Omit<BatchCounts, 'drawn' | 'total' | 'active'>]: number;
};

export interface UnitReturn extends ReplicaReturn {
  readonly unit: UnitIndex;
}

export type BatchEvent =
  | { readonly type: 'drawn'; readonly drafts: readonly UnitDraft[] }
  | { readonly type: 'sourceEnded' }
  | { readonly type: 'assigned'; readonly place: Place; readonly units: readonly UnitIndex[] }
  | { readonly type: 'returned'; readonly lease: LeaseId; readonly returns: readonly UnitReturn[] }
  | { readonly type: 'lapsed'; readonly lease: LeaseId }
  /** The provider is back without these. */
  | {
      readonly type: 'dropped';
      readonly lease: LeaseId;
      readonly replicas: readonly (readonly [UnitIndex, number])[];
    }
  /** Time has passed; matters when it is past `dueAt`. */
  | { readonly type: 'tick' }
  | {
      readonly type: 'compared';
      readonly unit: UnitIndex;
      readonly digest: Digest;
      readonly same: Digest | '';
    }
  | { readonly type: 'excluded'; readonly owner: OwnerId }
  | { readonly type: 'cancelled'; readonly reason: string }
  /** The source or the merger gave up. */
  | { readonly type: 'broken'; readonly reason: string }
  | { readonly type: 'merged'; readonly files: readonly TaskFile[] };

export type BatchEffect =
  | UnitEffect
  /** So many replicas of a lease are not out any more. */
  | { readonly type: 'freed'; readonly lease: LeaseId; readonly replicas: number };

export function openBatch(spec: BatchSpec): BatchState {
  return {
    spec,
    phase: 'open',
    cursor: 0,
    sourceEnded: false,
    tallies: {
      agreed: 0,
      failed: 0,
      cancelled: 0,
      replicasAssigned: 0,
      replicasReturned: 0,
      replicasLost: 0,
      replicasDisagreed: 0,
    },
    window: new Map(),
    closing: new Map(),
    windowBytes: 0,
    out: 0,
    dueAt: Number.POSITIVE_INFINITY,
    files: [],
    reason: null,
    endedAt: null,
    ready: new Ready(spec.quorum.targetNresults),
    units: unitMachine({ quorum: spec.quorum, compare: spec.compare }),
  };
}

/** Replicas that may still be returned, with their units. */
export function* outReplicas(state: BatchState): Generator<{ unit: UnitState; replica: Replica }> {
  for (const units of [state.window, state.closing])
    for (const unit of units.values())
      for (const replica of unit.replicas) if (replica.out) yield { unit, replica };
}

/** Units that may be drawn now. */
export function roomFor(state: BatchState): number {
  if (state.phase !== 'open' || state.sourceEnded || state.windowBytes >= WINDOW_BYTES_MAX) return 0;
  return Math.max(0, WINDOW_UNITS_MAX - state.window.size);
}

export function draftBytes(draft: UnitDraft): Bytes {
  let bytes = draft.label.length;
  for (const arg of draft.args) bytes += arg.length;
  for (const { path, content } of draft.files)
    bytes += path.length + ('inline' in content ? content.inline.length : content.cid.length);
  return bytes;
}

export function viewOf(state: BatchState): BatchView {
  const { spec, phase, tallies, cursor, sourceEnded, window } = state;
  return {
    batch: spec.batch,
    name: spec.name,
    app: spec.app,
    phase,
    counts: { drawn: cursor, total: sourceEnded ? cursor : null, active: window.size, ...tallies },
    submittedAt: spec.submittedAt,
    endedAt: state.endedAt,
    reason: state.reason,
    files: state.files,
  };
}
