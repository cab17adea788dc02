/**
 * When to try again: exponential back-off with jitter, so that a thousand providers do not come back to a
 * restarted broker in the same instant (Brooker, "Exponential Backoff And Jitter", 2015: half fixed, half
 * random).
 */

import type { Milliseconds } from '../actors/index.ts';

/** Long enough for a listener to be bound again, short enough not to be noticed. */
const FIRST_MS: Milliseconds = 100;

/** `attempts` tries have failed so far; `chance` is uniform in [0, 1). */
export function retryDelay(attempts: number, chance: number, capMs: Milliseconds): Milliseconds {
  const full = Math.min(capMs, FIRST_MS * 2 ** Math.min(attempts, 30));
  return full / 2 + (full / 2) * chance;
}
