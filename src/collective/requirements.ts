/** Whether a lease can run a batch's tasks at all; if not, why. */

import { MIB } from '../actors/index.ts';
import type { DealId, LeaseView } from '../resource/index.ts';
import type { BatchSpec } from './batch.ts';

/** A batch, and the deal under which it is paid for: `null` until that is open. */
export interface Wanting {
  readonly spec: Pick<BatchSpec, 'requirements' | 'pay'>;
  readonly deal: DealId | null;
  /** Why it is not, where that is known. */
  readonly delay: string | null;
}

/** The first requirement that is not met, as a sentence; nothing when all are. */
export function unmet(wanting: Wanting, lease: LeaseView): string | undefined {
  const { requirements, pay } = wanting.spec;
  const { capability, slots } = lease;
  if (slots < 1) return 'the lease has no slots';
  if (!capability.sandboxes.includes(requirements.sandbox)) return `has no ${requirements.sandbox} sandbox`;
  const perSlot = Math.floor(capability.memoryBytes / slots);
  if (perSlot < requirements.memoryBytes)
    return `has ${inMib(perSlot)} MiB a slot, and ${inMib(requirements.memoryBytes)} MiB are required`;
  return unopened(wanting) ?? unpaid(pay !== undefined, wanting.deal, lease);
}

/** What no lease can help. */
export function unopened({ spec: { pay }, deal, delay }: Wanting): string | undefined {
  if (pay === undefined || deal !== null) return undefined;
  return `the deal of the batch is not open yet${delay === null ? '' : `: ${delay}`}`;
}

/** Paid work goes to leases under its own deal; what pays nothing goes to leases that count nothing. */
function unpaid(isPaid: boolean, deal: DealId | null, lease: LeaseView): string | undefined {
  if (!isPaid) return lease.deal === undefined ? undefined : 'works for pay, and the batch pays nothing';
  return lease.deal === deal ? undefined : 'has no part in the deal of the batch';
}

function inMib(bytes: number): number {
  return Math.ceil(bytes / MIB);
}
