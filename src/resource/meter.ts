/**
 * Usage summed to credit.
 *
 * Credit is work in reference operations: processor time × the measured speed of the machine (BOINC's
 * cobblestone is the same measure with another unit). It is a `bigint`: a day of one core is about 10^14
 * operations, so a `number` would lose exactness within weeks on a large machine.
 */

import { SECOND_MS } from '../actors/index.ts';
import type { Milliseconds } from '../actors/index.ts';
import type { TaskId } from '../fabric/index.ts';
import type { Return } from './lease-wire.ts';

export interface Metered {
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Processor time of all tasks, whatever became of them. */
  readonly cpuMs: Milliseconds;
  /** Reference operations of the tasks that succeeded: only those are owed. */
  readonly credit: bigint;
}

export interface Meter {
  /** `speed`: reference operations per second and core, from the capability. */
  add(returns: readonly Return[], speed: number): void;
  total(): Metered;
}

export const nothingMetered: Metered = { succeeded: 0, failed: 0, cancelled: 0, cpuMs: 0, credit: 0n };

/** `from`: what was counted before. */
export function createMeter(from = nothingMetered): Meter {
  const { succeeded, failed, cancelled } = from;
  const count = { succeeded, failed, cancelled };
  let { cpuMs, credit } = from;
  return {
    add(returns, speed) {
      let owedMs = 0;
      for (const { status, usage } of returns) {
        count[status] += 1;
        cpuMs += usage.cpuMs;
        if (status === 'succeeded') owedMs += usage.cpuMs;
      }
      credit += operations(owedMs, speed);
    },
    total: () => ({ ...count, cpuMs, credit }),
  };
}

/** What a bundle is paid for: no task counts more than its limit of processor time, where that is known. */
export function payableOperations(
  returns: readonly Return[],
  limitOf: (task: TaskId) => Milliseconds | undefined,
  speed: number,
): bigint {
  let owedMs = 0;
  for (const { task, status, usage } of returns) {
    if (status !== 'succeeded') continue;
    owedMs += Math.min(usage.cpuMs, limitOf(task) ?? usage.cpuMs);
  }
  return operations(owedMs, speed);
}

/**
 * Reference operations. Rounded down, so that many small bundles never add up to more than one large one.
 */
export function operations(cpuMs: Milliseconds, speed: number): bigint {
  return BigInt(Math.floor((cpuMs * speed) / SECOND_MS));
}
