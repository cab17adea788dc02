/**
 * The mail of the broker actor: what the layer above asks, and what the leases below tell.
 * `reply` members are called once, synchronously with the commit or the refusal.
 */

import type { ActorRef, Fault, Milliseconds } from '../actors/index.ts';
import type { Account, OwnerId, PeerId } from '../connectivity/index.ts';
import type { DealId, LeaseId, LeaseNews, LeaseView, Terms } from '../resource/index.ts';
import type { BatchId, BatchSpec, BatchView, UnitIndex } from './batch.ts';

export type BrokerMail =
  /** Answered when the batch is durable: then it is accepted, and nothing accepted is lost. */
  | { readonly type: 'submit'; readonly spec: BatchSpec; readonly reply: (answer: BatchView | Fault) => void }
  | {
      readonly type: 'cancel';
      readonly batch: BatchId;
      readonly reason: string;
      readonly reply: (answer: BatchView | Fault) => void;
    }
  | { readonly type: 'list'; readonly reply: (batches: readonly BatchView[]) => void }
  | { readonly type: 'show'; readonly batch: BatchId; readonly reply: (answer: BatchView | Fault) => void }
  | {
      readonly type: 'explain';
      readonly batch: BatchId;
      readonly unit: UnitIndex;
      readonly reply: (answer: Explanation | Fault) => void;
    }
  | { readonly type: 'directory'; readonly reply: (providers: readonly ProviderView[]) => void }
  /** The deal of a batch that is to be paid for is open, or cannot be opened, or was not long enough. */
  | { readonly type: 'funded'; readonly batch: BatchId; readonly deal: DealId; readonly terms: Terms }
  | { readonly type: 'unfunded'; readonly batch: BatchId; readonly reason: string }
  /** It cannot be opened yet, or nothing more can be paid under it. */
  | { readonly type: 'delayed'; readonly batch: BatchId; readonly reason: string }
  /** Of a deal's budget, confirmed on the chain. */
  | {
      readonly type: 'allocated';
      readonly deal: DealId;
      readonly provider: Account;
      readonly allocated: bigint;
    }
  /** `news` gets each change of each batch, until it is stopped. */
  | { readonly type: 'follow'; readonly follower: ActorRef<BatchNews> }
  | LeaseNews;

export type BatchNews =
  | { readonly type: 'changed'; readonly view: BatchView }
  | {
      readonly type: 'discredited';
      readonly batch: BatchId;
      readonly unit: UnitIndex;
      readonly provider: PeerId;
      readonly owner: OwnerId;
    }
  | {
      readonly type: 'recovered';
      readonly batch: BatchId;
      readonly provider: PeerId;
      readonly units: number;
      readonly silentMs: Milliseconds;
    };

/** Why a unit is where it is: `conun explain`. Sentences, from the same code that decides. */
export interface Explanation {
  readonly batch: BatchId;
  readonly unit: UnitIndex;
  readonly state: string;
  readonly reasons: readonly string[];
  readonly replicas: readonly {
    readonly ordinal: number;
    readonly provider: PeerId | null;
    readonly state: string;
    readonly since: Milliseconds;
  }[];
  readonly candidates: readonly {
    readonly provider: PeerId;
    readonly score: number | null;
    readonly reasons: readonly string[];
  }[];
}

export interface ProviderView {
  readonly lease: LeaseView | null;
  readonly leaseId: LeaseId | null;
  readonly provider: PeerId;
  readonly owner: OwnerId;
  readonly free: number;
  readonly running: number;
  readonly agreed: number;
  readonly disagreed: number;
  readonly failed: number;
  readonly lost: number;
  readonly excluded: string | null;
}
