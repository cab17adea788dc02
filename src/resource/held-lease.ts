/** The leases that this broker has granted, with what each holds in this process. */

import type { Milliseconds } from '../actors/index.ts';
import type { PeerId } from '../connectivity/index.ts';
import type { HeldDeal } from './held-deal.ts';
import type { BrokerLink } from './holder-mail.ts';
import { type HeldRow, TOMBSTONE_MS } from './holder-store.ts';
import type { BrokerLease } from './lease-at-broker.ts';
import type { LeaseId } from './lease-wire.ts';

export interface Held {
  row: HeldRow;
  state: BrokerLease;
  link: BrokerLink | undefined;
  /** The deal that it is under. */
  readonly deal?: HeldDeal;
}

export class HeldLeases implements Iterable<Held> {
  readonly #leases = new Map<LeaseId, Held>();
  readonly #byProvider = new Map<PeerId, Held>();
  /** When the rows of ended leases may go. */
  readonly #tombstones = new Map<LeaseId, Milliseconds>();

  get size(): number {
    return this.#leases.size;
  }

  add(held: Held): void {
    this.#leases.set(held.row.grant.lease, held);
    this.#byProvider.set(held.row.grant.provider, held);
  }

  get(lease: LeaseId | undefined): Held | undefined {
    return lease === undefined ? undefined : this.#leases.get(lease);
  }

  of(provider: PeerId): Held | undefined {
    return this.#byProvider.get(provider);
  }

  /** By now, so that leases may end meanwhile. */
  [Symbol.iterator](): Iterator<Held> {
    return [...this.#leases.values()][Symbol.iterator]();
  }

  /** It ended at that time, in this process or before it; a newer lease of the same provider stays. */
  bury({ grant: { lease, provider } }: HeldRow, at: Milliseconds): void {
    const held = this.#leases.get(lease);
    this.#leases.delete(lease);
    if (held !== undefined && this.#byProvider.get(provider) === held) this.#byProvider.delete(provider);
    this.#tombstones.set(lease, at + TOMBSTONE_MS);
  }

  /** Those whose rows may go; each is told once. */
  forget(now: Milliseconds): readonly LeaseId[] {
    const due = [...this.#tombstones].filter(([, at]) => at <= now).map(([lease]) => lease);
    for (const lease of due) this.#tombstones.delete(lease);
    return due;
  }
}
