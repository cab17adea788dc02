/**
 * Supervision as data, after Erlang/OTP's `supervisor`: ordered children, a strategy, and how much is too
 * much.
 *
 * Pure: who is affected by a failure and whether it was one too many are decided here; `children.ts` applies
 * it.
 */

import { unreachable } from './assert.ts';
import type { Milliseconds } from './units.ts';

/** `permanent`: always restarted. `transient`: restarted after a crash only. `temporary`: never. */
export type RestartPolicy = 'permanent' | 'transient' | 'temporary';

export type SupervisionStrategy = 'one-for-one' | 'one-for-all' | 'rest-for-one';

export interface RestartIntensity {
  /** More restarts than this within the period, and the supervisor itself gives up. */
  readonly restartsMax: number;
  readonly periodMs: Milliseconds;
}

export interface Supervision {
  readonly strategy: SupervisionStrategy;
  readonly intensity: RestartIntensity;
}

/** Elixir's defaults (`Supervisor`, `max_restarts` and `max_seconds`). */
export const SUPERVISION_DEFAULT: Supervision = {
  strategy: 'one-for-one',
  intensity: { restartsMax: 3, periodMs: 5_000 },
};

/** Which of the children, given in the order of their start, are stopped and started with the failed one. */
export function affectedChildren<Child>(
  strategy: SupervisionStrategy,
  children: readonly Child[],
  failed: Child,
): readonly Child[] {
  switch (strategy) {
    case 'one-for-one':
      return [failed];
    case 'one-for-all':
      return children;
    case 'rest-for-one':
      return children.slice(children.indexOf(failed));
    default:
      return unreachable(strategy);
  }
}

/**
 * The restarts that still count at `now`, with this one. When there are more than `restartsMax` of them, the
 * supervisor gives up; so the list never has more than `restartsMax + 1` items.
 */
export function countRestart(
  restarts: readonly Milliseconds[],
  now: Milliseconds,
  intensity: RestartIntensity,
): readonly Milliseconds[] {
  return [...restarts.filter((at) => now - at < intensity.periodMs), now];
}
