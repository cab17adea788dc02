/**
 * The broker's side of all its leases: what the collective layer may ask of it, and what it tells.
 *
 * The collective layer sees leases as places with a number of free assignments. Streams that break and come
 * back, signatures, epochs and acknowledgements stay below this line.
 */

import type { ActorRef } from '../actors/index.ts';
import type { Account, OwnerId, PeerId, TypedSignature } from '../connectivity/index.ts';
import type { Capability, Cid, Task, TaskId } from '../fabric/index.ts';
import type { DealId, Terms } from './ledger.ts';
import type { Epoch, LeaseId, Return } from './lease-wire.ts';

export interface LeaseView {
  readonly lease: LeaseId;
  readonly epoch: Epoch;
  readonly provider: PeerId;
  readonly owner: OwnerId;
  readonly capability: Capability;
  readonly slots: number;
  readonly programs: readonly Cid[];
  /** Under which it earns; absent: for credit alone. */
  readonly deal?: DealId;
}

/** From the collective layer. */
export type HolderMail =
  /**
   * At most the free credit of the lease; more is a programmer error. The caller has journalled the
   * assignment.
   */
  | { readonly type: 'assign'; readonly lease: LeaseId; readonly tasks: readonly Task[] }
  | { readonly type: 'cancel'; readonly lease: LeaseId; readonly tasks: readonly TaskId[] }
  /** Everything returned up to this bundle is durable; the provider may forget it. */
  | { readonly type: 'acknowledge'; readonly lease: LeaseId; readonly bundle: number }
  | { readonly type: 'release'; readonly lease: LeaseId; readonly reason: string }
  /** Ends the leases of an owner and grants it none from now on. Durable. */
  | { readonly type: 'exclude'; readonly owner: OwnerId; readonly reason: string }
  /**
   * Whether new offers are wanted at all, for credit and under which deals (the first is served first);
   * without work they are declined with a time to come back.
   */
  | { readonly type: 'demand'; readonly wanted: boolean; readonly deals?: readonly DealId[] }
  | HolderDealMail;

/** About money; without payments it changes nothing. */
export type HolderDealMail =
  /** New leases may be under this deal: it is open on the chain. */
  | { readonly type: 'fund'; readonly deal: DealId; readonly terms: Terms }
  /** No new ones; those that are under it go on, and are paid. */
  | { readonly type: 'unfund'; readonly deal: DealId }
  /** Confirmed on the chain, in all. */
  | {
      readonly type: 'allocated';
      readonly deal: DealId;
      readonly provider: Account;
      readonly allocated: bigint;
    }
  /**
   * A conditional voucher, cumulative, said before the work that it is for: paid if the provider opens so
   * many bundles on the chain. From then on the account gets no other under this deal.
   */
  | {
      readonly type: 'promise';
      readonly lease: LeaseId;
      readonly amount: bigint;
      readonly bundles: number;
    };

/** To the collective layer. */
export type LeaseNews =
  /**
   * Also after a restart of the broker, for each lease that may still come back; `free` is 0 until it
   * attaches.
   */
  | { readonly type: 'opened'; readonly lease: LeaseView; readonly free: number }
  /** How many more assignments the lease takes now; absolute, replaces the last figure. */
  | { readonly type: 'credit'; readonly lease: LeaseId; readonly free: number }
  /**
   * Signature and epoch are checked, each output hashes to its receipt's digest, outputs by address are
   * fetched. `receipt` is the canonical signed form of the bundle, kept as provenance.
   */
  | {
      readonly type: 'returned';
      readonly lease: LeaseId;
      readonly provider: PeerId;
      readonly owner: OwnerId;
      readonly bundle: number;
      readonly returns: readonly Return[];
      readonly receipt: Uint8Array;
    }
  /** The lease is over: unreturned tasks will never be returned under it. */
  | {
      readonly type: 'lapsed';
      readonly lease: LeaseId;
      readonly provider: PeerId;
      readonly owner: OwnerId;
      readonly reason: string;
    }
  /** The provider takes part in the deal of its lease; `0x` where the deal locks no stake. */
  | {
      readonly type: 'joined';
      readonly lease: LeaseId;
      readonly deal: DealId;
      readonly provider: Account;
      readonly acceptance: TypedSignature;
    }
  /** What an account has earned under a deal so far, whatever was paid of it. */
  | {
      readonly type: 'owed';
      readonly deal: DealId;
      readonly provider: Account;
      readonly amount: bigint;
    }
  /**
   * After a break: these tasks are still with the provider. What is missing here and was assigned is lost.
   */
  | {
      readonly type: 'attached';
      readonly lease: LeaseId;
      readonly tasks: readonly TaskId[];
      readonly free: number;
    };

export type Holder = ActorRef<HolderMail>;
