/**
 * A batch: what a researcher submitted, as the broker keeps it.
 *
 * Only a window of units is in memory: units are drawn from a lazy source, judged, and recorded as rows of
 * the journal. So memory does not grow with the batch.
 */

import type { Brand, Bytes, Digest, Milliseconds } from '../actors/index.ts';
import type { OwnerId, PeerId } from '../connectivity/index.ts';
import type { SandboxKind, TaskCommon, TaskFile, TaskOutput, Usage } from '../fabric/index.ts';
import type { Epoch, LeaseId } from '../resource/index.ts';

/** Short and printable: `b` and 15 base32 letters. */
export type BatchId = Brand<string, 'BatchId'>;

/** Position of a unit in its batch, from 0, in the order of `split`. */
export type UnitIndex = Brand<number, 'UnitIndex'>;

/** BOINC's limits, in BOINC's words. */
export interface QuorumRule {
  /** Equal results needed for a verdict. */
  readonly minQuorum: number;
  /** Replicas issued at first; at least `minQuorum`. */
  readonly targetNresults: number;
  /** Failed replicas before the unit fails. */
  readonly maxErrorResults: number;
  /** Replicas ever, of any outcome, before the unit fails. */
  readonly maxTotalResults: number;
  /** From assignment until the replica counts as lost. */
  readonly delayBoundMs: Milliseconds;
}

export interface Requirements {
  readonly sandbox: SandboxKind;
  readonly memoryBytes: Bytes;
}

/**
 * What a batch may cost. Amounts are decimal texts of the token's smallest unit, because a specification is
 * hashed and journalled as DAG-CBOR, which has no integers of that size.
 */
export interface BatchPay {
  readonly budget: string;
  /** What each provider puts at stake; `0` asks for none, and no lie can be punished. */
  readonly stakeLock: string;
  /** Agreeing testimonies that make a verdict on the chain. */
  readonly minQuorum: number;
  /** Of work, and of each window after it: to reveal, to dispute, to redeem. By the chain's clock. */
  readonly workS: number;
  readonly windowS: number;
}

/** What the collective layer knows of a batch. The part only the application understands is `application`. */
export interface BatchSpec {
  readonly batch: BatchId;
  readonly name: string;
  readonly submittedAt: Milliseconds;
  /** `render@1.0.0`, for people and rankings. */
  readonly app: string;
  /** Program and files that all units share. */
  readonly common: TaskCommon;
  readonly quorum: QuorumRule;
  readonly requirements: Requirements;
  /** Higher goes first; batches of one priority share evenly. */
  readonly priority: number;
  /** `digest`: equal bytes. `plugin`: the app's own comparison, asked through the `Comparator` port. */
  readonly compare: 'digest' | 'plugin';
  /** Absent: for credit alone. */
  readonly pay?: BatchPay;
  /** Opaque here: app manifest address, parameters, input names. */
  readonly application: Uint8Array;
}

/** One independent piece, as `split` yields it. */
export interface UnitDraft {
  readonly args: readonly string[];
  readonly files: readonly TaskFile[];
  /** A few words for people: `tile 3,4`. At most 80 characters. */
  readonly label: string;
}

/** Draws units in order, from `from` on, a few at a time. The same batch always gives the same units. */
export interface UnitSource {
  draw(spec: BatchSpec, from: UnitIndex): AsyncIterable<readonly UnitDraft[]>;
}

/**
 * Says which earlier output (by digest) a new one is equivalent to, if any. Asked only for `compare:
 * 'plugin'`.
 */
export interface Comparator {
  classify(
    spec: BatchSpec,
    candidate: TaskOutput,
    representatives: readonly { digest: Digest; output: TaskOutput }[],
  ): Promise<Digest | undefined>;
}

/**
 * Called when all units are final; its files become the batch's result. Runs again after a crash: it must not
 * assume a first time.
 */
export interface Merger {
  merge(spec: BatchSpec, units: AsyncIterable<UnitResult>): Promise<readonly TaskFile[]>;
}

/** The verdict over a unit, as it is kept for the researcher. */
export interface UnitResult {
  readonly unit: UnitIndex;
  readonly label: string;
  readonly verdict: 'agreed' | 'failed' | 'cancelled';
  readonly digest: Digest | '';
  readonly output?: TaskOutput;
  /** Why it failed: a code of the collective catalogue. */
  readonly code?: string;
  readonly replicas: readonly ReplicaRecord[];
  readonly decidedAt: Milliseconds;
}

/** Provenance of one execution. */
export interface ReplicaRecord {
  readonly ordinal: number;
  readonly provider: PeerId;
  readonly owner: OwnerId;
  readonly lease: LeaseId;
  readonly epoch: Epoch;
  readonly state: 'agreed' | 'disagreed' | 'failed' | 'lost' | 'cancelled' | 'late';
  readonly digest: Digest | '';
  /** The bundle whose signature covers this replica's receipt. */
  readonly bundle?: number;
  readonly usage?: Usage;
  readonly code?: string;
  /** For the author, when it failed: at most 512 characters, and the last 1 024 of standard error. */
  readonly message?: string;
  readonly stderr?: string;
  readonly assignedAt: Milliseconds;
  readonly endedAt: Milliseconds;
}

export interface BatchCounts {
  /** Units drawn from the source so far; `total` once the source has ended. */
  readonly drawn: number;
  readonly total: number | null;
  readonly active: number;
  readonly agreed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly replicasAssigned: number;
  readonly replicasReturned: number;
  readonly replicasLost: number;
  readonly replicasDisagreed: number;
}

/**
 * `open`: units are drawn and judged. `merging`: all final. `done` and `cancelled` and `failed` are for ever.
 */
export type BatchPhase = 'open' | 'merging' | 'done' | 'cancelled' | 'failed';

export interface BatchView {
  readonly batch: BatchId;
  readonly name: string;
  readonly app: string;
  readonly phase: BatchPhase;
  readonly counts: BatchCounts;
  readonly submittedAt: Milliseconds;
  readonly endedAt: Milliseconds | null;
  /** Why it failed or was cancelled. */
  readonly reason: string | null;
  /** The merged result, once `done`. */
  readonly files: readonly TaskFile[];
}
