/** The machine's clock: the one file of the kernel that reads it for others. */

import type { Clock } from './clock.ts';
import type { Milliseconds } from './units.ts';

/** Timers of the runtime are 32-bit: a longer delay would fire at once (Node documentation, `setTimeout`). */
const TIMER_MS_MAX: Milliseconds = 2_147_483_647;

export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after(delayMs, action) {
      let timer: NodeJS.Timeout;
      const wait = (leftMs: Milliseconds) => {
        const hopMs = Math.min(leftMs, TIMER_MS_MAX);
        timer = setTimeout(() => (leftMs > hopMs ? wait(leftMs - hopMs) : action()), hopMs);
      };
      wait(Math.max(0, delayMs));
      return () => clearTimeout(timer);
    },
  };
}
