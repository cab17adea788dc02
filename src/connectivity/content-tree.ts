/**
 * Reading trees of blocks: which leaves a tree has, and their bytes in order.
 *
 * Inner nodes are DAG-PB, leaves are raw; that is how our trees are made (see `blocks.ts`), and all that is
 * read. The exporter of UnixFS would read more kinds. But below its first level a failed read escapes as an
 * unhandled rejection, which ends the process, and it goes on reading after it has failed. Both are in the
 * hands of whoever made the tree.
 */

import { createUnsafe } from 'multiformats/block';
import type { CID } from 'multiformats/cid';
import type { BlockCodec } from 'multiformats/codecs/interface';
import type { Bytes } from '../actors/index.ts';
import { addressText, checkedAddress, fabricErrors, isInner } from '../fabric/index.ts';

/** The codec of inner nodes. */
export type NodeCodec = BlockCodec<number, unknown>;

/** Gives a block, or rejects; called again for a block that the tree has twice. */
export type ReadBlock = (cid: CID) => Promise<Uint8Array>;

/** Leaves read at a time: what is in memory beside the content, at most 32 MiB of ours. */
const READ_AHEAD = 32;

/**
 * The leaves below `root`, in the order of the content. `read` bounds the work: whatever the shape of the
 * tree, a leaf that is listed was paid for by its link in a node that was read.
 */
export async function leavesOf(root: CID, codec: NodeCodec, read: ReadBlock): Promise<CID[]> {
  const leaves: CID[] = [];
  const open = [root];
  for (let cid = open.pop(); cid !== undefined; cid = open.pop()) {
    if (isInner(cid)) open.push(...linksIn(cid, await read(cid), codec).reverse());
    else leaves.push(cid);
  }
  return leaves;
}

/**
 * The bytes of the leaves, which must be `size` in all. Rejects with `FABRIC_CID_INVALID` if they are not.
 */
export async function readLeaves(leaves: readonly CID[], size: Bytes, read: ReadBlock): Promise<Uint8Array> {
  const content = new Uint8Array(size);
  const ahead: Promise<Uint8Array>[] = [];
  let filled = 0;
  try {
    for (let asked = 0, at = 0; at < leaves.length; at++) {
      while (asked < leaves.length && ahead.length < READ_AHEAD) ahead.push(read(leaves[asked++]!));
      const part = await ahead[0]!;
      ahead.shift();
      if (filled + part.length > size) throw notAsSaid(leaves[at]!, size);
      content.set(part, filled);
      filled += part.length;
    }
  } finally {
    // What was asked for is waited for: nothing goes on behind the caller's back, and nothing rejects
    // unheard.
    await Promise.allSettled(ahead);
  }
  if (filled < size) throw notAsSaid(leaves.at(-1), size);
  return content;
}

/** The links of an inner node, checked. Throws `FABRIC_CID_INVALID` if the bytes are no node. */
export function linksIn(cid: CID, bytes: Uint8Array, codec: NodeCodec): CID[] {
  let links: CID[];
  try {
    links = [...createUnsafe({ cid, bytes, codec }).links()].map(([, link]) => link);
  } catch (error) {
    throw fabricErrors.FABRIC_CID_INVALID({ cid: addressText(cid), reason: 'it is no UnixFS node' }, error);
  }
  return links.map(checkedAddress);
}

function notAsSaid(cid: CID | undefined, size: Bytes) {
  const reason = `its leaves are not the ${size} bytes that its root says`;
  return fabricErrors.FABRIC_CID_INVALID({
    cid: cid === undefined ? 'an empty tree' : addressText(cid),
    reason,
  });
}
