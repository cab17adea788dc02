/**
 * What this machine has promised, and what it may still promise.
 *
 * Law: the sum of all reservations never exceeds the capability, in slots and in memory. A reservation is
 * made whole or not at all, in one synchronous call, so two leases can never count on the same slot.
 */

import type { Bytes, Fault } from '../actors/index.ts';
import { resourceErrors } from './errors.ts';

export interface Amount {
  readonly slots: number;
  readonly memoryBytes: Bytes;
}

export interface Reservation extends Amount {
  /** Gives it back. Calling it again changes nothing. */
  release(): void;
}

export interface Capacity {
  readonly total: Amount;
  free(): Amount;
  /** `RESOURCE_CAPACITY_SLOTS` or `RESOURCE_CAPACITY_MEMORY` if it does not fit. */
  reserve(wanted: Amount): { readonly reservation: Reservation } | { readonly refusal: Fault };
}

export function createCapacity(total: Amount): Capacity {
  let { slots, memoryBytes } = total;

  function reserve(wanted: Amount): ReturnType<Capacity['reserve']> {
    if (!isWhole(wanted.slots) || wanted.slots === 0 || wanted.slots > slots) {
      return { refusal: resourceErrors.RESOURCE_CAPACITY_SLOTS({ wanted: wanted.slots, free: slots }) };
    }
    if (!isWhole(wanted.memoryBytes) || wanted.memoryBytes > memoryBytes) {
      const details = { wanted: wanted.memoryBytes, free: memoryBytes };
      return { refusal: resourceErrors.RESOURCE_CAPACITY_MEMORY(details) };
    }
    slots -= wanted.slots;
    memoryBytes -= wanted.memoryBytes;
    let held = true;
    const release = () => {
      if (!held) return;
      held = false;
      slots += wanted.slots;
      memoryBytes += wanted.memoryBytes;
    };
    return { reservation: { slots: wanted.slots, memoryBytes: wanted.memoryBytes, release } };
  }

  return { total, free: () => ({ slots, memoryBytes }), reserve };
}

/** Amounts come from offers and policies: a fraction or a negative would break the law unseen. */
function isWhole(amount: number): boolean {
  return Number.isSafeInteger(amount) && amount >= 0;
}
