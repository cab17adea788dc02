/** What probes read of this machine, each kind on its own. `null` where this machine has no such sensor. */

import type { Bytes, Milliseconds } from '../actors/index.ts';

export interface CpuReading {
  readonly kind: 'cpu';
  /** Of all logical processors together since the reading before, 0 to 1. */
  readonly load: number;
  readonly coreLoads: readonly number[];
  readonly temperatureCelsius: number | null;
}

export interface MemoryReading {
  readonly kind: 'memory';
  readonly bytesTotal: Bytes;
  /** What programs could get without swapping. */
  readonly bytesAvailable: Bytes;
  /** Resident in this process and all below it. */
  readonly bytesOurs: Bytes;
}

export interface StorageReading {
  readonly kind: 'storage';
  readonly bytesTotal: Bytes;
  /** On the disk where the home is, for programs that are not root. */
  readonly bytesFree: Bytes;
}

export interface GpuState {
  readonly vendor: string;
  readonly model: string;
  readonly driver: string;
  readonly memoryBytes: Bytes;
  readonly memoryBytesUsed: Bytes | null;
  /** 0 to 1. */
  readonly load: number | null;
  readonly temperatureCelsius: number | null;
}

export interface GpuReading {
  readonly kind: 'gpu';
  readonly gpus: readonly GpuState[];
}

export interface PresenceReading {
  readonly kind: 'presence';
  /** Since the owner last touched a key, a mouse or a terminal; `null` if that cannot be known here. */
  readonly idleMs: Milliseconds | null;
}

export interface PowerReading {
  readonly kind: 'power';
  readonly onBattery: boolean;
}

export interface ProgramsReading {
  readonly kind: 'programs';
  /** Of the programs that were asked for, those that run. */
  readonly running: readonly string[];
}

export type Reading =
  | CpuReading
  | MemoryReading
  | StorageReading
  | GpuReading
  | PresenceReading
  | PowerReading
  | ProgramsReading;
