/**
 * The children of one life of an actor, in the order of their start: what `supervision.ts` decides is applied
 * here. They start in order and stop in reverse, so that a child may rely on those before it.
 */

import type { ActorRef } from './actor-ref.ts';
import { assert } from './assert.ts';
import { BoundedMap } from './bounded.ts';
import type { Clock } from './clock.ts';
import { actorsErrors } from './errors.ts';
import { type Fault, toFault } from './fault.ts';
import { affectedChildren, countRestart, type RestartPolicy, type Supervision } from './supervision.ts';
import type { Milliseconds } from './units.ts';

/** One actor per peer, lease or stream is usual; this many at once is a flood that nobody has bounded. */
const CHILDREN_MAX = 65_536;

export interface Child {
  readonly name: string;
  readonly ref: ActorRef<never>;
  readonly restart: RestartPolicy;
  /** Starts a new life. Throws a fault when its start fails. */
  begin(): void;
  /** Ends this life, if there is one; another may begin. */
  end(): void;
  /** Ends for good. */
  terminate(): void;
}

export class Children {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #supervision: Supervision;
  readonly #children: BoundedMap<string, Child>;
  #restarts: readonly Milliseconds[] = [];

  constructor(path: string, clock: Clock, supervision: Supervision) {
    this.#path = path;
    this.#clock = clock;
    this.#supervision = supervision;
    this.#children = new BoundedMap(`${path} children`, CHILDREN_MAX);
  }

  add(child: Child): void {
    assert(!this.#children.has(child.name), `${this.#path} has one child named ${child.name} at a time`);
    if (this.#children.set(child.name, child) === 'full') {
      throw actorsErrors.ACTORS_CHILDREN_FULL({ path: this.#path, max: CHILDREN_MAX });
    }
  }

  /** The child behind a reference. Asking for anyone else's is a programmer error. */
  find(ref: ActorRef<never>): Child | undefined {
    const child = this.#children.get(ref.path.slice(ref.path.lastIndexOf('/') + 1));
    return child?.ref === ref ? child : undefined;
  }

  remove(child: Child): void {
    if (this.#children.get(child.name) === child) this.#children.delete(child.name);
  }

  terminateAll(): void {
    for (const child of [...this.#children.values()].reverse()) child.terminate();
  }

  /**
   * A child failed, or ended by its own will when there is no fault. Answers the fault with which the parent
   * has to fail in turn, if this was one failure too many.
   */
  ended(child: Child, fault: Fault | undefined): Fault | undefined {
    const again = child.restart === 'permanent' || (child.restart === 'transient' && fault !== undefined);
    if (!again) {
      child.terminate();
      return undefined;
    }
    let failed: Child | undefined = child;
    let cause: Fault = fault ?? actorsErrors.ACTORS_EXITED({ path: child.ref.path });
    while (failed !== undefined) {
      const { intensity, strategy } = this.#supervision;
      this.#restarts = countRestart(this.#restarts, this.#clock.now(), intensity);
      if (this.#restarts.length > intensity.restartsMax) {
        const { restartsMax, periodMs } = intensity;
        return actorsErrors.ACTORS_RESTARTS_EXCEEDED({ path: this.#path, restartsMax, periodMs }, cause);
      }
      const affected = affectedChildren(strategy, [...this.#children.values()], failed);
      const outcome = restart(affected);
      failed = outcome?.child;
      cause = outcome?.fault ?? cause;
    }
    return undefined;
  }
}

/** Answers the first child that did not start again, if any. */
function restart(affected: readonly Child[]): { child: Child; fault: Fault } | undefined {
  for (const child of [...affected].reverse()) child.end();
  for (const child of affected) {
    if (child.restart === 'temporary') {
      child.terminate();
      continue;
    }
    try {
      child.begin();
    } catch (thrown) {
      return { child, fault: toFault(thrown, actorsErrors.ACTORS_HANDLER_THREW) };
    }
  }
  return undefined;
}
