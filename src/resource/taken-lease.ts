/**
 * A lease that this provider has taken, with what it holds in this process; and how all of them look to
 * people.
 */

import type { Milliseconds } from '../actors/index.ts';
import type { Address } from '../connectivity/index.ts';
import type { TaskId } from '../fabric/index.ts';
import type { Reservation } from './capacity.ts';
import type { DeskView, ProviderLink, TakenLeaseView } from './desk-mail.ts';
import type { Grant } from './lease-wire.ts';
import type { Metered } from './meter.ts';
import { type ProviderLease, unacknowledged } from './provider-lease.ts';
import { dealViewOf, type TakenDeal } from './taken-deal.ts';
import { executorName } from './task-names.ts';

export interface Taken {
  readonly grant: Grant;
  /** Where the broker was when the lease was made. */
  readonly addresses: readonly Address[];
  /** Of the executor's names for its tasks. */
  readonly prefix: string;
  /** How far the running tasks say they are. */
  readonly fractions: Map<TaskId, number>;
  state: ProviderLease;
  link: ProviderLink | undefined;
  reservation: Reservation | undefined;
  /** When the oldest outcome that is not sealed came; undefined when there is none. */
  gatheringSince: Milliseconds | undefined;
  /** Tasks returned by this process. */
  returned: number;
  /** Newest bundle that the broker has for good. */
  acknowledged: number;
  /** The deal that it is under. */
  readonly deal?: TakenDeal;
}

export function viewOf(all: readonly Taken[], metered: Metered): DeskView {
  return { leases: all.map(leaseView), tasks: all.flatMap(taskViews), metered };
}

function leaseView({ grant, state, returned, deal }: Taken): TakenLeaseView {
  const { lease, epoch, broker, slots } = grant;
  const { phase, running } = state;
  return {
    lease,
    epoch,
    broker,
    phase,
    slots,
    running: running.size,
    unacknowledged: unacknowledged(state),
    returned,
    ...(deal && { deal: dealViewOf(deal) }),
  };
}

function taskViews({ grant, prefix, state, fractions }: Taken): DeskView['tasks'] {
  const view = (id: TaskId) => ({
    task: executorName(prefix, id),
    lease: grant.lease,
    fraction: fractions.get(id) ?? null,
  });
  return [...state.running].map(view);
}
