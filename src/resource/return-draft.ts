/**
 * An outcome of the executor as it is returned to a broker: texts cut to their bounds, and nothing too large
 * to send.
 */

import { INLINE_BYTES_MAX } from '../fabric/index.ts';
import type { TaskId, TaskOutcome, TaskOutput, Usage } from '../fabric/index.ts';
import { returnBytes } from './bundling.ts';
import { resourceErrors } from './errors.ts';
import * as limits from './lease-limits.ts';
import type { Return } from './lease-wire.ts';
import { partsOf } from './task-names.ts';

const NO_USAGE: Usage = { cpuMs: 0, wallMs: 0, memoryBytesPeak: 0 };

/** By the lease that they are of, as the executor's names for tasks tell. */
export function returnsByPrefix(outcomes: readonly TaskOutcome[]): ReadonlyMap<string, readonly Return[]> {
  const byPrefix = new Map<string, Return[]>();
  for (const outcome of outcomes) {
    const { prefix, task } = partsOf(outcome.id);
    const returns = byPrefix.get(prefix);
    if (returns === undefined) byPrefix.set(prefix, [returnOf(task, outcome)]);
    else returns.push(returnOf(task, outcome));
  }
  return byPrefix;
}

/** `task` is the broker's name for it. */
export function returnOf(task: TaskId, outcome: TaskOutcome): Return {
  const { status, usage } = outcome;
  if (status === 'cancelled') return { task, status, digest: '', usage };
  if (status === 'failed') return failedReturn(task, outcome, usage);
  const { digest, output } = outcome;
  const returned: Return = { task, status, digest, usage, output };
  const flaw = misfit(output) ?? (returnBytes(returned) > limits.RETURN_BYTES_MAX ? 'its parts' : undefined);
  if (flaw === undefined) return returned;
  const fault = resourceErrors.RESOURCE_RETURN_TOO_LARGE({ task, reason: `${flaw} are too large` });
  return failedReturn(task, { code: fault.code, message: fault.message, stderr: '' }, usage);
}

/** A task that did not run, or whose output nobody can have. */
export function failedReturn(
  task: TaskId,
  failure: { readonly code: string; readonly message: string; readonly stderr: string },
  usage = NO_USAGE,
): Return {
  const code = failure.code.slice(0, limits.CODE_CHARS_MAX);
  const message = failure.message.slice(0, limits.MESSAGE_CHARS_MAX);
  // The end of standard error is where a program says why it gave up.
  const stderr = failure.stderr.slice(-limits.STDERR_CHARS_MAX);
  return { task, status: 'failed', digest: '', usage, failure: { code, message, stderr } };
}

/** A task that was given up before it ran. */
export function cancelledReturn(task: TaskId): Return {
  return { task, status: 'cancelled', digest: '', usage: NO_USAGE };
}

/** What the schema of the protocol would refuse, found without running it: this is asked for every task. */
function misfit({ stdout, files }: TaskOutput): string | undefined {
  if (stdout.byteLength > limits.STDOUT_BYTES_MAX) return 'its standard output';
  if (files.length > limits.FILES_MAX) return 'the number of its files';
  const large = files.some(
    ({ content }) => 'inline' in content && content.inline.byteLength > INLINE_BYTES_MAX,
  );
  return large ? 'inline files' : undefined;
}
