/**
 * What one plan has taken from one batch so far, without touching the batch.
 *
 * A bucket is walked by one iterator for the whole plan: whoever may take its first unit may take them all,
 * so the iterator moves only when a unit is taken. A taken unit that wants more replicas goes on in a bucket
 * of the draft.
 */

import type { OwnerId } from '../connectivity/index.ts';
import type { UnitIndex } from './batch.ts';
import { type Bucket, type History, keyOf, mayServe, type ReadyView, URGENCIES } from './ready.ts';
import type { UnitState } from './unit-state.ts';

/** A bucket as the plan leaves it. */
interface Rest {
  readonly barred: readonly OwnerId[];
  readonly avoided: readonly OwnerId[];
  next(): UnitState | undefined;
}

export class BatchDraft {
  readonly #ready: ReadyView;
  readonly #owners: ReadonlySet<OwnerId>;
  readonly #rests = new Map<Bucket, Rest>();
  /** Units that this plan has given to somebody and that want more, by the owners they are closed to. */
  readonly #shared = new Map<string, Shared>();
  readonly #left = new Map<UnitState, number>();

  /** `owners`: everyone who could run the batch, busy or not. */
  constructor(ready: ReadyView, owners: ReadonlySet<OwnerId>) {
    this.#ready = ready;
    this.#owners = owners;
  }

  /** Up to `count` units that may go to `owner`: shared ones first, then retries, started and fresh ones. */
  take(owner: OwnerId, count: number): UnitIndex[] {
    const taken: UnitIndex[] = [];
    for (const shared of [...this.#shared.values()]) {
      if (taken.length >= count) return taken;
      if (this.#open(shared, owner)) this.#drain(shared, owner, count, taken);
    }
    for (const urgency of URGENCIES) {
      for (const bucket of this.#ready.buckets(urgency)) {
        if (taken.length >= count) return taken;
        if (this.#open(bucket, owner)) this.#drain(this.#restOf(bucket), owner, count, taken);
      }
    }
    return taken;
  }

  #open(history: Pick<History, 'barred' | 'avoided'>, owner: OwnerId): boolean {
    return mayServe(history, owner, () => {
      for (const other of this.#owners)
        if (!history.barred.includes(other) && !history.avoided.includes(other)) return true;
      return false;
    });
  }

  #restOf(bucket: Bucket): Rest {
    let rest = this.#rests.get(bucket);
    if (!rest) {
      const units = bucket.units.values();
      rest = { barred: bucket.barred, avoided: bucket.avoided, next: () => units.next().value };
      this.#rests.set(bucket, rest);
    }
    return rest;
  }

  #drain(from: Rest, owner: OwnerId, count: number, taken: UnitIndex[]): void {
    while (taken.length < count) {
      const unit = from.next();
      if (unit === undefined) return;
      taken.push(unit.unit);
      const left = (this.#left.get(unit) ?? unit.wanted) - 1;
      if (left === 0) continue;
      this.#left.set(unit, left);
      this.#share(unit, [...from.barred, owner], from.avoided);
    }
  }

  #share(unit: UnitState, barred: readonly OwnerId[], avoided: readonly OwnerId[]): void {
    const key = keyOf(barred, avoided);
    let shared = this.#shared.get(key);
    if (!shared) {
      shared = new Shared(barred, avoided);
      this.#shared.set(key, shared);
    }
    shared.push(unit);
  }
}

class Shared implements Rest {
  readonly barred: readonly OwnerId[];
  readonly avoided: readonly OwnerId[];
  readonly #units: UnitState[] = [];
  #at = 0;

  constructor(barred: readonly OwnerId[], avoided: readonly OwnerId[]) {
    this.barred = barred;
    this.avoided = avoided;
  }

  push(unit: UnitState): void {
    this.#units.push(unit);
  }

  next(): UnitState | undefined {
    const unit = this.#units[this.#at];
    if (unit !== undefined) this.#at += 1;
    return unit;
  }
}
