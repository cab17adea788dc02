/**
 * How far ahead a provider asks to be fed: enough that its slots never wait for the broker, and no more than
 * is cheap to lose.
 *
 * The target is `QUEUE_MS` of work beside what runs: what is done while outcomes gather, as new work is asked
 * for with them, and 250 ms that outlast a round trip across the world (about 200 ms with the broker's disk).
 * All of it has to be done again per slot when a provider dies. The window grows like TCP's slow start, by
 * doubling, because the first task of a program (compile, fetch) says little about the next; it shrinks at
 * once, because work hoarded by a slow machine is what ends a batch late.
 */

import type { Milliseconds } from '../actors/index.ts';
import { GATHER_MS } from './lease-limits.ts';
import type { Return } from './lease-wire.ts';

export interface CreditWindow {
  /** Unfinished assignments asked for, for each slot. */
  readonly perSlot: number;
  /** Smoothed run time of a task; undefined before the first. */
  readonly meanRunMs?: Milliseconds;
}

const QUEUE_MS: Milliseconds = 250 + GATHER_MS;

/** One runs, one is already here when it ends. */
const PER_SLOT_MIN = 2;

/**
 * One full bundle a slot: for tasks below half a millisecond the bundle, not the window, is what is
 * saturated.
 */
const PER_SLOT_MAX = 512;

/**
 * A new bundle counts as much as all before it: run times within a batch change by app phase, not by noise.
 */
const NEWS_WEIGHT = 0.5;

export const firstWindow: CreditWindow = { perSlot: PER_SLOT_MIN };

/** The window after these tasks have ended. Cancelled ones say nothing about run times. */
export function nextWindow(window: CreditWindow, ended: readonly Return[]): CreditWindow {
  let runMs = 0;
  let runs = 0;
  for (const { status, usage } of ended) {
    if (status === 'cancelled') continue;
    runMs += usage.wallMs;
    runs += 1;
  }
  if (runs === 0) return window;
  const seen = runMs / runs;
  const meanRunMs =
    window.meanRunMs === undefined ? seen : window.meanRunMs + NEWS_WEIGHT * (seen - window.meanRunMs);
  const target = targetFor(meanRunMs);
  return { perSlot: Math.min(target, window.perSlot * 2), meanRunMs };
}

/** What runs, and `QUEUE_MS` of work waiting beside it. */
function targetFor(meanRunMs: Milliseconds): number {
  const wanted = 1 + Math.ceil(QUEUE_MS / meanRunMs);
  return Math.min(PER_SLOT_MAX, Math.max(PER_SLOT_MIN, wanted));
}
