/** What this machine has, as probes read it. Plain values: they travel in offers. */

import type { Bytes } from '../actors/index.ts';
import type { SandboxKind } from './task.ts';

export interface GpuCapability {
  readonly vendor: string;
  readonly model: string;
  readonly memoryBytes: Bytes;
  readonly driver: string;
}

export interface Capability {
  readonly architecture: string;
  readonly platform: string;
  readonly cpuModel: string;
  /** Logical processors that grid tasks may use. */
  readonly cores: number;
  /** Reference operations per second and core, from the built-in benchmark; 0 until it has run. */
  readonly speed: number;
  readonly memoryBytes: Bytes;
  readonly storageBytes: Bytes;
  readonly gpus: readonly GpuCapability[];
  readonly sandboxes: readonly SandboxKind[];
}
