/**
 * What is said between the agent that holds unlocked keys and the commands that need a signature: one request
 * and one answer, JSON over HTTP on a Unix socket. Typed data travels as `eth_signTypedData_v4` takes it.
 */

import { z } from 'zod';
import { MINUTE_MS } from '../actors/index.ts';
import type { Account, RawTransaction, TypedData, TypedSignature } from './typed-data.ts';

/** A deal's terms take 2 KB; a call that allocates to a hundred providers 30 KB, twice that in hex. */
export const AGENT_REQUEST_BYTES_MAX = 262_144;

/** A key that is forgotten after a day at the latest is entered once a day at the most. */
export const UNLOCKED_MS_MAX = 24 * 60 * MINUTE_MS;

const account = z.custom<Account>((value) => typeof value === 'string' && /^0x[0-9a-fA-F]{40}$/.test(value));
const hexText = z.string().regex(/^0x[0-9a-f]*$/i);

const typedPayload = z.strictObject({
  domain: z.custom<TypedData['domain']>((value) => typeof value === 'object' && value !== null),
  types: z.record(z.string(), z.array(z.strictObject({ name: z.string(), type: z.string() }))),
  primaryType: z.string(),
  message: z.record(z.string(), z.unknown()),
});
export type TypedPayload = z.output<typeof typedPayload>;

export const agentRequest = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('list') }),
  z.strictObject({
    type: z.literal('add'),
    privateKey: hexText.length(66),
    forMs: z.int().positive().max(UNLOCKED_MS_MAX),
  }),
  z.strictObject({ type: z.literal('signTyped'), account, payload: typedPayload }),
  z.strictObject({
    type: z.literal('signTransaction'),
    account,
    unsigned: hexText.transform((text) => text as RawTransaction),
  }),
  z.strictObject({ type: z.literal('lock') }),
]);
export type AgentRequest = z.output<typeof agentRequest>;

export type AgentAnswer =
  | { readonly type: 'accounts'; readonly accounts: readonly Account[] }
  | { readonly type: 'signature'; readonly signature: TypedSignature }
  | { readonly type: 'signed'; readonly signed: RawTransaction }
  /** No such key is here, or not any more. */
  | { readonly type: 'locked' }
  | { readonly type: 'invalid'; readonly reason: string };
