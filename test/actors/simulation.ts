/** A system whose time, chance and order come from a seed, and what its inspectors saw. */

import {
  createSystem,
  type Inspection,
  type SimulatedClock,
  type SimulatedDispatcher,
  type System,
  type SystemOptions,
  seededRandom,
  simulatedClock,
  simulatedDispatcher,
} from '../../src/actors/index.ts';

export interface Simulation {
  readonly system: System;
  readonly clock: SimulatedClock;
  readonly dispatcher: SimulatedDispatcher;
  readonly events: readonly Inspection[];
  /** `topic path` of the events whose topic begins so. */
  seen(topic: string): string[];
}

export function simulate(seed: string, options: Partial<SystemOptions> = {}): Simulation {
  const clock = simulatedClock(1_000);
  const random = seededRandom(seed);
  const dispatcher = simulatedDispatcher(clock, random);
  const events: Inspection[] = [];
  const inspectors = [(event: Inspection) => void events.push(event)];
  const system = createSystem({ name: seed, clock, random, dispatcher, inspectors, ...options });
  const seen = (topic: string) =>
    events.filter((event) => event.topic.startsWith(topic)).map((event) => `${event.topic} ${event.path}`);
  return { system, clock, dispatcher, events, seen };
}
