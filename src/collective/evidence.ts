/**
 * Proof against an owner that anyone can check: signed receipts that contradict each other, or that
 * contradict what a quorum of others signed for the same deterministic work.
 *
 * Evidence points to receipts by lease and bundle; those are rows of their own, in the providers' signed
 * form.
 */

import { decode, encode } from '../actors/index.ts';
import type { Digest, Milliseconds } from '../actors/index.ts';
import type { OwnerId, PeerId } from '../connectivity/index.ts';
import type { LeaseId } from '../resource/index.ts';
import type { BatchId, UnitIndex } from './batch.ts';

export interface Evidence {
  readonly kind: 'contradiction' | 'disagreement';
  readonly owner: OwnerId;
  readonly provider: PeerId;
  readonly batch: BatchId;
  readonly unit: UnitIndex;
  readonly ordinal: number;
  readonly lease: LeaseId;
  /** What was signed, and the bundle whose signature covers it. */
  readonly said: { readonly digest: Digest; readonly bundle: number };
  /** What it contradicts: another receipt under the same lease, or the quorum's digest (then no bundle). */
  readonly against: { readonly digest: Digest; readonly bundle: number | null };
  readonly at: Milliseconds;
}

export function evidenceRow(evidence: Evidence): { readonly key: string; readonly value: Uint8Array } {
  const { owner, batch, unit, ordinal } = evidence;
  return { key: `evidence/${owner}/${batch}/${unit}.${ordinal}`, value: encode(evidence) };
}

export function decodeEvidence(value: Uint8Array): Evidence {
  return decode(value) as Evidence;
}

/** Where the signed form of a bundle's receipts is kept. */
export function receiptKey(lease: LeaseId, bundle: number): string {
  return `receipt/${lease}/${bundle}`;
}
