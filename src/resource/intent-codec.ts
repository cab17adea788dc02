/**
 * The journalled form of an account's intents and transactions, and its way back: one schema for both
 * directions. DAG-CBOR has no integers above 64 bits, so amounts are decimal texts.
 */

import { z } from 'zod';
import type { MachineCodec } from '../actors/index.ts';
import type { RawTransaction } from '../connectivity/index.ts';
import type { Lane, LaneEvent } from './intent-machine.ts';
import type { IntentId, IntentOutcome } from './ledger.ts';
import { accountSchema, callCodec } from './ledger-codec.ts';

/** Letters. Callers make them of their own ids and the step. */
const INTENT_LENGTH_MAX = 256;
/** Octets of a transaction: what pools take (geth, `txMaxSize`). */
const RAW_BYTES_MAX = 131_072;

const intentId = z
  .string()
  .regex(/^[ -~]+$/)
  .max(INTENT_LENGTH_MAX) as unknown as z.ZodType<IntentId>;
const raw = z
  .string()
  .max(2 + 2 * RAW_BYTES_MAX)
  .regex(/^0x([0-9a-f]{2})+$/) as unknown as z.ZodType<RawTransaction>;
const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const count = z.int().min(0);
const wei = z.codec(z.string().regex(/^(0|[1-9]\d{0,77})$/), z.bigint().min(0n), {
  decode: (text) => BigInt(text),
  encode: String,
});
const error = z.string().min(1).max(128);

const attempt = z.strictObject({ hash, fee: z.strictObject({ maxFee: wei, tip: wei }) });
const mined = z.strictObject({ hash, block: count, blockHash: hash, succeeded: z.boolean(), gasUsed: wei });
const intent = { id: intentId, call: callCodec };
const outcomeCodec = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('done'), transaction: hash, gasUsed: wei, block: count }),
  z.strictObject({ type: z.literal('refused'), error }),
]);

const named = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.strictObject({ type: z.literal(type), ...shape });

const eventCodec = z.discriminatedUnion('type', [
  named('accepted', intent),
  named('signed', { id: intentId.nullable(), nonce: count, gas: wei, raw, attempt, block: count }),
  named('mined', { nonce: count, mined }),
  named('vanished', { nonce: count }),
  named('confirmed', { nonce: count, outcome: outcomeCodec }),
  named('settled', { nonce: count }),
  named('displaced', { nonce: count, by: hash }),
  named('rejected', { id: intentId, error, block: count }),
  named('refused', { id: intentId, error }),
]);

const laneCodec = z.strictObject({
  account: accountSchema,
  waiting: z.array(
    z.strictObject({ ...intent, rejection: z.strictObject({ error, block: count }).nullable() }),
  ),
  flights: z.array(
    z.strictObject({
      intent: z.strictObject(intent).nullable(),
      nonce: count,
      gas: wei,
      attempts: z.array(attempt),
      raw,
      signedAt: count,
      mined: mined.nullable(),
      outcome: outcomeCodec.nullable(),
    }),
  ),
  nonceFloor: count,
});

/** Both directions throw on anything that the other does not take. */
export const laneCodecs: Required<MachineCodec<Lane, LaneEvent>> = {
  encodeEvent: (event) => z.encode(eventCodec, event as z.output<typeof eventCodec>),
  decodeEvent: (value) => z.decode(eventCodec, value as z.input<typeof eventCodec>) as LaneEvent,
  encodeState: (lane) => z.encode(laneCodec, lane as z.output<typeof laneCodec>),
  decodeState: (value) => z.decode(laneCodec, value as z.input<typeof laneCodec>) as Lane,
};

export function encodeOutcome(outcome: IntentOutcome): unknown {
  return z.encode(outcomeCodec, outcome);
}

export function decodeOutcome(value: unknown): IntentOutcome {
  return z.decode(outcomeCodec, value as z.input<typeof outcomeCodec>);
}
