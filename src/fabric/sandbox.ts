/**
 * Where hostile programs run. A port: each implementation passes `test/conformance/sandbox.ts`, escape
 * attempts included.
 */

import type { Cid, SandboxKind, StagedTask, TaskId, TaskOutcome } from './task.ts';

export interface SandboxReports {
  /**
   * Outcomes in the order in which they happened, those of one turn together. Each started task is reported
   * exactly once.
   */
  outcomes(outcomes: readonly TaskOutcome[]): void;
  /** A task said how far it is, 0 to 1. At most a few a second for each task. */
  progress?(id: TaskId, fraction: number): void;
}

export interface Sandbox {
  readonly kind: SandboxKind;
  /** Tasks that execute at the same time. */
  readonly slots: number;
  /** Tasks that may be started before the first outcome: `slots` running and the rest queued next to them. */
  readonly depthMax: number;
  /**
   * Queues a task and returns at once. More than `depthMax` unfinished tasks is a programmer error.
   * Outputs larger than `INLINE_BYTES_MAX` are reported with inline content all the same: the executor
   * moves them to the block store.
   */
  start(tasks: readonly StagedTask[]): void;
  /**
   * The task is reported as `cancelled`, unless its outcome is already on the way. Unknown ids are ignored.
   */
  cancel(id: TaskId): void;
  /** All execution stops within a second, and takes no processor time until `resume`. */
  suspend(): void;
  resume(): void;
  /** Ends every process it started; unfinished tasks are reported as cancelled. */
  close(): Promise<void>;
}

/**
 * Makes programs known to a sandbox before tasks name them. Rejects with a fault if the program is not valid.
 */
export interface ProgramLoader {
  load(program: Cid, bytes: Uint8Array): Promise<void>;
  /** Whether `load` has succeeded for it and it is still kept. */
  has(program: Cid): boolean;
}

export type SandboxFactory = (reports: SandboxReports) => Sandbox & ProgramLoader;
