/**
 * Programs and files that tasks name by address: who needs them, which are here, what they weigh.
 *
 * A content is held by the tasks that use it. Without users it stays, the longest unused first to go when
 * room is needed. A program that was refused is remembered as bad, so that a thousand tasks do not check it a
 * thousand times.
 */

import type { Bytes } from '../actors/index.ts';
import { fabricErrors } from './errors.ts';
import type { Cid, ContentByAddress, Task, TaskFile } from './task.ts';

/** Contents without users that are remembered; more than the batches a provider works for at one time. */
const IDLE_MAX = 256;

/** Why tasks fail; a fault is one. */
export interface FailureReason {
  readonly code: string;
  readonly message: string;
  readonly retry: boolean;
}

interface Content {
  readonly key: string;
  readonly cid: Cid;
  readonly use: 'program' | 'file';
  /** Who has it, by the newest task that names it: an older one's source may be gone. */
  from: string | undefined;
  /** As declared by the first task that named it; once it is here, what it really has. */
  bytes: Bytes;
  status: 'wanted' | 'fetching' | 'here' | 'bad';
  flaw: FailureReason | undefined;
  users: number;
  readonly waiters: Set<Task>;
}

/** `bytes` is what the first task that names it says; 0 for programs. */
export interface Need {
  readonly cid: Cid;
  readonly use: 'program' | 'file';
  readonly bytes: Bytes;
  readonly from?: string | undefined;
}

export interface Holding {
  /** Contents that are not here yet. */
  readonly missing: number;
  readonly flaw: FailureReason | undefined;
  /** Contents that had to go. */
  readonly dropped: readonly Cid[];
}

export class Contents {
  readonly #bytesMax: Bytes;
  /** The same bytes may be one task's program and another one's input: two contents. */
  readonly #contents = new Map<string, Content>();
  readonly #wanted = new Set<Content>();
  /** Without users, the longest unused first. */
  readonly #idle = new Set<Content>();
  #bytes = 0;
  #fetching = 0;

  constructor(bytesMax: Bytes) {
    this.#bytesMax = bytesMax;
  }

  /** What a task's files by address weigh together. */
  sizeOf(task: Task): Bytes {
    return needsOf(task).reduce((sum, need) => sum + need.bytes, 0);
  }

  /** Whether the task's files fit, when everything without users goes; what is under way cannot go yet. */
  hasRoomFor(task: Task): boolean {
    let bytes = 0;
    for (const need of needsOf(task)) if (!this.#contents.get(keyOf(need))?.users) bytes += need.bytes;
    if (bytes === 0) return true;
    for (const content of this.#idle) if (content.status !== 'fetching') bytes -= weight(content);
    return this.#bytes + bytes <= this.#bytesMax;
  }

  /** Counts a task as user of all it names. */
  hold(task: Task): Holding {
    let missing = 0;
    let flaw: FailureReason | undefined;
    for (const need of needsOf(task)) {
      const content = this.#know(need);
      content.users += 1;
      this.#idle.delete(content);
      if (content.status === 'bad') flaw = content.flaw;
      else if (content.status === 'here') flaw ??= flawOf(task, content);
      else {
        content.waiters.add(task);
        missing += 1;
      }
    }
    return { missing, flaw, dropped: this.#evict() };
  }

  /** Ends a task's use of all it names. Returns the contents that had to go. */
  release(task: Task): readonly Cid[] {
    for (const need of needsOf(task)) {
      const content = this.#contents.get(keyOf(need));
      if (content === undefined) continue;
      content.users -= 1;
      content.waiters.delete(task);
      if (content.users > 0) continue;
      if (content.status === 'wanted') this.#forget(content);
      else this.#idle.add(content);
    }
    return this.#evict();
  }

  /** The next one to be fetched, unless enough are on the way. */
  nextToFetch(fetchesMax: number): Need | undefined {
    if (this.#fetching >= fetchesMax) return undefined;
    for (const content of this.#wanted) {
      this.#wanted.delete(content);
      content.status = 'fetching';
      this.#fetching += 1;
      const { cid, use, bytes, from } = content;
      return { cid, use, bytes, from };
    }
    return undefined;
  }

  /** Returns the tasks that waited for it, each with what is wrong with it for that task. */
  arrived(
    need: Need,
    bytes: Bytes,
  ): readonly { readonly task: Task; readonly flaw: FailureReason | undefined }[] {
    const content = this.#fetched(need);
    if (content === undefined) return [];
    this.#bytes -= weight(content);
    content.bytes = bytes;
    this.#bytes += weight(content);
    content.status = 'here';
    return takeWaiters(content).map((task) => ({ task, flaw: flawOf(task, content) }));
  }

  /** Returns the tasks that waited for it in vain. */
  failed(need: Need, reason: FailureReason): readonly Task[] {
    const content = this.#fetched(need);
    if (content === undefined) return [];
    const waiters = takeWaiters(content);
    if (content.use === 'program' && !reason.retry) {
      content.status = 'bad';
      content.flaw = reason;
    } else {
      content.status = 'wanted';
      if (content.users === 0) this.#forget(content);
    }
    return waiters;
  }

  /** The sandbox no longer has a program: the next task that names it fetches it again. */
  lost(program: Cid): void {
    const content = this.#contents.get(keyOf({ cid: program, use: 'program', bytes: 0 }));
    if (content?.status === 'here') {
      content.status = 'wanted';
      this.#wanted.add(content);
    }
  }

  #know(need: Need): Content {
    const key = keyOf(need);
    let content = this.#contents.get(key);
    if (content === undefined) {
      const { cid, use, bytes, from } = need;
      const unused = { status: 'wanted', flaw: undefined, users: 0, waiters: new Set<Task>() } as const;
      content = { cid, use, bytes, from, key, ...unused };
      this.#contents.set(key, content);
      this.#bytes += weight(content);
    }
    content.from = need.from ?? content.from;
    if (content.status === 'wanted') this.#wanted.add(content);
    return content;
  }

  #fetched(need: Need): Content | undefined {
    const content = this.#contents.get(keyOf(need));
    if (content?.status !== 'fetching') return undefined;
    this.#fetching -= 1;
    return content;
  }

  #evict(): Cid[] {
    const dropped: Cid[] = [];
    for (const content of this.#idle) {
      if (this.#bytes <= this.#bytesMax && this.#idle.size <= IDLE_MAX) break;
      // What is under way is counted until it has come.
      if (content.status === 'fetching') continue;
      this.#forget(content);
      if (content.use === 'file') dropped.push(content.cid);
    }
    return dropped;
  }

  #forget(content: Content): void {
    this.#idle.delete(content);
    this.#wanted.delete(content);
    this.#contents.delete(content.key);
    this.#bytes -= weight(content);
  }
}

function keyOf({ cid, use }: Need): string {
  return use === 'file' ? cid : `program ${cid}`;
}

/** Programs stand on the sandbox's own shelf. */
function weight(content: Content): Bytes {
  return content.use === 'file' ? content.bytes : 0;
}

function takeWaiters(content: Content): readonly Task[] {
  const waiters = [...content.waiters];
  content.waiters.clear();
  return waiters;
}

/** A content that is here may have another size than a task says: whoever made the task is wrong. */
function flawOf(task: Task, { cid, use, bytes }: Content): FailureReason | undefined {
  if (use === 'program') return undefined;
  const wrong = filesByAddress(task).find(({ content }) => content.cid === cid && content.bytes !== bytes);
  if (wrong === undefined) return undefined;
  const reason = `the input ${wrong.path} has ${bytes} bytes, not ${wrong.content.bytes}`;
  return fabricErrors.FABRIC_TASK_INVALID({ reason });
}

/** What a task needs, each content once. */
function needsOf(task: Task): readonly Need[] {
  const { from } = task;
  const program: Need = { cid: task.common.program, use: 'program', bytes: 0, from };
  const files = filesByAddress(task);
  if (files.length === 0) return [program];
  const needs = new Map<Cid, Need>();
  for (const { content } of files) {
    if (!needs.has(content.cid))
      needs.set(content.cid, { cid: content.cid, use: 'file', bytes: content.bytes, from });
  }
  return [program, ...needs.values()];
}

type FileByAddress = TaskFile & { readonly content: ContentByAddress };

const NONE: readonly FileByAddress[] = [];

function filesByAddress(task: Task): readonly FileByAddress[] {
  const { files } = task.common;
  if (files.length === 0 && task.files.length === 0) return NONE;
  const isByAddress = (file: TaskFile): file is FileByAddress => 'cid' in file.content;
  return [...files, ...task.files].filter(isByAddress);
}
