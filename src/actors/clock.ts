/**
 * Time as a port: machines get `now` as an argument, shells get a clock, only the edge reads the machine's.
 */

import type { Milliseconds } from './units.ts';

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): Milliseconds;
  /** Milliseconds from an arbitrary origin, never going back; for durations. */
  monotonic(): Milliseconds;
  /**
   * Calls `action` once, not before `delayMs` has passed. Returns its cancellation, which may be called
   * twice.
   */
  after(delayMs: Milliseconds, action: () => void): () => void;
}
