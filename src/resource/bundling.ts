/**
 * How many of a row of tasks or returns go into one message: bounded by number and by an estimate of their
 * bytes.
 */

import type { Bytes } from '../actors/index.ts';
import type { Task, TaskCommon, TaskFile } from '../fabric/index.ts';
import { BUNDLE_BYTES_MAX, BUNDLE_TASKS_MAX } from './lease-limits.ts';
import type { Return } from './lease-wire.ts';

/**
 * Ids, numbers, digests and member names of one item: measured 280 at most, without its texts and contents.
 */
const ITEM_BYTES: Bytes = 320;
const FILE_BYTES: Bytes = 160;

/** The bytes of a return in a message, to within the names of members. */
export function returnBytes(returned: Return): Bytes {
  const { output, failure } = returned;
  if (output !== undefined) return ITEM_BYTES + output.stdout.byteLength + filesBytes(output.files);
  if (failure === undefined) return ITEM_BYTES;
  return ITEM_BYTES + 3 * (failure.message.length + failure.stderr.length);
}

export function taskBytes(task: Pick<Task, 'args' | 'files'>): Bytes {
  let bytes = ITEM_BYTES + filesBytes(task.files);
  for (const arg of task.args) bytes += 3 * arg.length;
  return bytes;
}

export function commonBytes(common: TaskCommon): Bytes {
  return ITEM_BYTES + filesBytes(common.files);
}

/** At least one, however large it is. */
export function countForBundle<Item>(items: readonly Item[], bytesOf: (item: Item) => Bytes): number {
  let bytes = 0;
  let count = 0;
  while (count < items.length && count < BUNDLE_TASKS_MAX) {
    bytes += bytesOf(items[count]!);
    if (count > 0 && bytes > BUNDLE_BYTES_MAX) break;
    count += 1;
  }
  return count;
}

/** Text is counted at three bytes a character, the most that UTF-8 takes for a UTF-16 unit. */
function filesBytes(files: readonly TaskFile[]): Bytes {
  let bytes = 0;
  for (const { path, content } of files) {
    bytes += FILE_BYTES + 3 * path.length;
    if ('inline' in content) bytes += content.inline.byteLength;
  }
  return bytes;
}
