/**
 * The executor's names for the tasks of a lease: the lease's prefix, a dot, the broker's name.
 *
 * Two brokers may choose equal names, and a task of a lease that is over may still end; the prefix is fresh
 * for each lease, so neither is ever mistaken for another.
 */

import type { Random } from '../actors/index.ts';
import type { TaskId } from '../fabric/index.ts';

/** 48 bits: a desk would have to take 16 million leases before two are likely to meet. */
const PREFIX_BYTES = 6;

export function freshPrefix(random: Random): string {
  return Buffer.from(random.bytes(PREFIX_BYTES)).toString('base64url');
}

export function executorName(prefix: string, task: TaskId): TaskId {
  return `${prefix}.${task}` as TaskId;
}

/** Both parts of an executor's name. */
export function partsOf(name: TaskId): { readonly prefix: string; readonly task: TaskId } {
  const dot = name.indexOf('.');
  return { prefix: name.slice(0, dot), task: name.slice(dot + 1) as TaskId };
}
