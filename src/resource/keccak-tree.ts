/**
 * Merkle trees that contracts can check: OpenZeppelin's standard tree (keccak-256, each pair sorted), as
 * their `MerkleProof.verify` takes it. What peers sign to one another off the chain is the tree of
 * `merkle.ts`.
 *
 * A pair is hashed in the order of its values, so a proof needs no positions. Leaves have to be hashed twice
 * (as `bundleLeaf` does): otherwise an inner node, 64 octets, could be passed off as a leaf. Leaves are put
 * in order first, so that the root depends on what was said and not on when.
 */

import { keccak256 } from 'ethers/crypto';
import { assert } from '../actors/index.ts';
import type { Bytes32 } from './ledger.ts';

/** Of at least one leaf. */
export function treeRoot(leaves: readonly Bytes32[]): Bytes32 {
  return nodesOf(leaves)[0]!;
}

/** The siblings from a leaf up to the root. The leaf must be in the tree. */
export function treeProof(leaves: readonly Bytes32[], leaf: Bytes32): readonly Bytes32[] {
  const nodes = nodesOf(leaves);
  const proof: Bytes32[] = [];
  // An inner node equal to a leaf would be a collision of keccak-256.
  let place = nodes.lastIndexOf(leaf);
  assert(place !== -1, 'the leaf is not in the tree');
  for (; place > 0; place = (place - 1) >> 1) proof.push(nodes[place % 2 === 1 ? place + 1 : place - 1]!);
  return proof;
}

/** Whether the proof leads from the leaf to the root. */
export function provesLeaf(leaf: Bytes32, proof: readonly Bytes32[], root: Bytes32): boolean {
  return proof.reduce(pairHash, leaf) === root;
}

/** A complete binary tree in an array: the root first, the children of `i` at `2i + 1` and `2i + 2`. */
function nodesOf(leaves: readonly Bytes32[]): readonly Bytes32[] {
  const { length } = leaves;
  assert(length > 0, 'a tree has leaves');
  // Fixed length and lower case: the order of the texts is that of the values.
  const sorted = [...leaves].sort();
  const nodes = new Array<Bytes32>(2 * length - 1);
  for (let place = nodes.length - 1; place >= 0; place--) {
    const leaf = sorted[nodes.length - 1 - place];
    nodes[place] = leaf ?? pairHash(nodes[2 * place + 1]!, nodes[2 * place + 2]!);
  }
  return nodes;
}

function pairHash(one: Bytes32, other: Bytes32): Bytes32 {
  const [first, second] = one < other ? [one, other] : [other, one];
  return keccak256(first + second.slice(2)) as Bytes32;
}
