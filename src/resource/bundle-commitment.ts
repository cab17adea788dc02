/**
 * The worker's sealed word on one bundle of returns: made by the provider, checked and kept by the broker,
 * brought to the chain when providers contradict one another.
 *
 * A unit is named by what is to be computed, not by what the broker calls it. So two honest workers who are
 * asked the same say the same, and no broker can have one of them slashed by giving two different tasks one
 * name. What makes tasks equal is everything but their ids: replicas of a workunit differ in nothing else.
 */

import { encode, sha256 } from '../actors/index.ts';
import type { Account, HotSigner, TypedDomain, TypedSignature } from '../connectivity/index.ts';
import type { Task } from '../fabric/index.ts';
import { digestOfCommon } from './assignment.ts';
import { bundleLeaf, commitmentFlaw, sealOf, signCommitment } from './commitment.ts';
import type { CommitmentPaper } from './deal-paper.ts';
import { treeProof, treeRoot } from './keccak-tree.ts';
import type { Bytes32, Commitment, DealId, Testimony } from './ledger.ts';
import type { Return } from './lease-wire.ts';

/** Whose bundles they are. */
export interface Committer {
  readonly deal: DealId;
  readonly provider: Account;
  readonly worker: Account;
  readonly domain: TypedDomain;
}

/** A commitment with its bundle's leaves: all that a dispute needs of one provider. */
export interface KeptCommitment {
  readonly commitment: Commitment;
  readonly signature: TypedSignature;
  readonly root: Bytes32;
  readonly salt: Bytes32;
  readonly units: readonly Bytes32[];
  readonly digests: readonly Bytes32[];
}

/** The name of a unit in the contracts. */
export function unitKeyOf({ common, args, files, seed }: Omit<Task, 'id'>): Bytes32 {
  return word(sha256(encode([digestOfCommon(common), args, files, seed])));
}

/** What a bundle says of units that succeeded; undefined if it says nothing. */
export function commitTo(
  bundle: { readonly number: number; readonly returns: readonly Return[] },
  units: readonly Bytes32[],
  with_: { readonly number: number; readonly salt: Bytes32 },
  committer: Omit<Committer, 'worker'> & { readonly worker: HotSigner },
): CommitmentPaper | undefined {
  const digests = digestsOf(bundle.returns);
  if (digests.length === 0) return undefined;
  const { deal, provider, worker, domain } = committer;
  const { number, salt } = with_;
  const root = rootOf(units, digests);
  const seal = sealOf({ deal, provider, number, root, salt });
  const { signature } = signCommitment({ deal, provider, number, seal }, worker, domain);
  return { bundle: bundle.number, number, root, salt, units, signature };
}

/** The commitment as it is kept, or why it is not the committer's word on exactly these returns. */
export function checkCommitment(
  paper: CommitmentPaper,
  returns: readonly Return[],
  committer: Committer,
): KeptCommitment | string {
  const { number, root, salt, units, signature } = paper;
  const { deal, provider, worker, domain } = committer;
  const digests = digestsOf(returns);
  if (units.length !== digests.length) return 'it is about another number of tasks';
  if (rootOf(units, digests) !== root) return 'its root is not that of the bundle';
  const commitment = { deal, provider, number, seal: sealOf({ deal, provider, number, root, salt }) };
  const flaw = commitmentFlaw({ commitment, signature }, commitment, worker, domain);
  return flaw ?? { commitment, signature, root, salt, units, digests };
}

/** What the provider said of the unit, proved; undefined if this bundle says nothing of it. */
export function testimonyOf(kept: KeptCommitment, unit: Bytes32): Testimony | undefined {
  const digest = kept.digests[kept.units.indexOf(unit)];
  if (digest === undefined) return undefined;
  const { provider, number } = kept.commitment;
  const proof = treeProof(leavesOf(kept.units, kept.digests), bundleLeaf(unit, digest));
  return { provider, number, unit, digest, proof };
}

function digestsOf(returns: readonly Return[]): Bytes32[] {
  return returns.flatMap(({ status, digest }) => (status === 'succeeded' ? [word(digest)] : []));
}

function rootOf(units: readonly Bytes32[], digests: readonly Bytes32[]): Bytes32 {
  return treeRoot(leavesOf(units, digests));
}

function leavesOf(units: readonly Bytes32[], digests: readonly Bytes32[]): Bytes32[] {
  return units.map((unit, index) => bundleLeaf(unit, digests[index]!));
}

function word(hex: string): Bytes32 {
  return `0x${hex}` as Bytes32;
}
