/**
 * What the pool and one of its host processes say to each other, over Node's process channel (structured
 * clone).
 *
 * The pool numbers each handing-over of a task; hosts know numbers only. A number is used once, so an answer
 * that comes after its task was taken back is recognised and dropped.
 */

import type { Bytes, Digest, Milliseconds, WireFault } from '../../actors/index.ts';
import type { Cid, TaskLimits, Usage } from '../task.ts';
import type { NamedBytes } from './file-tree.ts';
import type { ShapedModule } from './module-shape.ts';

export interface HostTask {
  readonly number: number;
  /** Report before and after it, so that nobody else can be blamed for what it does. */
  readonly alone: boolean;
  readonly program: Cid;
  readonly args: readonly string[];
  readonly files: readonly NamedBytes[];
  readonly seed: string;
  readonly limits: TaskLimits;
}

/** Tasks or outcomes, laid out by `host-bundle.ts`. */
export interface Bundle {
  readonly items: readonly BundleItem[];
  readonly bytes: Uint8Array;
}

export type BundleItem = string | number | boolean;

export type PoolSays =
  /** Always before the first task that names it. */
  | { readonly type: 'keep'; readonly program: Cid; readonly module: ShapedModule }
  | { readonly type: 'forget'; readonly program: Cid }
  /** Tasks, to be run one after the other, in this order. */
  | { readonly type: 'run'; readonly bundle: Bundle }
  /** Not to be begun any more. What has begun goes on. */
  | { readonly type: 'revoke'; readonly numbers: readonly number[] }
  /** Whether this program can run here at all; to the process that does nothing else. */
  | { readonly type: 'check'; readonly bytes: Uint8Array };

export type HostOutcome =
  | {
      readonly number: number;
      readonly status: 'succeeded';
      readonly digest: Digest;
      readonly stdout: Uint8Array;
      /** Sorted by path. */
      readonly files: readonly NamedBytes[];
      readonly usage: Usage;
    }
  | {
      readonly number: number;
      readonly status: 'failed';
      readonly code: string;
      readonly message: string;
      readonly stderr: string;
      readonly usage: Usage;
    };

export type HostSays =
  | { readonly type: 'ready' }
  /** A program is compiled; what was sent after it can begin. */
  | { readonly type: 'kept'; readonly program: Cid }
  | { readonly type: 'outcomes'; readonly bundle: Bundle }
  /** Revoked in time. */
  | { readonly type: 'dropped'; readonly numbers: readonly number[] }
  | { readonly type: 'progress'; readonly number: number; readonly fraction: number }
  | { readonly type: 'fits'; readonly module: ShapedModule }
  | { readonly type: 'refused'; readonly fault: WireFault };

/** The end of standard error that a failed task carries. */
export const STDERR_BYTES_MAX: Bytes = 4_096;

/** A host keeps an outcome to itself at most this long, unless the next task takes longer than expected. */
export const GATHER_MS: Milliseconds = 50;

/**
 * The host's inherited descriptor of its mark: a file of three 64-bit numbers. First the task it has begun;
 * then 1 if that is exactly the one that runs, 0 if it may be one of the quick ones behind it; then the
 * processor time in microseconds that the process had used by then.
 */
export const MARK_DESCRIPTOR = 4;
export const MARK_NUMBERS = 3;
