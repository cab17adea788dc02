/**
 * Follows the units that a lost lease left behind until each has a place again, for people: how much was
 * lost, and how long nobody worked on it.
 */

import type { Milliseconds } from '../actors/index.ts';
import type { PeerId } from '../connectivity/index.ts';
import type { BatchId, UnitIndex } from './batch.ts';

export interface Recovery {
  readonly batch: BatchId;
  readonly provider: PeerId;
  readonly units: number;
  /** From the provider's last word until the last of its units was assigned anew. */
  readonly silentMs: Milliseconds;
}

interface Open {
  readonly batch: BatchId;
  readonly provider: PeerId;
  readonly heardAt: Milliseconds;
  readonly units: Set<UnitIndex>;
  count: number;
}

/** Losses followed at a time; more are recovered just as well, only not reported one by one. */
const OPEN_MAX = 1_024;

export class Recoveries {
  readonly #open = new Set<Open>();

  lost(batch: BatchId, provider: PeerId, units: readonly UnitIndex[], heardAt: Milliseconds): void {
    if (units.length === 0 || this.#open.size >= OPEN_MAX) return;
    this.#open.add({ batch, provider, heardAt, units: new Set(units), count: units.length });
  }

  /** Units that were assigned or became final; answers what is recovered by that. */
  settled(batch: BatchId, units: readonly UnitIndex[], now: Milliseconds): readonly Recovery[] {
    if (this.#open.size === 0) return [];
    const done: Recovery[] = [];
    for (const open of this.#open) {
      if (open.batch !== batch) continue;
      for (const unit of units) open.units.delete(unit);
      if (open.units.size > 0) continue;
      this.#open.delete(open);
      const { provider, count, heardAt } = open;
      done.push({ batch, provider, units: count, silentMs: now - heardAt });
    }
    return done;
  }
}
