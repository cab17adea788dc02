/**
 * A running node as its faces see it: the local API, the command line and the dashboard need this and no
 * more.
 *
 * The composition root binds it to the actors below. Everything here is a plain value that can be written as
 * JSON (bytes aside), taken at the moment of the call; what changes afterwards is told by `subscribe`.
 */

import type { Bytes, Inspection, Milliseconds } from '../actors/index.ts';
import type { TaskApi } from '../application/index.ts';
import type { BatchDeal, BatchId } from '../collective/index.ts';
import type { Address, OwnerId, PeerId, PeerView } from '../connectivity/index.ts';
import type { Capability, Cid, TaskId } from '../fabric/index.ts';
import type { EarningsView, Epoch, LeaseId } from '../resource/index.ts';
import type { Plain } from './plain.ts';

/** What a node does for others. Without any it is only a researcher's door to the grid. */
export const ROLES = ['provider', 'broker'] as const;
export type Role = (typeof ROLES)[number];

export interface IdentityView {
  readonly peer: PeerId;
  readonly owner: OwnerId;
  readonly name: string;
  /** Where others can dial this node. */
  readonly addresses: readonly Address[];
  readonly version: string;
  /** The folder that holds configuration, keys and data. */
  readonly home: string;
  readonly roles: readonly Role[];
  readonly startedAt: Milliseconds;
}

export interface GpuReading {
  readonly model: string;
  /** 0 to 1. */
  readonly load: number | null;
  readonly memoryBytesUsed: Bytes | null;
  readonly temperatureCelsius: number | null;
}

/** The newest values of all probes; `null` where this machine has no such sensor. */
export interface ReadingsView {
  readonly at: Milliseconds;
  /** Of all logical processors together, 0 to 1. */
  readonly cpuLoad: number | null;
  /** Of each logical processor, 0 to 1; may be empty. */
  readonly coreLoads: readonly number[];
  readonly memoryBytesUsed: Bytes | null;
  readonly memoryBytesTotal: Bytes | null;
  readonly temperatureCelsius: number | null;
  /** Of the block store and its quota. */
  readonly storageBytesUsed: Bytes | null;
  readonly storageBytesMax: Bytes | null;
  readonly ownerPresent: boolean | null;
  readonly gpus: readonly GpuReading[];
}

export interface GovernorView {
  readonly state: 'run' | 'throttle' | 'suspend' | 'evict';
  /** A sentence for the owner, from the same code that decides. */
  readonly reason: string;
  /** By `pause`, until `resume`. */
  readonly paused: boolean;
}

export interface MachineView {
  readonly capability: Capability;
  /** `null` until the probes have answered once. */
  readonly readings: ReadingsView | null;
  readonly governor: GovernorView;
  /** Tasks that may execute at the same time. */
  readonly slots: number;
}

export interface TaskView {
  readonly task: TaskId;
  readonly lease: LeaseId | null;
  readonly state: 'queued' | 'staging' | 'running' | 'suspended';
  /** As the program said, 0 to 1; `null` when it has not said anything. */
  readonly fraction: number | null;
  readonly startedAt: Milliseconds | null;
}

/** A lease this machine works under: the provider's side. */
export interface HeldLeaseView {
  readonly lease: LeaseId;
  readonly epoch: Epoch;
  readonly broker: PeerId;
  readonly slots: number;
  /** Tasks accepted and not yet returned. */
  readonly running: number;
  /** Tasks returned since the lease was granted. */
  readonly returned: number;
  readonly attached: boolean;
}

/** What metering has counted for this machine since its journal began. Work, not money. */
export interface CreditView {
  readonly tasks: number;
  readonly cpuMs: Milliseconds;
  /** In reference operations: processor time times the benchmarked speed. */
  readonly operations: number;
}

export interface NodeContent {
  put(bytes: Uint8Array): Promise<Cid>;
  /** Rejects with a fault when not found before `signal` aborts, or larger than `bytesMax`. */
  get(cid: Cid, options: { readonly bytesMax: Bytes; readonly signal: AbortSignal }): Promise<Uint8Array>;
}

export interface GridNode {
  readonly api: TaskApi;
  readonly content: NodeContent;
  identity(): IdentityView;
  machine(): Promise<MachineView>;
  /** Running first, then queued. Bounded by the leases' credit. */
  tasks(): Promise<readonly TaskView[]>;
  leases(): Promise<readonly HeldLeaseView[]>;
  peers(): Promise<readonly PeerView[]>;
  /** `null` on a node that is no provider. */
  credit(): Promise<CreditView | null>;
  /** Of the account that this node works for; `null` where it works for credit alone. */
  earnings(): Promise<Plain<EarningsView> | null>;
  /** Under which a batch is paid for; `null` where it is not, or before its deal is open. */
  deal(batch: BatchId): Promise<Plain<BatchDeal> | null>;
  /** Suspends all execution within a second, until `resume`. Idempotent; the newest reason stays. */
  pause(reason: string): Promise<void>;
  /** Gives the machine back to the governor's own judgement. Idempotent. */
  resume(): Promise<void>;
  /** Each inspection event from now on, synchronously; must not throw. Returns what ends it. */
  subscribe(listener: (event: Inspection) => void): () => void;
  /** The newest inspection events, oldest first: a bounded ring. */
  recent(): readonly Inspection[];
  /** Releases everything; resolves when the process may end. Idempotent. */
  stop(): Promise<void>;
}
