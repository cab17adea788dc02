/**
 * The conversation of one provider (it dials) with one broker (it listens): `/conun/lease/1`.
 *
 *     provider                      broker
 *     offer ──────────────────────▶        signed: who, whose, what, at what price
 *           ◀────────────────────── grant  signed: lease, epoch, slots, heartbeat   (or decline)
 *     accept ─────────────────────▶        capacity is reserved
 *     credit ─────────────────────▶        cumulative: how many assignments may have been sent
 *           ◀───────────────────── assign  a bundle of tasks
 *     returns ────────────────────▶        a bundle of receipts under one signature, outputs beside it
 *           ◀──────────────── acknowledge  everything up to this bundle is durable at the broker
 *     heartbeat ◀─────────────────▶        both ways, whenever nothing else was said
 *     attach ─────────────────────▶        after a broken stream: same lease, same epoch
 *           ◀─────────── attached | stale
 *
 * A lease under a deal carries money beside all this (docs/money.md); one without has none of it:
 *
 *     acceptance ─────────────────▶        after the grant: its stake may be locked, a share allocated
 *     commitment ─────────────────▶        before each bundle of returns, where stake is locked
 *           ◀──────────────────── voucher  after acknowledged bundles, gathered
 *
 * An epoch is a fencing number: the broker never grants the same one twice, and refuses everything of a
 * lapsed one.
 */

import type { Brand, Bytes, Digest, Milliseconds } from '../actors/index.ts';
import type { OwnerId, PeerId, TypedSignature } from '../connectivity/index.ts';
import type { Capability, Cid, TaskCommon, TaskFile, TaskId, TaskOutput, Usage } from '../fabric/index.ts';
import type { AccountPaper, CommitmentPaper, DealPaper, Encoded, VoucherPaper } from './deal-paper.ts';

/** Chosen by the broker; unique for that broker for ever. */
export type LeaseId = Brand<string, 'LeaseId'>;

/** Increases with every grant of one broker, across restarts. */
export type Epoch = Brand<number, 'Epoch'>;

/** The owner's word that a node is theirs, made once by the owner's key. */
export interface OwnerStatement {
  readonly owner: OwnerId;
  readonly peer: PeerId;
  readonly expiresAt: Milliseconds;
  /** By the owner's key over the canonical encoding of the members above. */
  readonly signature: Uint8Array;
}

/** What a provider has, and its tariff, signed by the node's key. */
export interface Offer {
  readonly provider: PeerId;
  readonly ownership: OwnerStatement;
  readonly capability: Capability;
  /** Tasks at a time that this lease may run. */
  readonly slots: number;
  readonly memoryBytesPerSlot: Bytes;
  /** Programs already here: assignments that name them start without a transfer. At most 32. */
  readonly programs: readonly Cid[];
  readonly madeAt: Milliseconds;
}

export interface SignedOffer {
  readonly offer: Offer;
  readonly signature: Uint8Array;
}

export interface Grant {
  readonly lease: LeaseId;
  readonly epoch: Epoch;
  readonly broker: PeerId;
  readonly provider: PeerId;
  readonly slots: number;
  /** Silence from the provider longer than this, and the lease lapses. */
  readonly lapseAfterMs: Milliseconds;
  /** Each side says something at least this often. */
  readonly heartbeatMs: Milliseconds;
  /** The lease ends then, whatever happens; renewed by a new offer. */
  readonly expiresAt: Milliseconds;
}

export interface SignedGrant {
  readonly grant: Grant;
  readonly signature: Uint8Array;
}

/**
 * What the provider signs for each task: as a tuple, in the order of these members, a leaf of its bundle's
 * tree. `digest` is empty unless it succeeded.
 */
export interface Receipt {
  readonly lease: LeaseId;
  readonly epoch: Epoch;
  readonly task: TaskId;
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  readonly digest: Digest | '';
  readonly usage: Usage;
}

/** A receipt with what it is about. The output must hash to the receipt's digest; the broker checks it. */
export interface Return {
  readonly task: TaskId;
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  readonly digest: Digest | '';
  readonly usage: Usage;
  readonly output?: TaskOutput;
  readonly failure?: { readonly code: string; readonly message: string; readonly stderr: string };
}

export interface ReturnBundle {
  readonly lease: LeaseId;
  readonly epoch: Epoch;
  /** 1, 2, 3 … within the lease. */
  readonly number: number;
  readonly returns: readonly Return[];
  /**
   * By the provider's node key over { lease, epoch, number, root }, root being the Merkle root over the
   * receipts (RFC 6962).
   */
  readonly signature: Uint8Array;
}

/** Tasks that share their commons; `common` is an index into `commons`. */
export interface AssignBundle {
  readonly commons: readonly TaskCommon[];
  readonly tasks: readonly {
    readonly id: TaskId;
    readonly common: number;
    readonly args: readonly string[];
    readonly files: readonly TaskFile[];
    readonly seed: string;
  }[];
}

export type ProviderSays =
  | { readonly type: 'offer'; readonly offer: SignedOffer; readonly account?: Encoded<AccountPaper> }
  | { readonly type: 'accept'; readonly lease: LeaseId; readonly epoch: Epoch }
  | {
      readonly type: 'attach';
      readonly lease: LeaseId;
      readonly epoch: Epoch;
      /**
       * Assignments that have arrived under this lease, ever; 0 if the provider's process has died meanwhile.
       */
      readonly received: number;
      /** Unfinished, or returned and not acknowledged. */
      readonly tasks: readonly TaskId[];
    }
  /**
   * Assignments that may ever be sent under this lease, like QUIC's MAX_DATA; a lower figure than before is
   * ignored.
   */
  | { readonly type: 'credit'; readonly lease: LeaseId; readonly epoch: Epoch; readonly limit: number }
  | { readonly type: 'returns'; readonly bundle: ReturnBundle }
  | {
      readonly type: 'heartbeat';
      readonly lease: LeaseId;
      readonly epoch: Epoch;
      readonly running: number;
      readonly suspended: boolean;
    }
  | { readonly type: 'release'; readonly lease: LeaseId; readonly epoch: Epoch; readonly reason: string }
  | ProviderDealTalk;

export type BrokerSays =
  | { readonly type: 'grant'; readonly grant: SignedGrant; readonly deal?: Encoded<DealPaper> }
  | { readonly type: 'decline'; readonly code: string; readonly retryAfterMs: Milliseconds }
  | {
      readonly type: 'attached';
      readonly lease: LeaseId;
      readonly epoch: Epoch;
      /** What the broker no longer waits for: to be cancelled if it still runs. */
      readonly drop: readonly TaskId[];
      /** Both sides count on from here: what was on the way when the stream broke is lost. */
      readonly sent: number;
    }
  | { readonly type: 'stale'; readonly lease: LeaseId; readonly epoch: Epoch }
  | { readonly type: 'assign'; readonly lease: LeaseId; readonly epoch: Epoch; readonly bundle: AssignBundle }
  | {
      readonly type: 'cancel';
      readonly lease: LeaseId;
      readonly epoch: Epoch;
      readonly tasks: readonly TaskId[];
    }
  | { readonly type: 'acknowledge'; readonly lease: LeaseId; readonly epoch: Epoch; readonly number: number }
  | { readonly type: 'heartbeat'; readonly lease: LeaseId; readonly epoch: Epoch }
  | { readonly type: 'release'; readonly lease: LeaseId; readonly epoch: Epoch; readonly reason: string }
  | BrokerDealTalk;

export type ProviderDealTalk =
  /** The worker's `Acceptance`; `0x` where the deal locks no stake. */
  | {
      readonly type: 'acceptance';
      readonly lease: LeaseId;
      readonly epoch: Epoch;
      readonly signature: TypedSignature;
    }
  | {
      readonly type: 'commitment';
      readonly lease: LeaseId;
      readonly epoch: Epoch;
      readonly commitment: CommitmentPaper;
    };

export interface BrokerDealTalk {
  readonly type: 'voucher';
  readonly lease: LeaseId;
  readonly epoch: Epoch;
  readonly voucher: Encoded<VoucherPaper>;
}

/** What is said once a lease is made, and is not about money. */
export type ProviderLeaseTalk = Exclude<ProviderSays, { readonly type: 'offer' } | ProviderDealTalk>;
export type BrokerLeaseTalk = Exclude<BrokerSays, { readonly type: 'grant' | 'decline' } | BrokerDealTalk>;
