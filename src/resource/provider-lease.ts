/** What a provider knows of one lease: how it begins, what survives a crash, when nothing is left to do. */

import type { Bytes, Milliseconds } from '../actors/index.ts';
import type { TaskId } from '../fabric/index.ts';
import { type CreditWindow, firstWindow } from './credit-window.ts';
import type { Grant, Return, ReturnBundle } from './lease-wire.ts';

export type ProviderPhase = 'granted' | 'active' | 'attaching' | 'detached' | 'ended';

/** A bundle that is durable here, and its size. */
export interface KeptBundle {
  readonly bundle: ReturnBundle;
  readonly bytes: Bytes;
}

export interface ProviderLease {
  readonly grant: Grant;
  readonly takenAt: Milliseconds;
  phase: ProviderPhase;
  /** Assignments that have arrived, ever, and that may. */
  received: number;
  limit: number;
  running: Set<TaskId>;
  /** Ended, in no bundle yet. */
  ended: Return[];
  /** They were to leave when they could not: they do as soon as they can. */
  overdue: boolean;
  /** In the bundle that is being made durable: the next one waits and grows meanwhile. */
  sealing: readonly Return[];
  /** Of the newest bundle. */
  number: number;
  kept: KeptBundle[];
  window: CreditWindow;
  /** Whether slots and memory are reserved for it. */
  reserved: boolean;
  suspended: boolean;
  /** No new credit: it is not sure to be paid. */
  withheld: boolean;
  /** No new credit: it ends as soon as everything is acknowledged. */
  draining: boolean;
  heardAt: Milliseconds;
  saidAt: Milliseconds;
  /** Since when there is nothing to run and nothing to acknowledge. */
  idleSince: Milliseconds;
  brokeAt: Milliseconds;
  attempts: number;
  retryAt: Milliseconds;
}

export function takenLease(grant: Grant, now: Milliseconds): ProviderLease {
  return {
    grant,
    takenAt: now,
    phase: 'granted',
    received: 0,
    limit: 0,
    running: new Set(),
    ended: [],
    overdue: false,
    sealing: [],
    number: 0,
    kept: [],
    window: firstWindow,
    reserved: true,
    suspended: false,
    withheld: false,
    draining: false,
    heardAt: now,
    saidAt: now,
    idleSince: now,
    brokeAt: now,
    attempts: 0,
    retryAt: now,
  };
}

/** After a crash of this process: what was kept, and nothing that ran. */
export function survivingLease(
  grant: Grant,
  number: number,
  kept: readonly KeptBundle[],
  now: Milliseconds,
): ProviderLease {
  return { ...takenLease(grant, now), phase: 'detached', reserved: false, number, kept: [...kept] };
}

/** Tasks that have ended and are not acknowledged. */
export function unacknowledged({ ended, sealing, kept }: ProviderLease): number {
  return kept.reduce((sum, { bundle }) => sum + bundle.returns.length, ended.length + sealing.length);
}

/** Nothing to run, nothing to deliver. */
export function isDone(state: ProviderLease): boolean {
  return state.running.size + unacknowledged(state) === 0;
}
