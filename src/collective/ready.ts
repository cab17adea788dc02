/**
 * The units of a batch that want replicas, so grouped that the scheduler never looks at a unit it cannot
 * place.
 *
 * Units that the same owners have already served are interchangeable for placement: they share a bucket. So
 * an owner is compared with a bucket, once, and not with each unit in it.
 */

import type { OwnerId } from '../connectivity/index.ts';
import type { UnitState } from './unit-state.ts';

/** `retry`: a replica was lost, failed or disagreed. `started`: the unit waits for the rest of its quorum. */
export type Urgency = 'retry' | 'started' | 'fresh';

/**
 * Retries first, because somebody waits longest for those; then what ends a unit and frees its place in the
 * window.
 */
export const URGENCIES: readonly Urgency[] = ['retry', 'started', 'fresh'];

export interface Bucket {
  readonly key: string;
  readonly urgency: Urgency;
  /** Have a replica that runs or has voted: never get another one. */
  readonly barred: readonly OwnerId[];
  /** Failed or lost theirs: get another one only if nobody else is there to ask. */
  readonly avoided: readonly OwnerId[];
  readonly units: Set<UnitState>;
}

export interface ReadyView {
  /** Replicas wanted, over all units. */
  readonly wanted: number;
  buckets(urgency: Urgency): Iterable<Bucket>;
}

export class Ready implements ReadyView {
  readonly #places = new Map<UnitState, { readonly bucket: Bucket; readonly wanted: number }>();
  readonly #buckets: Readonly<Record<Urgency, Map<string, Bucket>>> = {
    retry: new Map(),
    started: new Map(),
    fresh: new Map(),
  };
  readonly #target: number;
  wanted = 0;

  /** `target`: replicas that a unit gets when nothing goes wrong. */
  constructor(target: number) {
    this.#target = target;
  }

  buckets(urgency: Urgency): Iterable<Bucket> {
    return this.#buckets[urgency].values();
  }

  /** To be called whenever a unit has changed; once it is final too. */
  update(unit: UnitState): void {
    const place = this.#places.get(unit);
    if (unit.wanted === 0) {
      if (place) this.#remove(unit, place);
      return;
    }
    const history = historyOf(unit, this.#target);
    if (place) {
      if (place.bucket.urgency === history.urgency && place.bucket.key === history.key) {
        if (place.wanted === unit.wanted) return;
        this.wanted += unit.wanted - place.wanted;
        this.#places.set(unit, { bucket: place.bucket, wanted: unit.wanted });
        return;
      }
      this.#remove(unit, place);
    }
    this.#add(unit, history);
  }

  #add(unit: UnitState, history: History): void {
    const buckets = this.#buckets[history.urgency];
    let bucket = buckets.get(history.key);
    if (!bucket) {
      bucket = { ...history, units: new Set() };
      buckets.set(history.key, bucket);
    }
    bucket.units.add(unit);
    this.wanted += unit.wanted;
    this.#places.set(unit, { bucket, wanted: unit.wanted });
  }

  #remove(unit: UnitState, place: { readonly bucket: Bucket; readonly wanted: number }): void {
    const { bucket } = place;
    bucket.units.delete(unit);
    if (bucket.units.size === 0) this.#buckets[bucket.urgency].delete(bucket.key);
    this.wanted -= place.wanted;
    this.#places.delete(unit);
  }
}

export type History = Omit<Bucket, 'units'>;

const UNTOUCHED: History = { key: '', urgency: 'fresh', barred: [], avoided: [] };

/** What a unit's replicas mean for where its next one may go. */
export function historyOf(unit: UnitState, target: number): History {
  if (unit.replicas.length === 0) return UNTOUCHED;
  const barred: OwnerId[] = [];
  const avoided: OwnerId[] = [];
  for (const { state, place } of unit.replicas) {
    if (state === 'running' || state === 'succeeded') barred.push(place.owner);
    else if (state !== 'void' && !avoided.includes(place.owner)) avoided.push(place.owner);
  }
  const urgency = unit.replicas.length + unit.wanted > target ? 'retry' : 'started';
  return { key: keyOf(barred, avoided), urgency, barred, avoided };
}

/** A key for owners in any order. */
export function keyOf(barred: readonly OwnerId[], avoided: readonly OwnerId[]): string {
  const first = barred.length > 1 ? barred.toSorted().join() : (barred[0] ?? '');
  return avoided.length === 0 ? first : `${first}/${avoided.toSorted().join()}`;
}

/** Whether an owner may get a replica; `others` says whether anyone else could. */
export function mayServe(
  history: Pick<History, 'barred' | 'avoided'>,
  owner: OwnerId,
  others: () => boolean,
): boolean {
  if (history.barred.includes(owner)) return false;
  return !history.avoided.includes(owner) || !others();
}
