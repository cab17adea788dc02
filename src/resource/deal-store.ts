/**
 * What a provider remembers of its deals: how much is owed, the best voucher, and its own commitments.
 *
 * A record is written with the bundle that it counts, and with a voucher before that is relied on. Records
 * outlive their leases: a deal goes on under the next one, and is redeemed after the last.
 */

import { z } from 'zod';
import { decode, encode } from '../actors/index.ts';
import type { Journal, JournalCommit, Milliseconds } from '../actors/index.ts';
import type { Account } from '../connectivity/index.ts';
import type { AccountBook } from './account-book.ts';
import { type CommitmentPaper, commitmentPaperSchema } from './deal-paper.ts';
import type { DealId, Terms } from './ledger.ts';
import {
  accountSchema,
  amountCodec,
  termsCodec,
  typedSignatureSchema,
  voucherCodec,
} from './ledger-codec.ts';
import { countSchema, leaseIdSchema } from './lease-schema.ts';
import type { LeaseId } from './lease-wire.ts';
import type { SignedVoucher } from './voucher.ts';

type Rows = Pick<JournalCommit, 'puts' | 'deletes'>;

export interface DealRecord {
  readonly deal: DealId;
  readonly terms: Terms;
  readonly provider: Account;
  /** The lease that is under it, or was last. */
  readonly lease: LeaseId;
  readonly voucherMs: Milliseconds;
  readonly book: AccountBook;
  /** Reference operations per second that were offered: both sides count with it. */
  readonly speed: number;
  /** Of the newest commitment. */
  readonly committed: number;
  readonly voucher?: SignedVoucher;
}

const RECORD_PREFIX = 'deal/record/';
const COMMITMENT_PREFIX = 'deal/commitment/';

/** As many as a contract counts, in key order. */
const NUMBER_DIGITS = 8;

export const bookCodec = z.strictObject({ tariff: amountCodec, base: amountCodec, credit: amountCodec });

const recordCodec = z.strictObject({
  terms: termsCodec,
  provider: accountSchema,
  lease: leaseIdSchema,
  voucherMs: countSchema,
  book: bookCodec,
  speed: z.number().nonnegative(),
  committed: countSchema,
  voucher: z.strictObject({ voucher: voucherCodec, signature: typedSignatureSchema }).optional(),
});

const keptSchema = z.strictObject({ lease: leaseIdSchema, paper: commitmentPaperSchema });

/** Under the lease that it was made for: there its bundle has a number. */
export interface OwnCommitment {
  readonly lease: LeaseId;
  readonly paper: CommitmentPaper;
}

/** Everything, as a process that begins finds it. */
export interface DealRows {
  readonly records: readonly DealRecord[];
  readonly commitments: ReadonlyMap<DealId, readonly OwnCommitment[]>;
}

export function recordRows({ deal, ...record }: DealRecord): Rows {
  return { puts: [{ key: RECORD_PREFIX + deal, value: encode(z.encode(recordCodec, record)) }] };
}

export function commitmentRows(deal: DealId, commitment: OwnCommitment): Rows {
  return { puts: [{ key: commitmentKey(deal, commitment.paper.number), value: encode(commitment) }] };
}

export function forgetCommitments(deal: DealId, numbers: readonly number[]): Rows {
  return { deletes: numbers.map((number) => commitmentKey(deal, number)) };
}

export function forgetDeal(deal: DealId, numbers: readonly number[]): Rows {
  const { deletes = [] } = forgetCommitments(deal, numbers);
  return { deletes: [RECORD_PREFIX + deal, ...deletes] };
}

export async function loadDealRows(journal: Journal): Promise<DealRows> {
  const records = await loadDeals(journal);
  const commitments = new Map<DealId, readonly OwnCommitment[]>();
  for (const { deal } of records) commitments.set(deal, await loadCommitments(journal, deal));
  return { records, commitments };
}

async function loadDeals(journal: Journal): Promise<readonly DealRecord[]> {
  const records: DealRecord[] = [];
  for await (const { key, value } of journal.scan(RECORD_PREFIX)) {
    const deal = key.slice(RECORD_PREFIX.length) as DealId;
    const record = z.decode(recordCodec, decode(value) as z.input<typeof recordCodec>);
    records.push({ deal, ...(record as Omit<DealRecord, 'deal'>) });
  }
  return records;
}

async function loadCommitments(journal: Journal, deal: DealId): Promise<readonly OwnCommitment[]> {
  const kept: OwnCommitment[] = [];
  for await (const { value } of journal.scan(`${COMMITMENT_PREFIX}${deal}/`)) {
    kept.push(keptSchema.parse(decode(value)));
  }
  return kept;
}

function commitmentKey(deal: DealId, number: number): string {
  return `${COMMITMENT_PREFIX}${deal}/${String(number).padStart(NUMBER_DIGITS, '0')}`;
}
