/**
 * One thing to run on this machine, and what came of it.
 *
 * A task is content-addressed down to its program: the same task gives the same output digest on every honest
 * machine (the WASM sandbox is deterministic). What tasks of one kind share is a `TaskCommon`, kept and sent
 * once for many.
 */

import type { Brand, Bytes, Digest, Milliseconds } from '../actors/index.ts';

/** Unique on this machine while the task is known. At most 128 printable ASCII characters. */
export type TaskId = Brand<string, 'TaskId'>;

/** A CIDv1 in base32: the address of a block tree in the block store. */
export type Cid = Brand<string, 'Cid'>;

export type SandboxKind = 'wasm';

/** A file's bytes: carried along when small (`INLINE_BYTES_MAX`), else named by address. */
export type Content = { readonly inline: Uint8Array } | ContentByAddress;

export interface ContentByAddress {
  readonly cid: Cid;
  readonly bytes: Bytes;
  /**
   * Of the bytes themselves. Always there on outputs, whose digest is built from it: a block tree's address
   * depends on how the file was cut, its hash does not. Whoever fetches the bytes compares
   * (`contentMatches`).
   */
  readonly sha256?: Digest;
}

export interface TaskFile {
  /** Relative, `/`-separated, no empty, `.` or `..` part; at most 255 characters. */
  readonly path: string;
  readonly content: Content;
}

/** All limits are hard: what goes over is ended with a fault that names the limit. */
export interface TaskLimits {
  /** Linear memory of the program; `memory.grow` past it fails. */
  readonly memoryBytesMax: Bytes;
  /**
   * Processor time of the execution. Where the system does not tell it, time on the wall, suspensions left
   * out.
   */
  readonly runMsMax: Milliseconds;
  /** Everything under `/out` together. */
  readonly outputBytesMax: Bytes;
  /** Standard output and standard error together. */
  readonly logBytesMax: Bytes;
}

export interface TaskCommon {
  readonly sandbox: SandboxKind;
  /** The runnable form: for `wasm` the module's bytes. */
  readonly program: Cid;
  /** Present under `/in`, read-only, before the task's own files. */
  readonly files: readonly TaskFile[];
  readonly limits: TaskLimits;
}

export interface Task {
  readonly id: TaskId;
  readonly common: TaskCommon;
  /** `argv[1…]`; `argv[0]` is the constant `task`. */
  readonly args: readonly string[];
  readonly files: readonly TaskFile[];
  /** Seeds the deterministic clock and randomness; equal for all replicas of a workunit. */
  readonly seed: string;
  /** Who has what it names by address (`GetOptions.from`); no part of what the task is. */
  readonly from?: string;
}

/** A task whose program and files are on this machine. */
export interface StagedTask {
  readonly id: TaskId;
  readonly program: Cid;
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  readonly args: readonly string[];
  readonly seed: string;
  readonly limits: TaskLimits;
}

export interface Usage {
  /** Processor time, as the sandbox measured it. */
  readonly cpuMs: Milliseconds;
  readonly wallMs: Milliseconds;
  readonly memoryBytesPeak: Bytes;
}

/**
 * What a finished program leaves. Its digest is over exit code, standard output and files, in canonical form.
 */
export interface TaskOutput {
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  /** Collected from `/out`, sorted by path. */
  readonly files: readonly TaskFile[];
}

/**
 * What came of a task. A program that ends with an exit code other than 0 has failed (`FABRIC_TASK_EXIT`), as
 * batch systems have it, so the output of a task that succeeded has exit code 0.
 */
export type TaskOutcome =
  | {
      readonly id: TaskId;
      readonly status: 'succeeded';
      readonly digest: Digest;
      readonly output: TaskOutput;
      readonly usage: Usage;
    }
  | {
      readonly id: TaskId;
      readonly status: 'failed';
      /** A code of the fabric catalogue: `FABRIC_TASK_TRAPPED`, `FABRIC_TASK_TIME_LIMIT`, … */
      readonly code: string;
      readonly message: string;
      /** The end of standard error, for the author. At most 4 KiB. */
      readonly stderr: string;
      readonly usage: Usage;
    }
  | { readonly id: TaskId; readonly status: 'cancelled'; readonly usage: Usage };

/**
 * Contents up to this size travel in messages; larger ones as blocks. A fetch takes a round trip more, a
 * block on both disks and a place among the fetches at a time: a small picture is not worth them. Some dozens
 * still fit into one message.
 */
export const INLINE_BYTES_MAX: Bytes = 32_768;
