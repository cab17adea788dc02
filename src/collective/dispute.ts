/**
 * What is brought to the chain when a provider was found to lie: its own sealed word on the unit, and those
 * of the providers that a quorum was made of.
 *
 * The unit has no number on the chain: it is named by what was to be computed, the same in every bundle that
 * speaks of it. So it is the one that the liar's bundle and an honest one both name, with the digests that
 * the broker has receipts for.
 */

import type { Digest, Journal } from '../actors/index.ts';
import type { OwnerId } from '../connectivity/index.ts';
import { type Bytes32, type KeptCommitment, type LeaseId, testimonyOf } from '../resource/index.ts';
import type { BatchId, UnitIndex } from './batch.ts';
import { decodeEvidence, type Evidence } from './evidence.ts';
import { readResult } from './result-rows.ts';
import type { Statement } from './settlement.ts';

/** The commitment to a bundle of returns, if its provider made one. */
export type ReadCommitment = (lease: LeaseId, bundle: number) => Promise<KeptCommitment | undefined>;

export interface Dispute {
  readonly unit: Bytes32;
  readonly statements: readonly Statement[];
}

/** One provider's word, and where it stands in its bundle. */
interface Word {
  readonly kept: KeptCommitment;
  readonly digest: Bytes32;
}

/**
 * Undefined where nothing can be proved: the deal locks no stake, the verdict was not made by digests, or too
 * few of those who agreed have committed themselves.
 */
export async function disputeOver(
  journal: Journal,
  lie: { readonly owner: OwnerId; readonly batch: BatchId; readonly unit: UnitIndex },
  quorum: number,
  read: ReadCommitment,
): Promise<Dispute | undefined> {
  const evidence = await evidenceOf(journal, lie);
  const result = await readResult(journal, lie.batch, lie.unit);
  if (evidence === undefined || result === undefined) return undefined;
  const liar = await wordOf(evidence.lease, evidence.said.bundle, evidence.said.digest, read);
  const honest: Word[] = [];
  for (const { state, lease, bundle, digest } of result.replicas) {
    if (state !== 'agreed' || bundle === undefined || digest === '') continue;
    const word = await wordOf(lease, bundle, digest, read);
    if (word !== undefined) honest.push(word);
  }
  if (liar === undefined || honest.length < quorum) return undefined;
  const unit = unitOf(liar, honest);
  if (unit === undefined) return undefined;
  return { unit, statements: [liar, ...honest].flatMap((word) => statementOf(word.kept, unit)) };
}

async function evidenceOf(
  journal: Journal,
  { owner, batch, unit }: { readonly owner: OwnerId; readonly batch: BatchId; readonly unit: UnitIndex },
): Promise<Evidence | undefined> {
  for await (const { value } of journal.scan(`evidence/${owner}/${batch}/${unit}.`)) {
    const evidence = decodeEvidence(value);
    if (evidence.kind === 'disagreement') return evidence;
  }
  return undefined;
}

async function wordOf(
  lease: LeaseId,
  bundle: number,
  digest: Digest,
  read: ReadCommitment,
): Promise<Word | undefined> {
  const kept = await read(lease, bundle);
  return kept === undefined ? undefined : { kept, digest: `0x${digest}` as Bytes32 };
}

/** The unit that all of them name with the digests that they are known for. */
function unitOf(liar: Word, honest: readonly Word[]): Bytes32 | undefined {
  const says = ({ kept, digest }: Word, unit: Bytes32) => kept.digests[kept.units.indexOf(unit)] === digest;
  return liar.kept.units.find((unit) => says(liar, unit) && honest.every((word) => says(word, unit)));
}

function statementOf(kept: KeptCommitment, unit: Bytes32): Statement[] {
  const testimony = testimonyOf(kept, unit);
  if (testimony === undefined) return [];
  const { commitment, signature, root, salt } = kept;
  return [{ commitment, signature, root, salt, testimony }];
}
