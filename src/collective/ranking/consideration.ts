/** One reason to prefer one lease over another. A consideration is one file, and says why in words. */

import type { BatchSpec } from '../batch.ts';
import type { LeasePlace } from '../directory.ts';
import type { Standing } from '../reputation.ts';

export interface Candidate {
  readonly lease: LeasePlace;
  readonly spec: BatchSpec;
  readonly standing: Standing;
  /** Of all leases known: reference operations per second and core; 0 when nobody was measured. */
  readonly speedMax: number;
}

export interface Consideration {
  readonly name: string;
  /** How much it moves the order, next to the others. */
  readonly weight: number;
  /** From 0, worst, to 1. */
  score(candidate: Candidate): number;
  says(candidate: Candidate): string;
}
