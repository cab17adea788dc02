/**
 * The addresses of contents, and which of them are taken from strangers: version 1, base32, a file's root or
 * a raw leaf, SHA-256.
 *
 * One form of address for one content, so that equal texts mean equal content; no identity hashes, which
 * would carry content inside the address, past every quota.
 */

import { createHash } from 'node:crypto';
import { CID } from 'multiformats/cid';
import * as raw from 'multiformats/codecs/raw';
import { create as createMultihash } from 'multiformats/hashes/digest';
import { sha256 } from 'multiformats/hashes/sha2';
import { fabricErrors } from './errors.ts';
import type { Cid } from './task.ts';

/** IPLD's DAG-PB, in which UnixFS writes the inner nodes of a tree. */
export const DAG_PB = 0x70;
const SHA256_BYTES = 32;

/** The text of a CIDv1 with SHA-256 has 59 characters; longer ones are not even parsed. */
const TEXT_LENGTH_MAX = 64;

/** Throws `FABRIC_CID_INVALID`. */
export function parseAddress(text: string): CID {
  if (text.length > TEXT_LENGTH_MAX) throw invalid(text, 'it is too long');
  let cid: CID;
  try {
    cid = CID.parse(text);
  } catch {
    throw invalid(text, 'it is no CID');
  }
  if (cid.toString() !== text) throw invalid(text, 'it is not in base32');
  return checkedAddress(cid);
}

/** A link found inside a tree, held to the same rules. Throws `FABRIC_CID_INVALID`. */
export function checkedAddress(cid: CID): CID {
  if (cid.version !== 1) throw invalid(cid.toString(), 'its version is not 1');
  if (cid.code !== raw.code && cid.code !== DAG_PB) throw invalid(cid.toString(), 'it names no file');
  const { code, digest } = cid.multihash;
  if (code !== sha256.code || digest.length !== SHA256_BYTES) {
    throw invalid(cid.toString(), 'its hash is not SHA-256');
  }
  return cid;
}

/** Whether the block has links to others. */
export function isInner(cid: CID): boolean {
  return cid.code === DAG_PB;
}

export function addressText(cid: CID): Cid {
  return cid.toString() as Cid;
}

/** The address of bytes as one raw leaf: what a content store gives to contents of up to 1 MiB. */
export function leafAddress(bytes: Uint8Array): CID {
  const digest = createHash('sha256').update(bytes).digest();
  return CID.createV1(raw.code, createMultihash(sha256.code, digest));
}

function invalid(text: string, reason: string) {
  return fabricErrors.FABRIC_CID_INVALID({ cid: text.slice(0, TEXT_LENGTH_MAX), reason });
}
