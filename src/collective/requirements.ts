/** Whether a lease can run a batch's tasks at all; if not, why. */

import { MIB } from '../actors/index.ts';
import type { LeaseView } from '../resource/index.ts';
import type { Requirements } from './batch.ts';

/** The first requirement that is not met, as a sentence; nothing when all are. */
export function unmet(requirements: Requirements, lease: LeaseView): string | undefined {
  const { capability, slots } = lease;
  if (slots < 1) return 'the lease has no slots';
  if (!capability.sandboxes.includes(requirements.sandbox)) return `has no ${requirements.sandbox} sandbox`;
  const perSlot = Math.floor(capability.memoryBytes / slots);
  if (perSlot < requirements.memoryBytes)
    return `has ${inMib(perSlot)} MiB a slot, and ${inMib(requirements.memoryBytes)} MiB are required`;
  return undefined;
}

function inMib(bytes: number): number {
  return Math.ceil(bytes / MIB);
}
