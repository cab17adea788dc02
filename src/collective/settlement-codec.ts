/** The events of a settlement in the journal: a schema for both directions, because amounts have no CBOR. */

import { z } from 'zod';
import {
  accountSchema,
  amountCodec,
  bytes32Schema,
  commitmentSchema,
  dealSchema,
  secondsSchema,
  termsCodec,
  testimonySchema,
  typedSignatureSchema,
} from '../resource/index.ts';
import type { SettlementEvent } from './settlement.ts';

/** Of the longest step: a testimony names a unit and a bundle. */
const STEP_CHARS_MAX = 256;
/** The name of a contract's error. */
const ERROR_CHARS_MAX = 64;
/** Replicas of one unit that can be heard in a case: what the market takes. */
const STATEMENTS_MAX = 16;

const step = z.string().min(1).max(STEP_CHARS_MAX);

const statement = z.strictObject({
  commitment: commitmentSchema,
  signature: typedSignatureSchema,
  root: bytes32Schema,
  salt: bytes32Schema,
  testimony: testimonySchema,
});

const eventCodec = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('begun'),
    deal: dealSchema,
    terms: termsCodec,
    signature: typedSignatureSchema,
  }),
  z.strictObject({ type: z.literal('joined'), provider: accountSchema, acceptance: typedSignatureSchema }),
  z.strictObject({ type: z.literal('owed'), provider: accountSchema, amount: amountCodec }),
  z.strictObject({
    type: z.literal('disputed'),
    unit: bytes32Schema,
    statements: z.array(statement).max(STATEMENTS_MAX),
  }),
  z.strictObject({ type: z.literal('ended'), root: bytes32Schema }),
  z.strictObject({ type: z.literal('clock'), time: secondsSchema }),
  z.strictObject({ type: z.literal('done'), step }),
  z.strictObject({ type: z.literal('refused'), step, error: z.string().max(ERROR_CHARS_MAX) }),
]);

/** A value that DAG-CBOR has a form for. */
export function encodeSettlementEvent(event: SettlementEvent): unknown {
  return z.encode(eventCodec, event as z.output<typeof eventCodec>);
}

/** Throws on anything that `encodeSettlementEvent` does not make. */
export function decodeSettlementEvent(value: unknown): SettlementEvent {
  return z.decode(eventCodec, value as z.input<typeof eventCodec>);
}
