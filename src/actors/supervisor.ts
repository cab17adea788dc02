/** An actor that does nothing but keep its children alive, from a list of specifications. */

import type { Behaviour, BehaviourFactory, SpawnOptions } from './actor.ts';
import type { ActorRef } from './actor-ref.ts';
import {
  type RestartIntensity,
  SUPERVISION_DEFAULT,
  type Supervision,
  type SupervisionStrategy,
} from './supervision.ts';

export interface ChildSpec<Mail> extends SpawnOptions {
  readonly name: string;
  readonly factory: BehaviourFactory<Mail>;
  /** Hands out the reference before the next child starts. It stays good over restarts of the child. */
  started?(ref: ActorRef<Mail>): void;
}

export interface SupervisorSpec {
  readonly strategy: SupervisionStrategy;
  readonly intensity?: RestartIntensity;
  /** Started in this order, stopped in reverse. */
  readonly children: readonly ChildSpec<never>[];
}

/**
 * Its own mailbox takes no mail. When its children fail too often it fails, and its own supervisor decides.
 */
export function supervisor(spec: SupervisorSpec): BehaviourFactory<never> {
  const { strategy, intensity = SUPERVISION_DEFAULT.intensity } = spec;
  const supervision: Supervision = { strategy, intensity };
  return (): Behaviour<never> => ({
    supervision,
    start(context) {
      for (const child of spec.children) child.started?.(context.spawn(child.name, child.factory, child));
    },
    receive() {},
  });
}
