/**
 * "I have work": what a broker gossips while a batch of its own is open, and what a provider checks before it
 * dials. Gossip carries presence only; offers, leases and tasks run on direct streams.
 */

import { z } from 'zod';
import { type Bytes, decode, encode, type Milliseconds, MINUTE_MS, SECOND_MS } from '../actors/index.ts';
import type { Address, GossipMessage, PeerId, Validity } from '../connectivity/index.ts';
import type { SandboxKind } from '../fabric/index.ts';

export interface Announcement {
  readonly broker: PeerId;
  readonly addresses: readonly Address[];
  readonly app: string;
  readonly sandbox: SandboxKind;
  /** Memory of one task, so that a provider which is too small does not dial. */
  readonly memoryBytes: Bytes;
  readonly madeAt: Milliseconds;
}

/** Topic of the open virtual organisation, which needs no ticket. */
export const WORK_TOPIC = '/conun/batches/1/public';

/** Announcements are repeated every few seconds: one older than this is a replay or a stopped broker. */
const AGE_MAX_MS: Milliseconds = 2 * MINUTE_MS;

/** Clocks of strangers differ; beyond this the date is a lie. */
const SKEW_MAX_MS: Milliseconds = 30 * SECOND_MS;

/** Room for eight addresses and an app name. */
const ANNOUNCEMENT_BYTES_MAX: Bytes = 2_048;

const schema = z.strictObject({
  broker: z.string().min(1).max(128),
  addresses: z.array(z.string().min(1).max(256)).max(8),
  app: z.string().max(80),
  sandbox: z.enum(['wasm']),
  memoryBytes: z.int().nonnegative(),
  madeAt: z.int().nonnegative(),
});

export function encodeAnnouncement(announcement: Announcement): Uint8Array {
  return encode({ ...announcement, addresses: announcement.addresses.slice(0, 8) });
}

/** The announcement, or `undefined` for bytes that are none. Never throws. */
export function decodeAnnouncement(bytes: Uint8Array): Announcement | undefined {
  if (bytes.length > ANNOUNCEMENT_BYTES_MAX) return undefined;
  try {
    return schema.parse(decode(bytes)) as unknown as Announcement;
  } catch {
    return undefined;
  }
}

/** Judged before relay: malformed or in another's name counts against the sender, out of date is dropped. */
export function judgeAnnouncement(message: GossipMessage, now: Milliseconds): Validity {
  const announcement = decodeAnnouncement(message.bytes);
  if (announcement === undefined || announcement.broker !== message.from) return 'reject';
  const ageMs = now - announcement.madeAt;
  return ageMs > AGE_MAX_MS || ageMs < -SKEW_MAX_MS ? 'ignore' : 'accept';
}
