/**
 * One execution of a workunit on one lease, as its unit keeps it, and as it is recorded for the researcher.
 */

import type { Digest, Milliseconds } from '../actors/index.ts';
import type { OwnerId, PeerId } from '../connectivity/index.ts';
import type { TaskOutput, Usage } from '../fabric/index.ts';
import type { Epoch, LeaseId } from '../resource/index.ts';
import type { ReplicaRecord } from './batch.ts';

/** Where replicas run. One object for a whole bundle of assignments. */
export interface Place {
  readonly lease: LeaseId;
  readonly epoch: Epoch;
  readonly provider: PeerId;
  readonly owner: OwnerId;
}

/**
 * `lost`: the lease lapsed, the provider gave it back, or the delay bound passed. `late`: it came after the
 * delay bound. `cancelled`: asked to stop. `void`: a ballot of an owner who was excluded since.
 */
export type ReplicaState = 'running' | 'succeeded' | 'failed' | 'lost' | 'late' | 'cancelled' | 'void';

export interface Replica {
  readonly ordinal: number;
  readonly place: Place;
  readonly assignedAt: Milliseconds;
  state: ReplicaState;
  /** Whether the provider may still return it under its lease; until then it fills a place there. */
  out: boolean;
  digest: Digest | '';
  /** The digest of its class once that is known: its ballot. */
  ballot: Digest | '';
  bundle: number;
  endedAt: Milliseconds;
  usage: Usage | undefined;
  failure: Failure | undefined;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly stderr: string;
}

/** What a provider says of one replica. Without usage and output only in a replay that does not need them. */
export interface ReplicaReturn {
  readonly ordinal: number;
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  readonly digest: Digest | '';
  readonly bundle: number;
  readonly usage?: Usage;
  readonly output?: TaskOutput;
  readonly failure?: Failure;
}

export function newReplica(ordinal: number, place: Place, now: Milliseconds): Replica {
  return {
    ordinal,
    place,
    assignedAt: now,
    state: 'running',
    out: true,
    digest: '',
    ballot: '',
    bundle: 0,
    endedAt: 0,
    usage: undefined,
    failure: undefined,
  };
}

/** Provenance under the verdict `winner`, empty when there is none. */
export function recordOf(replica: Replica, winner: Digest | '', now: Milliseconds): ReplicaRecord {
  const { ordinal, place, digest, bundle, usage, failure, assignedAt } = replica;
  return {
    ordinal,
    provider: place.provider,
    owner: place.owner,
    lease: place.lease,
    epoch: place.epoch,
    state: recordedState(replica, winner),
    digest,
    ...(bundle > 0 && { bundle }),
    ...(usage && { usage }),
    ...(failure && { code: failure.code, message: failure.message, stderr: failure.stderr }),
    assignedAt,
    endedAt: replica.state === 'running' ? now : replica.endedAt,
  };
}

function recordedState(replica: Replica, winner: Digest | ''): ReplicaRecord['state'] {
  switch (replica.state) {
    case 'succeeded':
      return winner !== '' && replica.ballot === winner ? 'agreed' : 'disagreed';
    case 'running':
    case 'void':
      return 'cancelled';
    default:
      return replica.state;
  }
}
