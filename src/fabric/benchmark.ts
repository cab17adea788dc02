/**
 * How fast one processor is, in reference operations per second, so that time on unlike machines can be
 * compared.
 *
 * One reference operation is one round of the loop below: a 32-bit multiplication, a rotation and an
 * exclusive or, and a multiply-add of doubles that depends on them. Neither half can be left out or run
 * ahead. Credit counts these operations: a processor second is worth as many as this machine does in one. The
 * kernel is part of the meaning of credit: changing a line of it makes old and new credit incomparable.
 */

import { setImmediate as nextPass } from 'node:timers/promises';
import type { Clock, Milliseconds } from '../actors/index.ts';

/** Work counted in reference operations. */
export type ReferenceOperations = number;

/** Long enough to be past the compiler's warm-up, short enough for the start of a daemon. */
const MEASURE_MS: Milliseconds = 200;

/** About a millisecond: the event loop is never kept longer than that. */
const OPERATIONS_PER_BURST: ReferenceOperations = 500_000;

/** Bursts that are run and not counted: the first ones run in the interpreter. */
const WARM_UP_BURSTS = 20;

/** Counted at least, also where the warm-up alone took longer than the whole should: on a busy machine. */
const COUNTED_BURSTS_MIN = 10;

/**
 * Reference operations per second of one processor as it is now. The fastest burst counts, because every
 * other one was interrupted by something that is not this processor's speed.
 */
export async function measureSpeed(clock: Pick<Clock, 'monotonic'>): Promise<ReferenceOperations> {
  let fastestMs = Number.POSITIVE_INFINITY;
  let state = 1;
  const began = clock.monotonic();
  const bursts = WARM_UP_BURSTS + COUNTED_BURSTS_MIN;
  for (let burst = 0; burst < bursts || clock.monotonic() - began < MEASURE_MS; burst++) {
    const before = clock.monotonic();
    state = referenceKernel(OPERATIONS_PER_BURST, state);
    if (burst >= WARM_UP_BURSTS) fastestMs = Math.min(fastestMs, clock.monotonic() - before);
    await nextPass();
  }
  return fastestMs > 0 && Number.isFinite(fastestMs) ? (OPERATIONS_PER_BURST / fastestMs) * 1_000 : 0;
}

/** The same on every machine, to the last bit; returns what the next burst starts from. */
export function referenceKernel(operations: ReferenceOperations, seed: number): number {
  let integer = seed | 1;
  let float = 0.5;
  for (let operation = 0; operation < operations; operation++) {
    integer = Math.imul(integer, 0x9e3779b1);
    integer ^= (integer << 13) | (integer >>> 19);
    float = float * 0.999_999 + (integer & 0xffff) * 1e-6;
  }
  return (integer ^ Math.floor(float * 65_536)) | 0;
}
