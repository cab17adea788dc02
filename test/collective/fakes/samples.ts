/** Small values of the collective layer's types, for tests. */

import { type Digest, GIB, MINUTE_MS, sha256 } from '../../../src/actors/index.ts';
import type { BatchId, BatchSpec, UnitDraft, UnitIndex } from '../../../src/collective/batch.ts';
import type { LeasePlace } from '../../../src/collective/directory.ts';
import type { Place, ReplicaReturn } from '../../../src/collective/replica.ts';
import type { OwnerId, PeerId } from '../../../src/connectivity/index.ts';
import type { Cid, TaskOutput } from '../../../src/fabric/index.ts';
import type { Epoch, LeaseId, LeaseView } from '../../../src/resource/index.ts';

export function sampleSpec(changes: Partial<BatchSpec> = {}): BatchSpec {
  return {
    batch: 'b1' as BatchId,
    name: 'sample',
    submittedAt: 0,
    app: 'sample@1.0.0',
    common: {
      sandbox: 'wasm',
      program: 'program-1' as Cid,
      files: [],
      limits: { memoryBytesMax: GIB, runMsMax: MINUTE_MS, outputBytesMax: 65_536, logBytesMax: 65_536 },
    },
    quorum: {
      minQuorum: 2,
      targetNresults: 2,
      maxErrorResults: 2,
      maxTotalResults: 6,
      delayBoundMs: 10 * MINUTE_MS,
    },
    requirements: { sandbox: 'wasm', memoryBytes: GIB },
    priority: 0,
    compare: 'digest',
    application: new Uint8Array([1]),
    ...changes,
  };
}

export function quorumOf(minQuorum: number, more: Partial<BatchSpec['quorum']> = {}): BatchSpec['quorum'] {
  return { ...sampleSpec().quorum, minQuorum, targetNresults: minQuorum, ...more };
}

/** One lease of provider `name`, whose owner is `of`. */
export function place(name: string, of = name): Place {
  return {
    lease: `lease-${name}` as LeaseId,
    epoch: 1 as Epoch,
    provider: `peer-${name}` as PeerId,
    owner: `owner-${of}` as OwnerId,
  };
}

export function leaseView(name: string, slots = 1, of = name, changes: Partial<LeaseView> = {}): LeaseView {
  return {
    ...place(name, of),
    capability: {
      architecture: 'x64',
      platform: 'linux',
      cpuModel: 'sample',
      cores: slots,
      speed: 1e9,
      memoryBytes: slots * 4 * GIB,
      storageBytes: GIB,
      gpus: [],
      sandboxes: ['wasm'],
    },
    slots,
    programs: [],
    ...changes,
  };
}

export function leasePlace(name: string, slots: number, free: number, running = 0, of = name): LeasePlace {
  return { view: leaseView(name, slots, of), free, running };
}

export function drafts(count: number): UnitDraft[] {
  return Array.from({ length: count }, (_, index) => ({
    args: [`${index}`],
    files: [],
    label: `unit ${index}`,
  }));
}

export function output(text: string): TaskOutput {
  return { exitCode: 0, stdout: new TextEncoder().encode(text), files: [] };
}

export function digest(text: string): Digest {
  return sha256(new TextEncoder().encode(text));
}

export function succeeded(ordinal: number, text: string, bundle = 1): ReplicaReturn {
  return { ordinal, status: 'succeeded', digest: digest(text), bundle, usage: USAGE, output: output(text) };
}

export function failed(ordinal: number, bundle = 1): ReplicaReturn {
  const failure = { code: 'FABRIC_TASK_TRAPPED', message: 'unreachable', stderr: '' };
  return { ordinal, status: 'failed', digest: '', bundle, usage: USAGE, failure };
}

export function cancelled(ordinal: number, bundle = 1): ReplicaReturn {
  return { ordinal, status: 'cancelled', digest: '', bundle, usage: USAGE };
}

export const USAGE = { cpuMs: 1, wallMs: 1, memoryBytesPeak: 65_536 };

export function unitIndex(value: number): UnitIndex {
  return value as UnitIndex;
}
