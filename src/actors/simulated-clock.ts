/**
 * A clock that moves only when it is told to. Timers fire in order of their time, and those of one instant in
 * the order in which they were set; each sees its own time as `now`.
 */

import { assert } from './assert.ts';
import type { Clock } from './clock.ts';
import type { Milliseconds } from './units.ts';

export interface SimulatedClock extends Clock {
  /** Moves time forward and fires what falls due, synchronously. */
  advance(ms: Milliseconds): void;
  /** When the next timer falls due; `undefined` when none is set. */
  nextAt(): Milliseconds | undefined;
}

interface Timer {
  readonly at: Milliseconds;
  readonly order: number;
  /** Gone when it has fired or was cancelled. */
  action: (() => void) | undefined;
}

export function simulatedClock(startMs: Milliseconds): SimulatedClock {
  const timers: Timer[] = [];
  let now = startMs;
  let order = 0;

  const next = (): Timer | undefined => {
    while (timers[0] !== undefined && timers[0].action === undefined) pop(timers);
    return timers[0];
  };

  return {
    now: () => now,
    monotonic: () => now - startMs,
    after(delayMs, action) {
      const timer: Timer = { at: now + Math.max(0, delayMs), order: order++, action };
      push(timers, timer);
      return () => {
        timer.action = undefined;
      };
    },
    nextAt: () => next()?.at,
    advance(ms) {
      assert(ms >= 0, 'time does not go back');
      const end = now + ms;
      for (let timer = next(); timer !== undefined && timer.at <= end; timer = next()) {
        pop(timers);
        now = timer.at;
        const action = timer.action;
        timer.action = undefined;
        action?.();
      }
      now = end;
    },
  };
}

function earlier(left: Timer, right: Timer): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order);
}

/** Binary heap, earliest at 0 (Williams 1964): simulations hold tens of thousands of timers. */
function push(heap: Timer[], timer: Timer): void {
  let child = heap.length;
  heap.push(timer);
  while (child > 0) {
    const parent = (child - 1) >> 1;
    if (!earlier(timer, heap[parent]!)) break;
    heap[child] = heap[parent]!;
    child = parent;
  }
  heap[child] = timer;
}

function pop(heap: Timer[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let parent = 0;
  for (;;) {
    let child = 2 * parent + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && earlier(heap[child + 1]!, heap[child]!)) child += 1;
    if (!earlier(heap[child]!, last)) break;
    heap[parent] = heap[child]!;
    parent = child;
  }
  heap[parent] = last;
}
