/**
 * The brokers a provider knows of, and when to call each.
 *
 * A standing broker (from the configuration) is called for ever; one that was heard of once is forgotten when
 * it declines. Calls to one broker are at least a second apart, however often it is announced.
 */

import { MINUTE_MS, SECOND_MS } from '../actors/index.ts';
import type { Milliseconds } from '../actors/index.ts';
import type { Address, OwnerId, PeerId } from '../connectivity/index.ts';
import { retryDelay } from './retry.ts';

/** A broker has work. What is not known of it is not judged by the policy. */
export interface Invitation {
  readonly broker: PeerId;
  readonly addresses: readonly Address[];
  readonly owner?: OwnerId;
  /** Applications and categories of the work, as the provider's policy names them. */
  readonly labels?: readonly string[];
  /** Call it for ever, not only now. */
  readonly standing?: boolean;
}

interface Entry {
  invitation: Invitation;
  /** Infinity while it is called or has a lease. */
  dueAt: Milliseconds;
  calledAt: Milliseconds;
  failures: number;
}

/** Announcements come from strangers; beyond this the oldest that stands idle gives way. */
const BROKERS_MAX = 1_024;

/**
 * Between two calls of one broker, and later and later while it fails; a broker that restarts is found again
 * within half a minute.
 */
const SPACING_MS: Milliseconds = SECOND_MS;
const BACKOFF_MS_MAX: Milliseconds = 30 * SECOND_MS;

/** Unreachable this often, a broker that is not standing is forgotten. */
const FAILURES_MAX = 5;

/** A broker's wish to be left alone is respected, within reason. */
const DECLINED_MS_MAX: Milliseconds = 10 * MINUTE_MS;

const BUSY = Number.POSITIVE_INFINITY;

export class BrokerBook {
  readonly #entries = new Map<PeerId, Entry>();
  /** Of all entries, the earliest; undefined after a change. */
  #dueAt: Milliseconds | undefined;

  /** When somebody is to be called next; Infinity when nobody is. */
  get dueAt(): Milliseconds {
    if (this.#dueAt === undefined) {
      this.#dueAt = BUSY;
      for (const { dueAt } of this.#entries.values()) this.#dueAt = Math.min(this.#dueAt, dueAt);
    }
    return this.#dueAt;
  }

  get size(): number {
    return this.#entries.size;
  }

  find(broker: PeerId): Invitation | undefined {
    return this.#entries.get(broker)?.invitation;
  }

  invite(invitation: Invitation, now: Milliseconds): void {
    this.#dueAt = undefined;
    const { broker } = invitation;
    const entry = this.#entries.get(broker);
    if (entry === undefined) {
      if (this.#entries.size >= BROKERS_MAX && !this.#forgetOne()) return;
      this.#entries.set(broker, { invitation, dueAt: now, calledAt: 0, failures: 0 });
      return;
    }
    const standing = invitation.standing === true || entry.invitation.standing === true;
    entry.invitation = { ...invitation, standing };
    if (entry.dueAt !== BUSY) entry.dueAt = Math.max(now, entry.calledAt + SPACING_MS);
  }

  /** Whom to call now; they are busy until one of the outcomes below. */
  due(now: Milliseconds): readonly Invitation[] {
    const due: Invitation[] = [];
    if (now < this.dueAt) return due;
    this.#dueAt = undefined;
    for (const entry of this.#entries.values()) {
      if (entry.dueAt > now) continue;
      entry.dueAt = BUSY;
      entry.calledAt = now;
      due.push(entry.invitation);
    }
    return due;
  }

  /** There is a lease: nobody is called until it is over. */
  served(invitation: Invitation): void {
    this.#dueAt = undefined;
    const entry = this.#entries.get(invitation.broker);
    if (entry === undefined) {
      this.#entries.set(invitation.broker, { invitation, dueAt: BUSY, calledAt: 0, failures: 0 });
    } else {
      entry.dueAt = BUSY;
      entry.failures = 0;
    }
  }

  /** It answered, and wants nothing before `retryAfterMs`; or this side wants nothing of it. */
  declined(broker: PeerId, retryAfterMs: Milliseconds, now: Milliseconds): void {
    this.#dueAt = undefined;
    const entry = this.#entries.get(broker);
    if (entry === undefined) return;
    entry.failures = 0;
    if (entry.invitation.standing !== true) this.#entries.delete(broker);
    else entry.dueAt = now + Math.min(DECLINED_MS_MAX, Math.max(SPACING_MS, retryAfterMs));
  }

  /** It could not be reached, or the lease is over: again, later and later. */
  failed(broker: PeerId, chance: number, now: Milliseconds): void {
    this.#dueAt = undefined;
    const entry = this.#entries.get(broker);
    if (entry === undefined) return;
    if (entry.invitation.standing !== true && entry.failures >= FAILURES_MAX) {
      this.#entries.delete(broker);
      return;
    }
    entry.dueAt = now + retryDelay(entry.failures, chance, BACKOFF_MS_MAX);
    entry.failures += 1;
  }

  #forgetOne(): boolean {
    for (const [broker, { invitation, dueAt }] of this.#entries) {
      if (invitation.standing === true || dueAt === BUSY) continue;
      return this.#entries.delete(broker);
    }
    return false;
  }
}
