/**
 * Merkle trees as in Certificate Transparency: one signature over the root covers many entries, and a short
 * path proves any one of them.
 *
 * Leaves and nodes are hashed under different prefixes (0x00, 0x01; RFC 6962, section 2.1), so that no node
 * can be passed off as an entry. The tree for n leaves splits at the largest power of two below n; building
 * it level by level, an odd last node moving up unchanged, gives that same tree without recursion.
 */

import { hash } from 'node:crypto';
import type { Bytes } from '../actors/index.ts';

/** SHA-256. */
export const HASH_BYTES: Bytes = 32;

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

/** The hashes of the entries, one after the other. */
export function leavesOf(entries: readonly Uint8Array[]): Uint8Array {
  const leaves = Buffer.allocUnsafe(entries.length * HASH_BYTES);
  entries.forEach((entry, index) => {
    const prefixed = Buffer.allocUnsafe(entry.length + 1);
    prefixed[0] = LEAF_PREFIX;
    prefixed.set(entry, 1);
    digestInto(leaves, index, prefixed);
  });
  return leaves;
}

/** The root over leaf hashes, as `leavesOf` gives them. Of no leaves it is the hash of nothing (RFC 6962). */
export function rootOf(leaves: Uint8Array): Uint8Array {
  if (leaves.length === 0) return hash('sha256', new Uint8Array(0), 'buffer');
  const level = Buffer.from(leaves);
  for (let count = leaves.length / HASH_BYTES; count > 1; count = (count + 1) >> 1) raise(level, count);
  return new Uint8Array(level.subarray(0, HASH_BYTES));
}

/** The hashes that lead from leaf `index` to the root, nearest first. */
export function proofOf(leaves: Uint8Array, index: number): readonly Uint8Array[] {
  const path: Uint8Array[] = [];
  const level = Buffer.from(leaves);
  let position = index;
  for (let count = leaves.length / HASH_BYTES; count > 1; count = (count + 1) >> 1) {
    const sibling = position ^ 1;
    if (sibling < count) path.push(new Uint8Array(hashAt(level, sibling)));
    raise(level, count);
    position >>= 1;
  }
  return path;
}

/**
 * Whether `path` leads from the entry at `index` of `count` entries to `root`. False for anything malformed.
 */
export function provesEntry(
  entry: Uint8Array,
  index: number,
  count: number,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!Number.isSafeInteger(index) || index < 0 || index >= count) return false;
  let value: Uint8Array = leavesOf([entry]);
  let position = index;
  let step = 0;
  for (let width = count; width > 1; width = Math.ceil(width / 2)) {
    if ((position ^ 1) < width) {
      const sibling = path[step++];
      if (sibling?.length !== HASH_BYTES) return false;
      value = position % 2 === 1 ? nodeOf(sibling, value) : nodeOf(value, sibling);
    }
    position = Math.floor(position / 2);
  }
  return step === path.length && Buffer.compare(value, root) === 0;
}

/** Replaces the first `count` hashes of `level` by the level above them. */
function raise(level: Buffer, count: number): void {
  const node = Buffer.allocUnsafe(1 + 2 * HASH_BYTES);
  node[0] = NODE_PREFIX;
  for (let left = 0; left < count; left += 2) {
    if (left + 1 === count) {
      level.copyWithin((left / 2) * HASH_BYTES, left * HASH_BYTES, (left + 1) * HASH_BYTES);
    } else {
      node.set(level.subarray(left * HASH_BYTES, (left + 2) * HASH_BYTES), 1);
      digestInto(level, left / 2, node);
    }
  }
}

function nodeOf(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash('sha256', Buffer.concat([Buffer.of(NODE_PREFIX), left, right]), 'buffer');
}

function hashAt(level: Uint8Array, index: number): Uint8Array {
  return level.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
}

/** By way of hexadecimal: Node's one-shot hash returns a string almost three times as fast as a buffer. */
function digestInto(target: Buffer, index: number, bytes: Uint8Array): void {
  target.write(hash('sha256', bytes, 'hex'), index * HASH_BYTES, 'hex');
}
