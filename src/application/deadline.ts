/** An abort signal that the injected clock sets off. */

import type { Clock, Milliseconds } from '../actors/index.ts';

/** Runs `work` with a signal that aborts after `timeoutMs`, and forgets the timer when `work` is over. */
export async function withinTime<Value>(
  clock: Clock,
  timeoutMs: Milliseconds,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  const cancel = clock.after(timeoutMs, () => controller.abort());
  try {
    return await work(controller.signal);
  } finally {
    cancel();
  }
}
