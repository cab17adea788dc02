/**
 * When a provider has something to do for a lease that it has taken, whatever is heard until then.
 *
 * Outcomes wait for others to travel with, but never when nothing else is under way, so a lone task is as
 * quick as it can be.
 */

import { SECOND_MS } from '../actors/index.ts';
import type { Milliseconds } from '../actors/index.ts';
import { BUNDLE_TASKS_MAX, GATHER_MS } from './lease-limits.ts';
import type { Taken } from './taken-lease.ts';

/** Ticks are this far apart at least: back-off begins at a tenth of a second. */
export const TICK_MS_MIN: Milliseconds = 100;

/** And at most: probes wake the processor once a second anyway. */
export const TICK_MS_MAX: Milliseconds = SECOND_MS;

/** A bundle as large as this has spread that cost enough. */
const GATHER_TASKS = 64;

/**
 * Where each bundle uses up one of the deal's 4 096 commitments: they last for more than two hours of work
 * without a pause, and longer where tasks are longer.
 */
const GATHER_COMMITTED_MS: Milliseconds = 2 * SECOND_MS;

export function isGathering(taken: Taken, now: Milliseconds): boolean {
  const { running, ended } = taken.state;
  taken.gatheringSince ??= now;
  const tasks = isCommitted(taken) ? BUNDLE_TASKS_MAX : GATHER_TASKS;
  return running.size > 0 && ended.length < tasks && now < gatheredAt(taken);
}

/** When outcomes have waited long enough; never where none wait. */
function gatheredAt(taken: Taken): Milliseconds {
  const { gatheringSince = Number.POSITIVE_INFINITY } = taken;
  return gatheringSince + (isCommitted(taken) ? GATHER_COMMITTED_MS : GATHER_MS);
}

/**
 * When its machine is to be told the time at the latest. While it attaches, waits for its broker or drains,
 * that is always: how long each of these may take is the machine's to say.
 */
export function tickDueAt(taken: Taken): Milliseconds {
  const { phase, draining, saidAt } = taken.state;
  if (phase !== 'active' || draining) return 0;
  return Math.min(saidAt + taken.grant.heartbeatMs, gatheredAt(taken));
}

function isCommitted({ deal }: Taken): boolean {
  return (deal?.record.terms.stakeLock ?? 0n) > 0n;
}
