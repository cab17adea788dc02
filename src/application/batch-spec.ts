/**
 * From a batch file, a manifest and stored inputs to what the collective layer runs: complete, validated and
 * frozen.
 *
 * The part that only this layer understands travels inside, as `application`. It names what is computed and
 * nothing else (no batch, no time), because the units' seeds follow from it: the same work gives the same
 * bytes again.
 */

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Bytes, decode, encode, type Milliseconds, type Random, SECOND_MS } from '../actors/index.ts';
import type { BatchId, BatchPay, BatchSpec } from '../collective/index.ts';
import type { Cid, TaskFile } from '../fabric/index.ts';
import type { BatchFile } from './batch-file.ts';
import { applicationErrors } from './errors.ts';
import { appName } from './manifest.ts';
import type { Manifest } from './task-api.ts';

export interface StoredInput {
  readonly name: string;
  readonly cid: Cid;
  readonly bytes: Bytes;
}

/** What a plugin's process is opened with, wherever the batch goes. */
export interface Application {
  readonly app: string;
  readonly plugin: Cid;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly inputs: readonly StoredInput[];
}

const application = z.strictObject({
  app: z.string(),
  plugin: z.string(),
  parameters: z.record(z.string(), z.unknown()),
  inputs: z.array(z.strictObject({ name: z.string(), cid: z.string(), bytes: z.int().min(0) })),
});

export interface BatchParts {
  readonly file: BatchFile;
  readonly manifest: Manifest;
  /** Exactly those that the manifest names. */
  readonly inputs: readonly StoredInput[];
  readonly submittedAt: Milliseconds;
  readonly random: Random;
}

/** Everything but the shared files, which the plugin is asked for: see `withShared`. */
export function batchSpec({ file, manifest, inputs, submittedAt, random }: BatchParts): BatchSpec {
  const app = appName(manifest);
  const { parameters, quorum, delay_bound: delayBoundMs, name, priority } = file;
  const limits = { ...manifest.limits, ...file.limits };
  const inOrder = inputs.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const { sandbox, cid: program } = manifest.program;
  const bytes = encode({ app, plugin: manifest.plugin, parameters, inputs: inOrder });
  return deepFreeze({
    batch: batchId(bytes, random),
    name,
    submittedAt,
    app,
    common: { sandbox, program, files: [], limits },
    quorum: { ...quorum, delayBoundMs },
    requirements: { sandbox, memoryBytes: limits.memoryBytesMax },
    priority,
    compare: manifest.compare,
    ...(file.pay !== undefined && { pay: batchPay(file.pay, quorum.minQuorum) }),
    application: bytes,
  });
}

/** A verdict on the chain needs two voices, also where one result is enough for the batch. */
function batchPay(given: NonNullable<BatchFile['pay']>, minQuorum: number): BatchPay {
  return {
    budget: String(given.budget),
    stakeLock: String(given.stake),
    minQuorum: Math.max(2, minQuorum),
    workS: Math.ceil(given.work / SECOND_MS),
    windowS: Math.ceil(given.window / SECOND_MS),
  };
}

/** With the files that every unit finds under `/in`. */
export function withShared(spec: BatchSpec, files: readonly TaskFile[]): BatchSpec {
  return deepFreeze({ ...spec, common: { ...spec.common, files } });
}

/** Throws `APPLICATION_PLUGIN_ANSWER` for bytes that `batchSpec` did not make. */
export function readApplication(spec: BatchSpec): Application {
  const parsed = application.safeParse(decode(spec.application));
  if (parsed.success) return parsed.data as unknown as Application;
  const details = { app: spec.app, step: 'open', problem: 'its batch was not made by this version' };
  throw applicationErrors.APPLICATION_PLUGIN_ANSWER(details);
}

/** RFC 4648's alphabet in lower case. */
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const ID_LETTERS = 15;
const NONCE_BYTES = 16;

/**
 * Of the content and a nonce: submitting the same file twice makes two batches. 75 bits do not meet by
 * chance.
 */
function batchId(content: Uint8Array, random: Random): BatchId {
  const digest = createHash('sha256').update(content).update(random.bytes(NONCE_BYTES)).digest();
  let letters = '';
  // A letter for each of fifteen octets wastes three bits of each, and needs no carrying.
  for (const octet of digest.subarray(0, ID_LETTERS)) letters += BASE32[octet & 31];
  return `b${letters}` as BatchId;
}

function deepFreeze<Value>(value: Value): Value {
  // Typed arrays cannot be frozen; nobody writes into them.
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
