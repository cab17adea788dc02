/**
 * How a replica is called on the wire and what seeds it.
 *
 * The name carries the whole way back: batch, unit, ordinal. So a return is matched without a table.
 */

import { digestOf } from '../actors/index.ts';
import type { Task, TaskId } from '../fabric/index.ts';
import type { BatchId, BatchSpec, UnitDraft, UnitIndex } from './batch.ts';

export interface ReplicaName {
  readonly batch: BatchId;
  readonly unit: UnitIndex;
  readonly ordinal: number;
}

/** `<batch>/<unit>.<ordinal>` */
export function taskId(batch: BatchId, unit: UnitIndex, ordinal: number): TaskId {
  return `${batch}/${unit}.${ordinal}` as TaskId;
}

/** Nothing for a name that this broker never gave. Hostile input: providers send it back. */
export function parseTaskId(id: string): ReplicaName | undefined {
  const slash = id.indexOf('/');
  const dot = id.indexOf('.', slash);
  if (slash < 1 || dot < 0) return undefined;
  const unit = natural(id.slice(slash + 1, dot));
  const ordinal = natural(id.slice(dot + 1));
  if (unit === undefined || ordinal === undefined) return undefined;
  return { batch: id.slice(0, slash) as BatchId, unit: unit as UnitIndex, ordinal };
}

/** A replica as the provider gets it. */
export function taskOf(spec: BatchSpec, unit: UnitIndex, ordinal: number, { args, files }: UnitDraft): Task {
  const { batch, common } = spec;
  return { id: taskId(batch, unit, ordinal), common, args, files, seed: unitSeed(spec, unit) };
}

/**
 * Seeds the deterministic clock and randomness of all replicas of a unit.
 *
 * It follows from what is computed and from nothing else: the app version, program, shared files and the
 * application's parameters, then the unit's position. So every replica, every later submission of the same
 * work, and a rendering in a single process see the same seed and give the same bytes.
 */
export function unitSeed(spec: BatchSpec, unit: UnitIndex): string {
  let base = seedBases.get(spec);
  if (base === undefined) {
    const { app, common, application } = spec;
    base = digestOf({ app, common, application });
    seedBases.set(spec, base);
  }
  return `${base}/${unit}`;
}

/** The digest costs microseconds and is the same for every unit of a batch. */
const seedBases = new WeakMap<BatchSpec, string>();

function natural(digits: string): number | undefined {
  if (digits.length === 0 || digits.length > 15) return undefined;
  const value = Number(digits);
  return Number.isSafeInteger(value) && value >= 0 && String(value) === digits ? value : undefined;
}
