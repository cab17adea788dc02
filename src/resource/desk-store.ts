/**
 * What a provider's desk remembers across a crash: its leases, and the bundles that no broker has
 * acknowledged.
 *
 * One lease per broker, so rows are named by the broker. A bundle is a row of its own: written once before it
 * is sent, deleted once it is acknowledged, never rewritten.
 */

import { z } from 'zod';
import { decode, encode } from '../actors/index.ts';
import type { Journal, JournalCommit } from '../actors/index.ts';
import type { Address, PeerId } from '../connectivity/index.ts';
import type { KeptBundle } from './provider-lease.ts';
import { bundleSchema, countSchema, grantSchema } from './lease-schema.ts';
import type { Grant, ReturnBundle } from './lease-wire.ts';
import { type Metered, nothingMetered } from './meter.ts';

type Rows = Pick<JournalCommit, 'puts' | 'deletes'>;

export interface TakenRow {
  readonly grant: Grant;
  /** Of the newest bundle acknowledged: numbers go on from here. */
  readonly number: number;
  readonly addresses: readonly Address[];
}

export interface SurvivingRow extends TakenRow {
  readonly kept: readonly KeptBundle[];
}

export interface DeskRows {
  readonly leases: readonly SurvivingRow[];
  readonly metered: Metered;
}

const METER_KEY = 'desk/meter';
const LEASE_PREFIX = 'desk/lease/';
const BUNDLE_PREFIX = 'desk/bundle/';

/** Bundle numbers in key order: at a thousand bundles a second, enough for 300 years. */
const NUMBER_DIGITS = 13;

const rowSchema = z.strictObject({
  grant: grantSchema,
  number: countSchema,
  addresses: z.array(z.string()),
});

/** DAG-CBOR has no integer beyond 64 bits, so credit is kept in decimal. */
const meterSchema = z.strictObject({
  succeeded: countSchema,
  failed: countSchema,
  cancelled: countSchema,
  cpuMs: z.number().nonnegative(),
  credit: z.string().regex(/^\d+$/).transform(BigInt),
});

export function takenRows(row: TakenRow): Rows {
  return { puts: [leasePut(row)] };
}

/** A bundle and what is metered with it are durable together: nothing is counted twice. */
export function bundleRows(
  broker: PeerId,
  { bundle }: KeptBundle,
  bytes: Uint8Array,
  metered: Metered,
): Rows {
  const meter = encode({ ...metered, credit: String(metered.credit) });
  return {
    puts: [
      { key: bundleKey(broker, bundle.number), value: bytes },
      { key: METER_KEY, value: meter },
    ],
  };
}

export function acknowledgedRows(row: TakenRow, numbers: readonly number[]): Rows {
  return { puts: [leasePut(row)], deletes: numbers.map((it) => bundleKey(row.grant.broker, it)) };
}

export function endedRows(broker: PeerId, numbers: readonly number[]): Rows {
  return { deletes: [LEASE_PREFIX + broker, ...numbers.map((it) => bundleKey(broker, it))] };
}

export async function loadDesk(journal: Journal): Promise<DeskRows> {
  const meterRow = await journal.get(METER_KEY);
  const metered = meterRow === undefined ? nothingMetered : meterSchema.parse(decode(meterRow));
  const leases: SurvivingRow[] = [];
  for await (const { value } of journal.scan(LEASE_PREFIX)) {
    const row = rowSchema.parse(decode(value)) as unknown as TakenRow;
    const kept: KeptBundle[] = [];
    for await (const item of journal.scan(`${BUNDLE_PREFIX}${row.grant.broker}/`)) {
      const bundle = bundleSchema.parse(decode(item.value)) as unknown as ReturnBundle;
      kept.push({ bundle, bytes: item.value.byteLength });
    }
    leases.push({ ...row, kept });
  }
  return { leases, metered };
}

function leasePut(row: TakenRow): { key: string; value: Uint8Array } {
  const { grant, number, addresses } = row;
  return { key: LEASE_PREFIX + grant.broker, value: encode({ grant, number, addresses }) };
}

function bundleKey(broker: PeerId, number: number): string {
  return `${BUNDLE_PREFIX}${broker}/${String(number).padStart(NUMBER_DIGITS, '0')}`;
}
