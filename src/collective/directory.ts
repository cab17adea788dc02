/**
 * The leases this broker has, and how many more tasks each takes now.
 *
 * Nothing here is durable: after a restart the holder announces every lease anew, and what runs where is
 * counted from the batches.
 */

import type { Milliseconds } from '../actors/index.ts';
import type { LeaseId, LeaseView } from '../resource/index.ts';

export interface LeasePlace {
  readonly view: LeaseView;
  /** Tasks it takes now, those decided but not yet told to the holder already taken off. */
  readonly free: number;
  /** Tasks that it may still return. */
  readonly running: number;
}

interface Entry {
  readonly view: LeaseView;
  free: number;
  running: number;
  heardAt: Milliseconds;
}

export class Directory {
  readonly #leases = new Map<LeaseId, Entry>();
  /**
   * Counted for leases that are not announced, too: after a restart those are known from the batches first.
   */
  readonly #running = new Map<LeaseId, number>();
  /** Decided and not yet told to the holder. */
  readonly #untold = new Map<LeaseId, number>();

  get(lease: LeaseId): (LeasePlace & { readonly heardAt: Milliseconds }) | undefined {
    return this.#leases.get(lease);
  }

  all(): readonly LeasePlace[] {
    return [...this.#leases.values()];
  }

  /** Leases with tasks under way that nobody has announced. */
  unclaimed(): readonly LeaseId[] {
    return [...this.#running.keys()].filter((lease) => !this.#leases.has(lease));
  }

  opened(view: LeaseView, free: number, now: Milliseconds): void {
    const running = this.#running.get(view.lease) ?? 0;
    this.#leases.set(view.lease, { view, free, running, heardAt: now });
  }

  /** The holder's figure does not know of what it has not been told. */
  credit(lease: LeaseId, free: number, now: Milliseconds): void {
    const entry = this.#leases.get(lease);
    if (!entry) return;
    entry.free = Math.max(0, free - (this.#untold.get(lease) ?? 0));
    entry.heardAt = now;
  }

  heard(lease: LeaseId, now: Milliseconds): void {
    const entry = this.#leases.get(lease);
    if (entry) entry.heardAt = now;
  }

  assigned(lease: LeaseId, tasks: number): void {
    add(this.#untold, lease, tasks);
    this.runs(lease, tasks);
    const entry = this.#leases.get(lease);
    if (entry) entry.free -= tasks;
  }

  told(lease: LeaseId, tasks: number): void {
    add(this.#untold, lease, -tasks);
  }

  /** So many tasks more, or less, are under way there. */
  runs(lease: LeaseId, tasks: number): void {
    const running = add(this.#running, lease, tasks);
    const entry = this.#leases.get(lease);
    if (entry) entry.running = running;
  }

  lapsed(lease: LeaseId): void {
    this.#leases.delete(lease);
  }
}

function add(counts: Map<LeaseId, number>, lease: LeaseId, change: number): number {
  const count = Math.max(0, (counts.get(lease) ?? 0) + change);
  if (count === 0) counts.delete(lease);
  else counts.set(lease, count);
  return count;
}
