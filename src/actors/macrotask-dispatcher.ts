/**
 * The dispatcher of a real node.
 *
 * Turns run in the check phase of the event loop, right after the callbacks of input and output. So all mail
 * that one poll brought is handled together (bundles arise by themselves), actors that write to each other do
 * so within one pass, and whatever they do, the network and the disk get their turn after `PASS_MS_MAX`.
 */

import type { Dispatcher, Runnable } from './dispatcher.ts';
import { TURN_MAILS_MAX } from './dispatcher.ts';
import type { Milliseconds } from './units.ts';

/**
 * Long enough to spread the cost of a pass of the event loop (some µs), short enough for a heartbeat of 100
 * ms.
 */
const PASS_MS_MAX: Milliseconds = 4;

export function macrotaskDispatcher(): Dispatcher {
  let waiting: Runnable[] = [];
  let armed = false;

  const pass = () => {
    const endMs = performance.now() + PASS_MS_MAX;
    let index = 0;
    // Those scheduled meanwhile are appended, and run in this pass too while its time lasts.
    do waiting[index++]!.turn(TURN_MAILS_MAX);
    while (index < waiting.length && performance.now() < endMs);
    armed = index < waiting.length;
    if (armed) {
      waiting = waiting.slice(index);
      setImmediate(pass);
    } else {
      waiting.length = 0;
    }
  };

  return {
    schedule(runnable) {
      waiting.push(runnable);
      if (armed) return;
      armed = true;
      setImmediate(pass);
    },
  };
}
