/**
 * The dispatcher of simulations: one turn at a time, of an actor drawn from the seed, with a turn length
 * drawn from the seed. The same seed gives the same run, as long as nothing in it waits for real input or
 * output.
 */

import type { Dispatcher, Runnable } from './dispatcher.ts';
import { TURN_MAILS_MAX } from './dispatcher.ts';
import type { Random } from './random.ts';
import type { SimulatedClock } from './simulated-clock.ts';
import type { Milliseconds } from './units.ts';

export interface SimulatedDispatcher extends Dispatcher {
  /** Runs turns until nobody has mail and no promise that can settle now is left. Time stands still. */
  run(): Promise<void>;
  /** Goes from timer to timer until the clock says `ms` since the epoch, running all turns in between. */
  runUntil(ms: Milliseconds): Promise<void>;
}

export function simulatedDispatcher(clock: SimulatedClock, random: Random): SimulatedDispatcher {
  const waiting: Runnable[] = [];

  const run = async () => {
    do {
      for (let runnable = draw(waiting, random); runnable !== undefined; runnable = draw(waiting, random)) {
        runnable.turn(1 + random.below(TURN_MAILS_MAX));
      }
      await settle();
    } while (waiting.length > 0);
  };

  return {
    schedule: (runnable) => {
      waiting.push(runnable);
    },
    run,
    async runUntil(ms) {
      await run();
      for (let at = clock.nextAt(); at !== undefined && at <= ms; at = clock.nextAt()) {
        clock.advance(at - clock.now());
        await run();
      }
      clock.advance(Math.max(0, ms - clock.now()));
    },
  };
}

/** Takes one out at random in O(1): its place is filled by the last. */
function draw(waiting: Runnable[], random: Random): Runnable | undefined {
  if (waiting.length === 0) return undefined;
  const index = random.below(waiting.length);
  const drawn = waiting[index];
  const last = waiting.pop()!;
  if (index < waiting.length) waiting[index] = last;
  return drawn;
}

/** Resolves after all promise reactions that are due, and those they cause, have run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
