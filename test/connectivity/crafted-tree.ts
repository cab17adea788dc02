/**
 * Nodes of UnixFS trees written octet by octet, because no library makes the ones that a hostile peer makes.
 */

import { CID } from 'multiformats/cid';
import * as raw from 'multiformats/codecs/raw';
import { sha256 } from 'multiformats/hashes/sha2';
import { DAG_PB } from '../../src/fabric/index.ts';

const FILE = 2;

export interface CraftedBlock {
  readonly cid: CID;
  readonly bytes: Uint8Array;
}

export async function craftLeaf(bytes: Uint8Array): Promise<CraftedBlock> {
  return { cid: CID.createV1(raw.code, await sha256.digest(bytes)), bytes };
}

/** Any bytes under the address of an inner node. */
export async function craftNode(bytes: Uint8Array): Promise<CraftedBlock> {
  return { cid: CID.createV1(DAG_PB, await sha256.digest(bytes)), bytes };
}

/** A file's inner node that claims the given sizes of its links, true or not. */
export function craftFile(
  links: readonly { readonly cid: CID; readonly bytes: number }[],
): Promise<CraftedBlock> {
  const total = links.reduce((sum, { bytes }) => sum + bytes, 0);
  const sizes = links.flatMap(({ bytes }) => number(4, bytes));
  const unixfs = [...number(1, FILE), ...number(3, total), ...sizes];
  const linked = links.flatMap(({ cid, bytes }) =>
    text(2, [...text(1, cid.bytes), ...text(2, []), ...number(3, bytes)]),
  );
  return craftNode(Uint8Array.from([...linked, ...text(1, unixfs)]));
}

/** Protocol buffers: a varint field, and a length-delimited one. */
function number(field: number, value: number): number[] {
  return [field << 3, ...varint(value)];
}

function text(field: number, value: Iterable<number>): number[] {
  const bytes = [...value];
  return [(field << 3) | 2, ...varint(bytes.length), ...bytes];
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))];
}
