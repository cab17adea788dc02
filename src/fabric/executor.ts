/**
 * The mail of the executor: it stages tasks, runs them in a sandbox and reports to whoever it was given at
 * spawn.
 */

import type { Task, TaskId, TaskOutcome } from './task.ts';

export type ExecutorMail =
  | { readonly type: 'execute'; readonly tasks: readonly Task[] }
  | { readonly type: 'cancel'; readonly ids: readonly TaskId[] }
  /**
   * From the governor: `suspended` stops all execution within a second. `slots` is how many tasks may run at
   * the same time; without it, as many as the sandbox can.
   */
  | {
      readonly type: 'govern';
      readonly suspended: boolean;
      readonly reason: string;
      readonly slots?: number;
    };

/** What the executor tells its owner. Each accepted task has exactly one outcome. */
export type ExecutorNews =
  | { readonly type: 'outcomes'; readonly outcomes: readonly TaskOutcome[] }
  | { readonly type: 'progress'; readonly id: TaskId; readonly fraction: number }
  | { readonly type: 'governed'; readonly suspended: boolean; readonly reason: string };
