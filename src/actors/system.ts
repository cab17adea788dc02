/**
 * A system of actors: the root of the tree, and the ports that all of them share.
 *
 * Everything that differs between a node and a simulation (time, chance, order) is given here and nowhere
 * else.
 */

import type { BehaviourFactory, SpawnOptions } from './actor.ts';
import type { ActorRef } from './actor-ref.ts';
import { Cell } from './cell.ts';
import type { Clock } from './clock.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Fault } from './fault.ts';
import type { Inspector } from './inspection.ts';
import { InspectionHub } from './inspection-hub.ts';
import { macrotaskDispatcher } from './macrotask-dispatcher.ts';
import type { Random } from './random.ts';
import { SUPERVISION_DEFAULT, type Supervision } from './supervision.ts';

export interface SystemOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  /** The event loop's, unless a simulation brings its own. */
  readonly dispatcher?: Dispatcher;
  readonly inspectors?: readonly Inspector[];
  /** For the actors spawned by `system.spawn`. */
  readonly supervision?: Supervision;
  /** Called once, when the actors at the top failed too often; by then everything has been stopped. */
  readonly failed?: (fault: Fault) => void;
}

export interface System {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  spawn<Mail>(name: string, factory: BehaviourFactory<Mail>, options?: SpawnOptions): ActorRef<Mail>;
  /** Adds a listener to the inspection stream; returns the end of its subscription. */
  inspect(inspector: Inspector): () => void;
  /** Stops all actors, children before their parents, the last started first. May be called twice. */
  stop(): Promise<void>;
}

export function createSystem(options: SystemOptions): System {
  const { name, clock, random, supervision = SUPERVISION_DEFAULT } = options;
  const dispatcher = options.dispatcher ?? macrotaskDispatcher();
  const hub = new InspectionHub(clock, options.inspectors ?? []);
  const root: Cell<never> = new Cell<never>(
    { clock, random, dispatcher, hub },
    {
      childEnded(_root, fault) {
        root.terminate();
        if (fault !== undefined) options.failed?.(fault);
      },
      childGone() {},
    },
    '',
    () => ({ supervision, receive() {} }),
  );
  root.begin();
  return {
    name,
    clock,
    random,
    spawn: (childName, factory, spawnOptions) => root.spawn(childName, factory, spawnOptions),
    inspect: (inspector) => hub.subscribe(inspector),
    // In a reaction of its own, when no handler is running: so everything has stopped when it resolves.
    stop: () => Promise.resolve().then(() => root.terminate()),
  };
}
