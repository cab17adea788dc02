/** Supervision as data, after Erlang/OTP's `supervisor`: ordered children, a strategy, and how much is too much. */

import type { Milliseconds } from './units.ts';

/** `permanent`: always restarted. `transient`: restarted after a crash only. `temporary`: never. */
export type RestartPolicy = 'permanent' | 'transient' | 'temporary';

export type SupervisionStrategy = 'one-for-one' | 'one-for-all' | 'rest-for-one';

export interface RestartIntensity {
  /** More restarts than this within the period, and the supervisor itself gives up. */
  readonly restartsMax: number;
  readonly periodMs: Milliseconds;
}
