/**
 * The schema of `/conun/lease/1`: nothing reaches a lease that is not exactly of these shapes and within
 * these bounds.
 *
 * Strict objects all through, hot arrays included: measured, a return costs less to check than to encode.
 * Brands are put on here, at the edge, by `branded`: the only place where a string may become an id.
 */

import { z } from 'zod';
import type { Bytes } from '../actors/index.ts';
import type { Protocol } from '../connectivity/index.ts';
import { INLINE_BYTES_MAX } from '../fabric/index.ts';
import {
  accountPaperSchema,
  commitmentPaperSchema,
  dealPaperSchema,
  voucherPaperSchema,
} from './deal-paper.ts';
import * as limits from './lease-limits.ts';
import { typedSignatureSchema } from './ledger-codec.ts';
import type { BrokerSays, Epoch, LeaseId, ProviderSays, Return } from './lease-wire.ts';

/** Ed25519. */
const SIGNATURE_BYTES: Bytes = 64;

/** Printable ASCII, so that an id can go into a log line, a path or a terminal as it is. */
const printable = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[\x21-\x7e]+$/);
const branded = <Name>(schema: z.ZodType<string>) => schema as unknown as z.ZodType<Name>;
const text = (max: number) => z.string().max(max);
const count = z.int().nonnegative();
/** Durations come from clocks of others: finite, not negative, and less than a century. */
const duration = z.number().nonnegative().max(3_155_760_000_000);
const instant = duration;

/** Octets within a size. A subarray of the message is as good as a copy: messages are not reused. */
const octets = (min: number, max: number) =>
  z.custom<Uint8Array>((it) => it instanceof Uint8Array && it.length >= min && it.length <= max);

export const signatureSchema = octets(SIGNATURE_BYTES, SIGNATURE_BYTES);
export const leaseIdSchema = branded<LeaseId>(printable(64));
export const epochSchema = z.int().positive() as unknown as z.ZodType<Epoch>;
export const countSchema = count;

export const peerSchema = printable(64);
const taskId = printable(limits.TASK_ID_CHARS_MAX);
export const cidSchema = z
  .string()
  .min(8)
  .max(128)
  .regex(/^b[a-z2-7]+$/);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const lease = leaseIdSchema;
const epoch = epochSchema;

const inline = z.strictObject({ inline: octets(0, INLINE_BYTES_MAX) });
const path = text(255).min(1);

const input = z.union([inline, z.strictObject({ cid: cidSchema, bytes: count, sha256: digest.optional() })]);
const inputs = z.array(z.strictObject({ path, content: input })).max(limits.FILES_MAX);

/** An output by address carries the hash that its digest is built from. */
const product = z.union([inline, z.strictObject({ cid: cidSchema, bytes: count, sha256: digest })]);
const products = z.array(z.strictObject({ path, content: product })).max(limits.FILES_MAX);

const usage = z.strictObject({ cpuMs: duration, wallMs: duration, memoryBytesPeak: count });

const output = z.strictObject({
  exitCode: z.int().min(-255).max(255),
  stdout: octets(0, limits.STDOUT_BYTES_MAX),
  files: products,
});

const failure = z.strictObject({
  code: text(limits.CODE_CHARS_MAX),
  message: text(limits.MESSAGE_CHARS_MAX),
  stderr: text(limits.STDERR_CHARS_MAX),
});

/** Three shapes, so that a success always has its digest and output, and nothing else ever has. */
const anyReturn = z.discriminatedUnion('status', [
  z.strictObject({ task: taskId, status: z.literal('succeeded'), digest, usage, output }),
  z.strictObject({ task: taskId, status: z.literal('failed'), digest: z.literal(''), usage, failure }),
  z.strictObject({ task: taskId, status: z.literal('cancelled'), digest: z.literal(''), usage }),
]);

/** Also asked by the provider before it sends: what it would not accept it does not say. */
export const returnSchema = anyReturn as unknown as z.ZodType<Return>;

export const bundleSchema = z.strictObject({
  lease,
  epoch,
  number: z.int().positive(),
  returns: z.array(anyReturn).min(1).max(limits.BUNDLE_TASKS_MAX),
  signature: signatureSchema,
});

const gpu = z.strictObject({ vendor: text(128), model: text(128), memoryBytes: count, driver: text(128) });

export const capabilitySchema = z.strictObject({
  architecture: text(32),
  platform: text(32),
  cpuModel: text(128),
  cores: z.int().positive().max(65_536),
  speed: z.number().nonnegative().max(1e15),
  memoryBytes: count,
  storageBytes: count,
  gpus: z.array(gpu).max(16),
  sandboxes: z.array(z.literal('wasm')).max(8),
});

const ownership = z.strictObject({
  owner: peerSchema,
  peer: peerSchema,
  expiresAt: instant,
  signature: signatureSchema,
});

const offer = z.strictObject({
  provider: peerSchema,
  ownership,
  capability: capabilitySchema,
  slots: z.int().positive().max(limits.LEASE_SLOTS_MAX),
  memoryBytesPerSlot: count,
  programs: z.array(cidSchema).max(limits.OFFER_PROGRAMS_MAX),
  madeAt: instant,
});

export const grantSchema = z.strictObject({
  lease,
  epoch,
  broker: peerSchema,
  provider: peerSchema,
  slots: z.int().positive().max(limits.LEASE_SLOTS_MAX),
  lapseAfterMs: z.int().min(100).max(86_400_000),
  heartbeatMs: z.int().min(20).max(43_200_000),
  expiresAt: instant,
});

const common = z.strictObject({
  sandbox: z.literal('wasm'),
  program: cidSchema,
  files: inputs,
  limits: z.strictObject({
    memoryBytesMax: z.int().positive(),
    runMsMax: z.number().positive(),
    outputBytesMax: count,
    logBytesMax: count,
  }),
});

const assigned = z.strictObject({
  id: taskId,
  common: count,
  args: z.array(text(limits.ARG_CHARS_MAX)).max(limits.ARGS_MAX),
  files: inputs,
  seed: text(128),
});

const assignBundle = z
  .strictObject({
    commons: z.array(common).min(1).max(limits.BUNDLE_TASKS_MAX),
    tasks: z.array(assigned).min(1).max(limits.BUNDLE_TASKS_MAX),
  })
  .refine((it) => it.tasks.every((task) => task.common < it.commons.length), 'a task names no common');

const taskIds = z.array(taskId).max(limits.LEASE_TASKS_MAX);
const reason = text(limits.REASON_CHARS_MAX);

const providerSays = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('offer'),
    offer: z.strictObject({ offer, signature: signatureSchema }),
    account: accountPaperSchema.optional(),
  }),
  z.strictObject({ type: z.literal('accept'), lease, epoch }),
  z.strictObject({ type: z.literal('attach'), lease, epoch, received: count, tasks: taskIds }),
  z.strictObject({ type: z.literal('credit'), lease, epoch, limit: count }),
  z.strictObject({ type: z.literal('returns'), bundle: bundleSchema }),
  z.strictObject({
    type: z.literal('heartbeat'),
    lease,
    epoch,
    running: count,
    suspended: z.boolean(),
  }),
  z.strictObject({ type: z.literal('release'), lease, epoch, reason }),
  z.strictObject({ type: z.literal('acceptance'), lease, epoch, signature: typedSignatureSchema }),
  z.strictObject({ type: z.literal('commitment'), lease, epoch, commitment: commitmentPaperSchema }),
]);

const brokerSays = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('grant'),
    grant: z.strictObject({ grant: grantSchema, signature: signatureSchema }),
    deal: dealPaperSchema.optional(),
  }),
  z.strictObject({
    type: z.literal('decline'),
    code: text(limits.CODE_CHARS_MAX),
    retryAfterMs: duration,
  }),
  z.strictObject({ type: z.literal('attached'), lease, epoch, drop: taskIds, sent: count }),
  z.strictObject({ type: z.literal('stale'), lease, epoch }),
  z.strictObject({ type: z.literal('assign'), lease, epoch, bundle: assignBundle }),
  z.strictObject({ type: z.literal('cancel'), lease, epoch, tasks: taskIds }),
  z.strictObject({ type: z.literal('acknowledge'), lease, epoch, number: count }),
  z.strictObject({ type: z.literal('heartbeat'), lease, epoch }),
  z.strictObject({ type: z.literal('release'), lease, epoch, reason }),
  z.strictObject({ type: z.literal('voucher'), lease, epoch, voucher: voucherPaperSchema }),
]);

/** The provider dials, the broker listens. */
export const leaseProtocol: Protocol<ProviderSays, BrokerSays> = {
  id: '/conun/lease/1',
  parseDialer: (value) => providerSays.parse(value) as unknown as ProviderSays,
  parseListener: (value) => brokerSays.parse(value) as unknown as BrokerSays,
  limits: {
    messageBytesMax: limits.MESSAGE_BYTES_MAX,
    outboundBytesMax: limits.OUTBOUND_BYTES_MAX,
    inboundBytesPerSecondMax: limits.INBOUND_BYTES_PER_SECOND_MAX,
    streamsPerPeerMax: limits.STREAMS_PER_PEER_MAX,
  },
};
