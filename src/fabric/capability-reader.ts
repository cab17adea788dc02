/** What this machine offers to the grid: its hardware, cut down to what the owner allows. */

import { arch, availableParallelism, cpus, platform } from 'node:os';
import type { Capability, GpuCapability } from './capability.ts';
import type { Preferences } from './preferences.ts';
import { readGpus } from './probe-gpu.ts';
import { memoryBytesTotal } from './probe-memory.ts';
import { storageProbe } from './probe-storage.ts';
import { graphicsCards } from './system-information.ts';
import type { SandboxKind } from './task.ts';

export interface CapabilityInit {
  /** Where contents are kept. */
  readonly home: string;
  /** Reference operations per second, from `measureSpeed`; 0 if it was not measured. */
  readonly speed: number;
  readonly sandboxes: readonly SandboxKind[];
}

/** A probe of a GPU that fails leaves the GPU out: a machine that is otherwise well can work without it. */
export async function readCapability(preferences: Preferences, init: CapabilityInit): Promise<Capability> {
  const { bytesFree } = await storageProbe(init.home)();
  const parallel = availableParallelism();
  return {
    architecture: arch(),
    platform: platform(),
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    cores: Math.min(parallel, preferences.cores ?? parallel),
    speed: init.speed,
    memoryBytes: Math.floor((memoryBytesTotal() * preferences.memoryPercentIdle) / 100),
    storageBytes: Math.min(bytesFree, preferences.diskBytes),
    gpus: await gpus(),
    sandboxes: init.sandboxes,
  };
}

async function gpus(): Promise<GpuCapability[]> {
  const nvidia = await readGpus().catch(() => ({ gpus: [] }));
  const known = nvidia.gpus.map(({ vendor, model, memoryBytes, driver }) => ({
    vendor,
    model,
    memoryBytes,
    driver,
  }));
  const cards = await graphicsCards().catch(() => []);
  const others = cards
    .filter(({ vendor }) => !/nvidia/i.test(vendor))
    .map((card) => ({ ...card, driver: '' }));
  return [...known, ...others];
}
