/**
 * The one encoding that is hashed, signed, journalled and sent: DAG-CBOR (IPLD specification), which has
 * exactly one byte string for each value. No `undefined`: leave a member out instead.
 */

import { hash } from 'node:crypto';
import { decode as decodeCbor, encode as encodeCbor } from '@ipld/dag-cbor';
import type { Digest } from './units.ts';

/** Throws an assertion-like `TypeError` on values that DAG-CBOR has no form for: a programmer error. */
export function encode(value: unknown): Uint8Array {
  return encodeCbor(value);
}

/** Throws on anything that is not canonical DAG-CBOR. Callers at an edge turn that into their own fault. */
export function decode(bytes: Uint8Array): unknown {
  return decodeCbor(bytes);
}

export function sha256(bytes: Uint8Array): Digest {
  return hash('sha256', bytes, 'hex') as Digest;
}

/** The digest of a value's canonical encoding. */
export function digestOf(value: unknown): Digest {
  return sha256(encodeCbor(value));
}
