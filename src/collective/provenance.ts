/**
 * What is anchored when a batch ends: one root over all its verdicts, with who computed them and under which
 * receipts, and over the files that they were merged to.
 *
 * The leaves of a page are a tree, and the roots of the pages are a tree above them; so the root of a million
 * units is found in the memory of one page, and a proof is one path through both, as OpenZeppelin's
 * `MerkleProof` takes it. Whoever has the report can find the same root again: it needs no broker.
 */

import { digestOf, sha256, type Digest } from '../actors/index.ts';
import { type Bytes32, bundleLeaf, treeProof, treeRoot } from '../resource/index.ts';
import type { UnitResult } from './batch.ts';

/** Memory of a page: 4 096 leaves as texts are a quarter of a megabyte. */
export const PAGE_LEAVES = 4_096;

/** A file of the result, by the hash of its bytes. */
export interface ResultFile {
  readonly path: string;
  readonly sha256: Digest;
}

/** One file's path to the root. */
export interface FileProof extends ResultFile {
  readonly proof: readonly Bytes32[];
}

export interface Provenance {
  readonly root: Bytes32;
  readonly files: readonly FileProof[];
}

/** `units` in any order; the same units and files always give the same root. */
export async function provenanceOf(
  units: AsyncIterable<UnitResult>,
  files: readonly ResultFile[],
): Promise<Provenance> {
  const pages: Bytes32[] = [];
  let page: Bytes32[] = [];
  for await (const unit of units) {
    page.push(unitLeaf(unit));
    if (page.length < PAGE_LEAVES) continue;
    pages.push(treeRoot(page));
    page = [];
  }
  if (page.length > 0) pages.push(treeRoot(page));
  const leaves = files.map(fileLeaf);
  const filesRoot = leaves.length === 0 ? undefined : treeRoot(leaves);
  if (filesRoot !== undefined) pages.push(filesRoot);
  if (pages.length === 0) return { root: word(sha256(new Uint8Array())), files: [] };
  const above = filesRoot === undefined ? [] : treeProof(pages, filesRoot);
  const proved = files.map((file, at) => ({ ...file, proof: [...treeProof(leaves, leaves[at]!), ...above] }));
  return { root: treeRoot(pages), files: proved };
}

/** A verdict without its output, which the verdict's digest stands for. */
function unitLeaf(result: UnitResult): Bytes32 {
  const { output: _stoodFor, ...record } = result;
  return bundleLeaf(named(`unit/${result.unit}`), word(digestOf(record)));
}

export function fileLeaf({ path, sha256: content }: ResultFile): Bytes32 {
  return bundleLeaf(named(`file/${path}`), word(content));
}

function named(name: string): Bytes32 {
  return word(sha256(Buffer.from(name)));
}

function word(digest: Digest): Bytes32 {
  return `0x${digest}` as Bytes32;
}
