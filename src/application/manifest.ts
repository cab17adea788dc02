/**
 * What an author publishes: names and content addresses under one signature.
 *
 * `name@version` is the app's name for researchers; addresses are its identity for machines. Both the schema
 * here and the signature are checked wherever a manifest enters a node.
 */

import { z } from 'zod';
import { encode, GIB, MIB, MINUTE_MS } from '../actors/index.ts';
import type { OwnerId, VerifySignature } from '../connectivity/index.ts';
import type { Cid } from '../fabric/index.ts';
import { applicationErrors } from './errors.ts';
import type { Manifest, SignedManifest } from './task-api.ts';

/** A bundled plugin; it is parsed in every process that runs it. */
export const PLUGIN_BYTES_MAX = 4 * MIB;
export const PROGRAM_BYTES_MAX = 64 * MIB;

/** Semantic Versioning 2.0.0 without build metadata, which does not order. */
const VERSION = /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/;

const name = z
  .string({ error: 'write lower-case letters, digits and hyphens' })
  .regex(/^[a-z][a-z0-9-]{0,39}$/, 'write a letter, then lower-case letters, digits and hyphens, at most 40');
const version = z
  .string({ error: 'write an exact version, like 1.0.0' })
  .max(64)
  .regex(VERSION, 'write an exact version, like 1.0.0');
const cid = z.string().regex(/^b[a-z2-7]{20,120}$/, 'use a CIDv1 in base32');

const sentence = (most: number) => z.string({ error: 'write a few words' }).min(1).max(most);

/** What author and machine say alike; `manifest.yaml` has these members too. */
export const manifestMembers = {
  name,
  version,
  title: sentence(80),
  description: sentence(2_000),
  category: z.string({ error: 'write one word, like rendering' }).regex(/^[a-z][a-z0-9-]{0,39}$/),
  license: z.string({ error: 'write an SPDX identifier, like Apache-2.0' }).min(1).max(64),
  compare: z.enum(['digest', 'plugin'], { error: 'write digest or plugin' }),
  inputs: z.array(inputName(), { error: 'write a list of names; [] for none' }).max(32),
};

/** Names of inputs become file names under `/in`. */
export function inputName() {
  return z
    .string({ error: 'write a file name' })
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'write letters, digits, dots, hyphens, at most 64');
}

const whole = (most: number) => z.int().min(1).max(most);

const schema = z.strictObject({
  ...manifestMembers,
  plugin: cid,
  program: z.strictObject({ sandbox: z.literal('wasm'), cid, bytes: whole(PROGRAM_BYTES_MAX) }),
  limits: z.strictObject({
    memoryBytesMax: whole(4 * GIB),
    runMsMax: whole(7 * 24 * 60 * MINUTE_MS),
    outputBytesMax: whole(GIB),
    logBytesMax: whole(MIB),
  }),
});

const signed = z.strictObject({
  manifest: schema,
  author: z.string().min(1).max(128),
  signature: z.instanceof(Uint8Array).refine((bytes) => bytes.length === 64, 'is not 64 octets'),
});

/** Anyone's word for a signed manifest: the schema is checked here, the signature is not. */
export function parseSignedManifest(value: unknown): SignedManifest {
  const parsed = signed.safeParse(value);
  if (parsed.success) return parsed.data as unknown as SignedManifest;
  throw applicationErrors.APPLICATION_MANIFEST_INVALID({ problem: z.prettifyError(parsed.error) });
}

/** `sign` is the author's key: Ed25519 over the bytes as they are. */
export function signManifest(
  manifest: Manifest,
  author: OwnerId,
  sign: (bytes: Uint8Array) => Uint8Array,
): SignedManifest {
  return parseSignedManifest({ manifest, author, signature: sign(signedBytes(manifest)) });
}

/** Throws `APPLICATION_SIGNATURE_INVALID`. */
export function verifyManifest(
  { manifest, author, signature }: SignedManifest,
  verify: VerifySignature,
): void {
  if (verify(author, signedBytes(manifest), signature)) return;
  throw applicationErrors.APPLICATION_SIGNATURE_INVALID({ app: appName(manifest), author });
}

/** `render@1.0.0`. */
export function appName({ name, version }: Pick<Manifest, 'name' | 'version'>): string {
  return `${name}@${version}`;
}

/** The blocks that must be there for the app to run. */
export function appBlocks({ plugin, program }: Manifest): readonly { part: string; cid: Cid }[] {
  return [
    { part: 'plugin', cid: plugin },
    { part: 'program', cid: program.cid },
  ];
}

/** Order of versions, after Semantic Versioning 2.0.0, section 11; negative when `one` is the older. */
export function compareVersions(one: string, other: string): number {
  const [oneCore = '', ...onePre] = one.split('-');
  const [otherCore = '', ...otherPre] = other.split('-');
  const core = compareParts(oneCore.split('.'), otherCore.split('.'));
  if (core !== 0) return core;
  if (onePre.length === 0 || otherPre.length === 0) return otherPre.length - onePre.length;
  return compareParts(onePre.join('-').split('.'), otherPre.join('-').split('.'));
}

function compareParts(one: readonly string[], other: readonly string[]): number {
  for (const [at, part] of one.entries()) {
    const against = other[at];
    if (against === undefined) return 1;
    if (part === against) continue;
    const numeric = [part, against].map((text) => /^\d+$/.test(text));
    if (numeric[0] && numeric[1]) return Number(part) - Number(against);
    if (numeric[0] !== numeric[1]) return numeric[0] ? -1 : 1;
    return part < against ? -1 : 1;
  }
  return one.length - other.length;
}

/** Versioned so that a signature over a manifest can never pass for one over anything else. */
const SIGNED_AS = 'conun/manifest/1';

function signedBytes(manifest: Manifest): Uint8Array {
  return encode([SIGNED_AS, manifest]);
}
