/**
 * What a broker's holder remembers across a crash: its leases, the last epoch, whom it excluded and why.
 *
 * The row of a lease outlives it for a while as a tombstone, so that after a crash its end is told again: the
 * customer may have died before it wrote that down. Assignments are not here: the customer has them.
 */

import { z } from 'zod';
import { decode, encode, MINUTE_MS } from '../actors/index.ts';
import type { Journal, JournalCommit, Milliseconds } from '../actors/index.ts';
import type { OwnerId, PeerId } from '../connectivity/index.ts';
import type { Capability, Cid } from '../fabric/index.ts';
import type { DealId } from './ledger.ts';
import { dealSchema } from './ledger-codec.ts';
import type { LeaseView } from './lease-holder.ts';
import { capabilitySchema, cidSchema, countSchema, grantSchema, peerSchema } from './lease-schema.ts';
import type { Epoch, Grant, LeaseId } from './lease-wire.ts';

type Rows = Pick<JournalCommit, 'puts' | 'deletes'>;

export interface HeldRow {
  readonly grant: Grant;
  readonly owner: OwnerId;
  readonly capability: Capability;
  readonly programs: readonly Cid[];
  /** The deal that it was granted under. */
  readonly deal?: DealId;
  readonly end?: { readonly at: Milliseconds; readonly reason: string };
}

export interface HolderRows {
  readonly epoch: number;
  readonly leases: readonly HeldRow[];
  readonly excluded: readonly { readonly owner: OwnerId; readonly reason: string }[];
}

/** Evidence of a breach, for the owner of the broker and, later, for whoever judges. */
export interface Evidence {
  readonly lease: LeaseId;
  readonly provider: PeerId;
  readonly owner: OwnerId;
  readonly code: string;
  readonly sentence: string;
  readonly at: Milliseconds;
  /** The canonical signed form of the bundle, if the signature was right. */
  readonly seal?: Uint8Array;
}

/** A customer that has not written down the end of a lease in this time has been restarted since. */
export const TOMBSTONE_MS: Milliseconds = 10 * MINUTE_MS;

const EPOCH_KEY = 'holder/epoch';
const LEASE_PREFIX = 'holder/lease/';
const EXCLUDED_PREFIX = 'holder/excluded/';
const EVIDENCE_PREFIX = 'holder/evidence/';

const rowSchema = z.strictObject({
  grant: grantSchema,
  owner: peerSchema,
  capability: capabilitySchema,
  programs: z.array(cidSchema),
  deal: dealSchema.optional(),
  end: z.strictObject({ at: z.number(), reason: z.string() }).optional(),
});

export function viewOf({ grant, owner, capability, programs, deal }: HeldRow): LeaseView {
  const { lease, epoch, provider, slots } = grant;
  return { lease, epoch, provider, owner, capability, slots, programs, ...(deal && { deal }) };
}

/** The epoch is kept together with the lease it was first used for: neither is durable without the other. */
export function grantRows(row: HeldRow): Rows {
  const epoch = { key: EPOCH_KEY, value: encode(row.grant.epoch) };
  return { puts: [epoch, leasePut(row)] };
}

export function endRows(row: HeldRow): Rows {
  return { puts: [leasePut(row)] };
}

export function forgetRows(leases: readonly LeaseId[]): Rows {
  return { deletes: leases.map((lease) => LEASE_PREFIX + lease) };
}

export function excludeRows(owner: OwnerId, reason: string): Rows {
  return { puts: [{ key: EXCLUDED_PREFIX + owner, value: encode(reason) }] };
}

export function evidenceRows(evidence: Evidence): Rows {
  return { puts: [{ key: EVIDENCE_PREFIX + evidence.lease, value: encode(evidence) }] };
}

export async function loadHolder(journal: Journal): Promise<HolderRows> {
  const epochRow = await journal.get(EPOCH_KEY);
  const epoch = epochRow === undefined ? 0 : countSchema.parse(decode(epochRow));
  const leases: HeldRow[] = [];
  for await (const { value } of journal.scan(LEASE_PREFIX)) {
    leases.push(rowSchema.parse(decode(value)) as unknown as HeldRow);
  }
  const excluded: { owner: OwnerId; reason: string }[] = [];
  for await (const { key, value } of journal.scan(EXCLUDED_PREFIX)) {
    const owner = key.slice(EXCLUDED_PREFIX.length) as OwnerId;
    excluded.push({ owner, reason: z.string().parse(decode(value)) });
  }
  return { epoch, leases, excluded };
}

/** Leases are numbered by their epoch; the tail of the broker's id tells those of two brokers apart. */
export function leaseIdFor(epoch: Epoch, broker: PeerId): LeaseId {
  return `l${epoch.toString(36)}.${broker.slice(-8)}` as LeaseId;
}

function leasePut(row: HeldRow): { key: string; value: Uint8Array } {
  return { key: LEASE_PREFIX + row.grant.lease, value: encode(row) };
}
