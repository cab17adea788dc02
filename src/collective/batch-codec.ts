/**
 * A batch in the journal: its events, one entry for all of a turn, and its snapshot.
 *
 * Events are tuples. A return is kept without its output and usage when its unit became final by it: both are
 * in the unit's row then, and a replay has no use for them. So an output is written once.
 */

import { decode, encode, type Digest, type Milliseconds } from '../actors/index.ts';
import type { OwnerId, PeerId } from '../connectivity/index.ts';
import type { TaskFile, TaskOutput, Usage } from '../fabric/index.ts';
import type { Epoch, LeaseId } from '../resource/index.ts';
import type { BatchPhase, BatchSpec, UnitDraft, UnitIndex } from './batch.ts';
import { dueAt } from './batch-machine.ts';
import {
  type BatchEvent,
  type BatchState,
  draftBytes,
  openBatch,
  outReplicas,
  type UnitReturn,
} from './batch-state.ts';
import type { Failure, ReplicaReturn } from './replica.ts';
import { type UnitRow, unitFromRow, unitRow } from './unit-codec.ts';

type DraftRow = readonly [UnitDraft['args'], UnitDraft['files'], string];

type ReturnRow =
  | readonly [UnitIndex, number, ReplicaReturn['status'], Digest | '', number]
  | readonly [
      UnitIndex,
      number,
      ReplicaReturn['status'],
      Digest | '',
      number,
      Usage | null,
      TaskOutput | null,
      Failure | null,
    ];

export type EventRow =
  | readonly ['drawn', readonly DraftRow[]]
  | readonly ['assigned', LeaseId, Epoch, PeerId, OwnerId, readonly UnitIndex[]]
  | readonly ['returned', LeaseId, readonly ReturnRow[]]
  | readonly ['lapsed', LeaseId]
  | readonly ['dropped', LeaseId, readonly (readonly [UnitIndex, number])[]]
  | readonly ['compared', UnitIndex, Digest, Digest | '']
  | readonly ['excluded', OwnerId]
  | readonly ['cancelled', string]
  | readonly ['broken', string]
  | readonly ['merged', readonly TaskFile[]]
  | readonly ['sourceEnded']
  | readonly ['tick'];

/** To be called right after the step: whether a unit became final decides what must be kept. */
export function eventRow(event: BatchEvent, state: BatchState): EventRow {
  switch (event.type) {
    case 'drawn':
      return [event.type, event.drafts.map(draftRow)];
    case 'assigned': {
      const { lease, epoch, provider, owner } = event.place;
      return [event.type, lease, epoch, provider, owner, event.units];
    }
    case 'returned':
      return [event.type, event.lease, event.returns.map((said) => returnRow(said, state))];
    case 'lapsed':
      return [event.type, event.lease];
    case 'dropped':
      return [event.type, event.lease, event.replicas];
    case 'compared':
      return [event.type, event.unit, event.digest, event.same];
    case 'excluded':
      return [event.type, event.owner];
    case 'cancelled':
    case 'broken':
      return [event.type, event.reason];
    case 'merged':
      return [event.type, event.files];
    case 'sourceEnded':
    case 'tick':
      return [event.type];
  }
}

export function eventFromRow(row: EventRow): BatchEvent {
  switch (row[0]) {
    case 'drawn':
      return { type: row[0], drafts: row[1].map(draftFromRow) };
    case 'assigned': {
      const [type, lease, epoch, provider, owner, units] = row;
      return { type, place: { lease, epoch, provider, owner }, units };
    }
    case 'returned':
      return { type: row[0], lease: row[1], returns: row[2].map(returnFromRow) };
    case 'lapsed':
      return { type: row[0], lease: row[1] };
    case 'dropped':
      return { type: row[0], lease: row[1], replicas: row[2] };
    case 'compared':
      return { type: row[0], unit: row[1], digest: row[2], same: row[3] };
    case 'excluded':
      return { type: row[0], owner: row[1] };
    case 'cancelled':
    case 'broken':
      return { type: row[0], reason: row[1] };
    case 'merged':
      return { type: row[0], files: row[1] };
    case 'sourceEnded':
    case 'tick':
      return { type: row[0] };
  }
}

/** All events of one turn, which happened at one instant. The first entry of a stream is the spec instead. */
export function encodeTurn(now: Milliseconds, rows: readonly EventRow[]): Uint8Array {
  return encode([now, rows]);
}

export function encodeSpec(spec: BatchSpec): Uint8Array {
  return encode(spec);
}

export type Entry =
  | { readonly spec: BatchSpec }
  | { readonly now: Milliseconds; readonly events: readonly BatchEvent[] };

export function decodeEntry(bytes: Uint8Array): Entry {
  const value = decode(bytes) as BatchSpec | readonly [Milliseconds, readonly EventRow[]];
  if (!isTurn(value)) return { spec: value };
  return { now: value[0], events: value[1].map(eventFromRow) };
}

function isTurn(
  value: BatchSpec | readonly [Milliseconds, readonly EventRow[]],
): value is readonly [Milliseconds, readonly EventRow[]] {
  return Array.isArray(value);
}

type Snapshot = readonly [
  BatchSpec,
  BatchPhase,
  number,
  boolean,
  BatchState['tallies'],
  readonly TaskFile[],
  string | null,
  Milliseconds | null,
  readonly UnitRow[],
  readonly UnitRow[],
];

export function encodeBatch(state: BatchState): Uint8Array {
  const snapshot: Snapshot = [
    state.spec,
    state.phase,
    state.cursor,
    state.sourceEnded,
    state.tallies,
    state.files,
    state.reason,
    state.endedAt,
    [...state.window.values()].map(unitRow),
    [...state.closing.values()].map(unitRow),
  ];
  return encode(snapshot);
}

export function decodeBatch(bytes: Uint8Array): BatchState {
  const [spec, phase, cursor, sourceEnded, tallies, files, reason, endedAt, window, closing] = decode(
    bytes,
  ) as Snapshot;
  const state = openBatch(spec);
  Object.assign(state.tallies, tallies);
  Object.assign(state, { phase, cursor, sourceEnded, files, reason, endedAt });
  for (const row of window) {
    const unit = unitFromRow(row);
    state.window.set(unit.unit, unit);
    state.windowBytes += draftBytes(unit.draft);
    state.ready.update(unit);
  }
  for (const row of closing) {
    const unit = unitFromRow(row);
    state.closing.set(unit.unit, unit);
  }
  for (const _ of outReplicas(state)) state.out += 1;
  state.dueAt = dueAt(state);
  return state;
}

function draftRow({ args, files, label }: UnitDraft): DraftRow {
  return [args, files, label];
}

function draftFromRow([args, files, label]: DraftRow): UnitDraft {
  return { args, files, label };
}

function returnRow(said: UnitReturn, state: BatchState): ReturnRow {
  const { unit, ordinal, status, digest, bundle, usage, output, failure } = said;
  if (!state.window.has(unit)) return [unit, ordinal, status, digest, bundle];
  return [unit, ordinal, status, digest, bundle, usage ?? null, output ?? null, failure ?? null];
}

function returnFromRow(row: ReturnRow): UnitReturn {
  const [unit, ordinal, status, digest, bundle, usage, output, failure] = row;
  return {
    unit,
    ordinal,
    status,
    digest,
    bundle,
    ...(usage && { usage }),
    ...(output && { output }),
    ...(failure && { failure }),
  };
}
