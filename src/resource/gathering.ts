/**
 * Whether outcomes wait for others to travel with: never when nothing else is under way, so a lone task is as
 * quick as it can be.
 */

import { SECOND_MS } from '../actors/index.ts';
import type { Milliseconds } from '../actors/index.ts';
import { BUNDLE_TASKS_MAX } from './lease-limits.ts';
import type { Taken } from './taken-lease.ts';

/**
 * Looked at with each tick, while the lease has tasks under way. A bundle costs all processes together about
 * 3 ms of a processor, whatever is in it. With tasks of 10 ms the grid then takes 11 % of what the tasks
 * take; with 100 ms it took 14 %.
 */
const GATHER_MS: Milliseconds = 250;

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
  const isCommitted = (taken.deal?.record.terms.stakeLock ?? 0n) > 0n;
  const tasks = isCommitted ? BUNDLE_TASKS_MAX : GATHER_TASKS;
  const waitMs = isCommitted ? GATHER_COMMITTED_MS : GATHER_MS;
  return running.size > 0 && ended.length < tasks && now - taken.gatheringSince < waitMs;
}
