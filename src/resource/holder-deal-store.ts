/**
 * What a broker remembers of its deals: each account's part, and every commitment that came with a bundle,
 * beside the receipt of that bundle.
 */

import { z } from 'zod';
import { decode, encode } from '../actors/index.ts';
import type { Journal, JournalCommit } from '../actors/index.ts';
import type { Account } from '../connectivity/index.ts';
import type { KeptCommitment } from './bundle-commitment.ts';
import { bookCodec } from './deal-store.ts';
import type { HeldDealRecord } from './held-deal.ts';
import { BUNDLE_TASKS_MAX } from './lease-limits.ts';
import { countSchema, leaseIdSchema } from './lease-schema.ts';
import type { LeaseId } from './lease-wire.ts';
import type { DealId } from './ledger.ts';
import { accountSchema, amountCodec, bytes32Schema, commitmentSchema } from './ledger-codec.ts';
import { dealSchema, termsCodec, typedSignatureSchema } from './ledger-codec.ts';

type Rows = Pick<JournalCommit, 'puts' | 'deletes'>;

const DEAL_PREFIX = 'holder/deal/';

const account = { provider: accountSchema, worker: accountSchema, unpaidMax: amountCodec };

const recordCodec = z.strictObject({
  deal: dealSchema,
  terms: termsCodec,
  ...account,
  lease: leaseIdSchema,
  book: bookCodec,
  allocated: amountCodec,
  counted: countSchema,
  committed: countSchema,
  acceptance: typedSignatureSchema.optional(),
  conditional: z.literal(true).optional(),
});

const words = z.array(bytes32Schema).max(BUNDLE_TASKS_MAX);

const keptSchema = z.strictObject({
  commitment: commitmentSchema,
  signature: typedSignatureSchema,
  root: bytes32Schema,
  salt: bytes32Schema,
  units: words,
  digests: words,
});

export function heldDealRows(record: HeldDealRecord): Rows {
  const { deal, provider } = record;
  return { puts: [{ key: heldDealKey(deal, provider), value: encode(z.encode(recordCodec, record)) }] };
}

export function forgetHeldDeals(records: readonly HeldDealRecord[]): Rows {
  return { deletes: records.map(({ deal, provider }) => heldDealKey(deal, provider)) };
}

export async function loadHeldDeals(journal: Journal): Promise<readonly HeldDealRecord[]> {
  const records: HeldDealRecord[] = [];
  for await (const { value } of journal.scan(DEAL_PREFIX)) {
    records.push(z.decode(recordCodec, decode(value) as z.input<typeof recordCodec>) as HeldDealRecord);
  }
  return records;
}

export function keptCommitmentRows(lease: LeaseId, bundle: number, kept: KeptCommitment): Rows {
  return { puts: [{ key: commitmentKey(lease, bundle), value: encode(kept) }] };
}

/** The commitment to a bundle of returns, if its provider made one. */
export async function readCommitment(
  journal: Journal,
  lease: LeaseId,
  bundle: number,
): Promise<KeptCommitment | undefined> {
  const value = await journal.get(commitmentKey(lease, bundle));
  return value && keptSchema.parse(decode(value));
}

/** One row for each account's part in a deal. */
export function heldDealKey(deal: DealId, provider: Account): string {
  return `${DEAL_PREFIX}${deal}/${provider}`;
}

function commitmentKey(lease: LeaseId, bundle: number): string {
  return `commitment/${lease}/${bundle}`;
}
