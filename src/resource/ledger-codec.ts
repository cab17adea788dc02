/**
 * The plain form of what the ledger understands, for journals and wires, and its way back: one schema for
 * both directions. DAG-CBOR has no integers above 64 bits, so amounts are decimal texts.
 */

import { z } from 'zod';
import { type Account, parseAccount, type TypedSignature } from '../connectivity/index.ts';
import type { Bytes32, DealId, LedgerCall, Seconds } from './ledger.ts';

/** As the contracts keep amounts. */
const AMOUNT_MAX = 2n ** 96n - 1n;
/** As the contracts keep times: 40 bits. */
const SECONDS_MAX = 2 ** 40 - 1;
/** Octets; an ERC-1271 wallet's signature is a few keys' worth. */
const SIGNATURE_BYTES_MAX = 4_096;
/** More go into the next call. */
const LIST_MAX = 256;
/** A proof of so many hashes is under a tree of 2^32 leaves. */
const PROOF_MAX = 32;

const text = <Name extends string>(pattern: RegExp) =>
  z.string().regex(pattern) as unknown as z.ZodType<Name>;
const hex32 = /^0x[0-9a-f]{64}$/;
const hex = new RegExp(`^0x([0-9a-f]{2}){0,${SIGNATURE_BYTES_MAX}}$`);

export const bytes32Schema = text<Bytes32>(hex32);
export const dealSchema = text<DealId>(hex32);
export const typedSignatureSchema = text<TypedSignature>(hex);
export const accountSchema = z
  .string()
  .length(42)
  .refine(
    (given) => parseAccount(given) === given,
    'not an address with its checksum',
  ) as unknown as z.ZodType<Account>;
export const secondsSchema = z.int().min(0).max(SECONDS_MAX) as unknown as z.ZodType<Seconds>;
export const amountCodec = z.codec(
  z.string().regex(/^(0|[1-9]\d{0,28})$/),
  z.bigint().min(0n).max(AMOUNT_MAX),
  { decode: (given) => BigInt(given), encode: String },
);
const bundleNumber = z
  .int()
  .min(0)
  .max(2 ** 24 - 1);

export const termsCodec = z.strictObject({
  requester: accountSchema,
  agent: accountSchema,
  spec: bytes32Schema,
  budget: amountCodec,
  stakeLock: amountCodec,
  minQuorum: z.int().min(0).max(255),
  workUntil: secondsSchema,
  revealUntil: secondsSchema,
  disputeUntil: secondsSchema,
  redeemUntil: secondsSchema,
  salt: bytes32Schema,
});

export const voucherCodec = z.strictObject({
  deal: dealSchema,
  provider: accountSchema,
  amount: amountCodec,
  bundles: bundleNumber,
});

export const commitmentSchema = z.strictObject({
  deal: dealSchema,
  provider: accountSchema,
  number: bundleNumber,
  seal: bytes32Schema,
});

export const testimonySchema = z.strictObject({
  provider: accountSchema,
  number: bundleNumber,
  unit: bytes32Schema,
  digest: bytes32Schema,
  proof: z.array(bytes32Schema).max(PROOF_MAX),
});

const allocation = z.strictObject({
  provider: accountSchema,
  amount: amountCodec,
  acceptance: typedSignatureSchema,
});
const named = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.strictObject({ type: z.literal(type), ...shape });
const ofProvider = { terms: termsCodec, provider: accountSchema };

export const callCodec = z.discriminatedUnion('type', [
  named('approve', { spender: z.enum(['market', 'registry']), amount: amountCodec }),
  named('sendEther', { to: accountSchema, amount: amountCodec }),
  named('transfer', { to: accountSchema, amount: amountCodec }),
  named('deposit', { amount: amountCodec }),
  named('withdraw', { to: accountSchema, amount: amountCodec }),
  named('open', { terms: termsCodec, signature: typedSignatureSchema }),
  named('allocate', { terms: termsCodec, allocations: z.array(allocation).max(LIST_MAX) }),
  named('redeemMany', {
    terms: termsCodec,
    vouchers: z.array(voucherCodec).max(LIST_MAX),
    signatures: z.array(typedSignatureSchema).max(LIST_MAX),
  }),
  named('relinquish', ofProvider),
  named('commit', { terms: termsCodec, commitment: commitmentSchema, signature: typedSignatureSchema }),
  named('reveal', { ...ofProvider, number: bundleNumber, root: bytes32Schema, salt: bytes32Schema }),
  named('testify', { terms: termsCodec, testimony: testimonySchema }),
  named('settle', { terms: termsCodec, unit: bytes32Schema }),
  named('expire', ofProvider),
  named('release', ofProvider),
  named('close', { terms: termsCodec }),
  named('register', { payout: accountSchema, workers: z.array(accountSchema).max(64) }),
  named('setPayout', { payout: accountSchema }),
  named('addWorker', { worker: accountSchema }),
  named('removeWorker', { worker: accountSchema }),
  named('stake', { amount: amountCodec }),
  named('requestUnstake', { amount: amountCodec }),
  named('unstake', {}),
  named('anchor', { subject: bytes32Schema, root: bytes32Schema }),
]);

/** A value that DAG-CBOR has a form for. Throws on a call that the contracts could not take. */
export function encodeCall(call: LedgerCall): unknown {
  return z.encode(callCodec, call as z.output<typeof callCodec>);
}

/** Throws on anything that `encodeCall` does not make. */
export function decodeCall(value: unknown): LedgerCall {
  return z.decode(callCodec, value as z.input<typeof callCodec>);
}
