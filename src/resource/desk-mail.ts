/** What a provider's desk is told and asked, and what it is made of. */

import type { ActorRef, Bytes, CommitSettled, Context, Fault, Journal } from '../actors/index.ts';
import type { Milliseconds } from '../actors/index.ts';
import type { Network, PeerId, Signer, VerifySignature } from '../connectivity/index.ts';
import type { Capability, Cid, ExecutorMail, ExecutorNews, TaskId } from '../fabric/index.ts';
import type { Invitation } from './broker-book.ts';
import type { DealRows } from './deal-store.ts';
import type { DeskDealMail, DeskPayments } from './desk-payments.ts';
import type { DeskRows } from './desk-store.ts';
import type { ProviderPhase } from './provider-lease.ts';
import type { BrokerSays, Epoch, LeaseId, OwnerStatement, ProviderSays } from './lease-wire.ts';
import type { Link, LinkMail } from './link.ts';
import type { Metered } from './meter.ts';
import type { Policy } from './policy.ts';
import type { TakenDealView } from './taken-deal.ts';

export type DeskMail =
  /** A broker has work: from an announcement, or from the configured list. */
  | ({ readonly type: 'invite' } & Invitation)
  /** From the next call and the next lease on. */
  | { readonly type: 'policy'; readonly policy: Policy }
  | { readonly type: 'show'; readonly reply: (view: DeskView) => void }
  /** Take no new work, deliver what there is, release all leases; then `done`. For good. */
  | { readonly type: 'drain'; readonly done: () => void }
  /** The executor reports here; `governed` is the governor's word on whether work is wanted at all. */
  | ExecutorNews;

export interface TakenLeaseView {
  readonly lease: LeaseId;
  readonly epoch: Epoch;
  readonly broker: PeerId;
  readonly phase: ProviderPhase;
  readonly slots: number;
  readonly running: number;
  /** Ended and not acknowledged. */
  readonly unacknowledged: number;
  readonly returned: number;
  /** What it earns, where it is under a deal. */
  readonly deal?: TakenDealView;
}

export interface DeskView {
  readonly leases: readonly TakenLeaseView[];
  /** With the executor, whether they run or wait. `task` is the executor's name for it. */
  readonly tasks: readonly {
    readonly task: TaskId;
    readonly lease: LeaseId;
    readonly fraction: number | null;
  }[];
  readonly metered: Metered;
}

export interface DeskOptions {
  readonly network: Network;
  readonly signer: Signer;
  readonly verify: VerifySignature;
  readonly journal: Journal;
  readonly ownership: OwnerStatement;
  readonly policy: Policy;
  /** Absent: for credit alone. */
  readonly payments?: DeskPayments;
  readonly config: DeskConfig;
  /** Asked for each offer. */
  readonly capability: () => Capability;
  /** Programs that are here already, the most useful first. */
  readonly programs: () => readonly Cid[];
  /** Starts the executor as the desk's child, reporting to `self`; so neither outlives the other. */
  readonly spawnExecutor: (context: Pick<Context<DeskMail>, 'self' | 'spawn'>) => ActorRef<ExecutorMail>;
}

export interface DeskConfig {
  /** What all leases together may use. */
  readonly slots: number;
  readonly memoryBytes: Bytes;
  /** The most that one lease gets, so that several brokers can be served; all of it unless given. */
  readonly slotsPerLeaseMax?: number;
  /** How long a lease without work is kept; 30 s unless given. */
  readonly lingerMs?: Milliseconds;
}

export type ProviderLink = Link<ProviderSays, BrokerSays>;

export type DeskOwnMail =
  | { readonly type: 'dialled'; readonly link: ProviderLink }
  | { readonly type: 'undialled'; readonly link: ProviderLink; readonly fault: Fault }
  | {
      readonly type: 'restored';
      readonly rows: DeskRows;
      readonly deals: DealRows | undefined;
      readonly release: () => void;
    }
  | DeskDealMail
  | { readonly type: 'failed'; readonly fault: Fault }
  | { readonly type: 'tick' };

/** What the desk sends to itself: what its channels, its disk and its clock bring. */
export type DeskInternal = LinkMail<ProviderSays, BrokerSays> | CommitSettled | DeskOwnMail;
