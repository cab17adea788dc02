/**
 * The stream of what happens, for dashboards and logs: folding it is all that a screen does.
 *
 * The kernel emits the life of its actors; layers above add events of their own under a `topic` they name.
 */

import type { FaultDetails, WireFault } from './fault.ts';
import type { Milliseconds } from './units.ts';

export interface Inspection {
  /**
   * Dotted, lower-case, owned by the layer that emits it: `actor.stopped`, `task.started`, `lease.granted`.
   */
  readonly topic: string;
  /** The actor that emitted it; the kernel fills it in. */
  readonly path?: string;
  /** When; the kernel fills it in. */
  readonly at?: Milliseconds;
  readonly level?: 'debug' | 'info' | 'warn' | 'error';
  readonly details?: FaultDetails;
  readonly fault?: WireFault;
}

export type Inspector = (event: Inspection) => void;
