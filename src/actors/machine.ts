/**
 * A protocol as a pure machine (after etcd raft's `Ready`): what happened and the time go in, the next state
 * and what should be done come out. No I/O, no clock, no promise, no chance.
 *
 * The state that goes into a step is spent: the machine may return it changed or return a new one, and the
 * caller keeps only what comes out.
 */

import type { Milliseconds } from './units.ts';

export interface Step<State, Effect> {
  readonly state: State;
  /** To be performed in this order, after the event is durable. */
  readonly effects: readonly Effect[];
}

export interface Machine<State, Event, Effect> {
  readonly name: string;
  step(state: State, event: Event, now: Milliseconds): Step<State, Effect>;
}
