/**
 * What a lease carries of money: papers beside the offer and the grant, and the messages of a deal.
 *
 * A lease without money has none of them. They travel in their plain form (`Encoded`, amounts as texts), and
 * whoever reads one decodes it; the schema of the protocol has held it to the same codec.
 */

import { z } from 'zod';
import type { Milliseconds } from '../actors/index.ts';
import type { Account, TypedSignature } from '../connectivity/index.ts';
import type { Bytes32, Terms } from './ledger.ts';
import {
  accountSchema,
  amountCodec,
  bytes32Schema,
  secondsSchema,
  termsCodec,
  typedSignatureSchema,
} from './ledger-codec.ts';
import { BUNDLE_TASKS_MAX } from './lease-limits.ts';
import type { WorkerLink } from './worker-link.ts';

declare const encoded: unique symbol;

/** A value as it travels and is kept. */
export interface Encoded<Value> {
  readonly [encoded]: Value;
}

/** Beside an offer: for whom this node works, and at what price. */
export interface AccountPaper {
  readonly link: WorkerLink;
  /** Token units for 10^12 reference operations. */
  readonly tariff: bigint;
  /** More than this is not computed without being paid. */
  readonly unpaidMax: bigint;
}

/** Beside a grant: the deal that the lease is under, and what the broker knows of this account's part. */
export interface DealPaper {
  readonly chainId: bigint;
  readonly market: Account;
  readonly terms: Terms;
  /** A voucher follows an acknowledged bundle within this time. */
  readonly voucherMs: Milliseconds;
  /** Owed to the account before this lease. */
  readonly owed: bigint;
  /** The highest number of its commitments so far. */
  readonly committed: number;
}

/** After a bundle is durable here: what is owed for all bundles up to `covers`, as far as it is allocated. */
export interface VoucherPaper {
  readonly covers: number;
  readonly amount: bigint;
  readonly bundles: number;
  readonly signature: TypedSignature;
}

/** Before a bundle of returns, where stake is locked: the worker's word on it, with what opens the seal. */
export interface CommitmentPaper {
  /** Of the bundle within the lease. */
  readonly bundle: number;
  /** Within the deal. */
  readonly number: number;
  readonly root: Bytes32;
  readonly salt: Bytes32;
  /** Of the tasks that succeeded, in the order of the returns. */
  readonly units: readonly Bytes32[];
  readonly signature: TypedSignature;
}

/** Chain ids are at most this (EIP-2294). */
const CHAIN_ID_MAX = 2n ** 53n - 39n;
/** A broker that pays less often than twice an hour asks for more trust than a stranger gets. */
const VOUCHER_MS_MAX: Milliseconds = 1_800_000;
/** 24 bits, as the contracts count bundles. */
const NUMBER_MAX = 16_777_215;

const number = z.int().min(0).max(NUMBER_MAX);

const link = z.strictObject({
  provider: accountSchema,
  worker: accountSchema,
  expiresAt: secondsSchema,
  signature: typedSignatureSchema,
});

const accountCodec = z.strictObject({ link, tariff: amountCodec, unpaidMax: amountCodec });

const dealCodec = z.strictObject({
  chainId: amountCodec.refine((it) => it > 0n && it <= CHAIN_ID_MAX, 'not a chain id'),
  market: accountSchema,
  terms: termsCodec,
  voucherMs: z.int().min(0).max(VOUCHER_MS_MAX),
  owed: amountCodec,
  committed: number,
});

const voucherCodec = z.strictObject({
  covers: z.int().nonnegative(),
  amount: amountCodec,
  bundles: number,
  signature: typedSignatureSchema,
});

export const commitmentPaperSchema = z.strictObject({
  bundle: z.int().positive(),
  number: number.min(1),
  root: bytes32Schema,
  salt: bytes32Schema,
  units: z.array(bytes32Schema).min(1).max(BUNDLE_TASKS_MAX),
  signature: typedSignatureSchema,
});

/** Takes a value that the codec can read, and leaves it as it is. */
const readable = <Value>(codec: z.ZodType) =>
  z.custom<Encoded<Value>>((value) => z.safeDecode(codec, value).success);

export const accountPaperSchema = readable<AccountPaper>(accountCodec);
export const dealPaperSchema = readable<DealPaper>(dealCodec);
export const voucherPaperSchema = readable<VoucherPaper>(voucherCodec);

const papers = <Value>(codec: z.ZodType) => ({
  encode: (value: Value) => z.encode(codec, value) as Encoded<Value>,
  decode: (value: Encoded<Value>) => z.decode(codec, value) as Value,
});

export const accountPaper = papers<AccountPaper>(accountCodec);
export const dealPaper = papers<DealPaper>(dealCodec);
export const voucherPaper = papers<VoucherPaper>(voucherCodec);
