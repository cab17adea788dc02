/**
 * Brings what tasks name to this machine, and stores what they leave: the executor's hands at the store.
 *
 * Staged files are in memory while the machine says so; their bytes are shared by all tasks that name them.
 * Everything that is fetched is bounded in size and time, and compared with what the task said of it.
 */

import type { Bytes, Clock, Digest, Milliseconds } from '../actors/index.ts';
import { MIB, MINUTE_MS, sha256, toFault } from '../actors/index.ts';
import type { ContentStore } from './block-store.ts';
import { fabricErrors } from './errors.ts';
import type { Need } from './executor-contents.ts';
import type { ProgramLoader } from './sandbox.ts';
import type { Cid, StagedTask, Task, TaskFile, TaskOutcome } from './task.ts';
import { INLINE_BYTES_MAX } from './task.ts';

/** The sandbox has a limit of its own; this one is for the way there. */
const PROGRAM_BYTES_MAX: Bytes = 32 * MIB;

/** Time for 256 MiB at 2 MB/s; a broker that gives the replica up earlier cancels the task. */
const FETCH_MS: Milliseconds = 2 * MINUTE_MS;

export interface StagingOptions {
  readonly store: ContentStore;
  readonly programs: ProgramLoader;
  readonly clock: Clock;
}

interface StagedFile {
  readonly bytes: Uint8Array;
  sha256: Digest | undefined;
}

type Succeeded = TaskOutcome & { readonly status: 'succeeded' };

export class Staging {
  readonly #options: StagingOptions;
  readonly #files = new Map<Cid, StagedFile>();
  readonly #closing = new AbortController();

  constructor(options: StagingOptions) {
    this.#options = options;
  }

  /** Resolves with the size. Rejects with a fault: of the store, of the program, or `FABRIC_TASK_STAGING`. */
  async fetch({ cid, use, bytes, from }: Need): Promise<Bytes> {
    const { programs } = this.#options;
    if (use === 'program' && programs.has(cid)) return 0;
    const content = await this.#get(cid, use === 'program' ? PROGRAM_BYTES_MAX : bytes, from);
    if (use === 'program') await programs.load(cid, content);
    else this.#files.set(cid, { bytes: content, sha256: undefined });
    return content.byteLength;
  }

  drop(cid: Cid): void {
    this.#files.delete(cid);
  }

  /** A task with the bytes of all its files, which are here. Throws a fault if one is not as declared. */
  stage(task: Task): StagedTask {
    const { id, common, args, seed } = task;
    const { program, limits } = common;
    const files = [...common.files, ...task.files].map((file) => ({
      path: file.path,
      bytes: this.#bytesOf(file),
    }));
    return { id, program, files, args, seed, limits };
  }

  /** The outcome with its large files stored. If they do not fit there, the task failed, and says why. */
  async store(outcome: Succeeded): Promise<TaskOutcome> {
    try {
      const files: TaskFile[] = [];
      for (const file of outcome.output.files) files.push(await this.#stored(file));
      return { ...outcome, output: { ...outcome.output, files } };
    } catch (thrown) {
      const { id, usage } = outcome;
      const { code, message } = toFault(thrown, fabricErrors.FABRIC_STORE_FAILED);
      return { id, status: 'failed', code, message, stderr: '', usage };
    }
  }

  /** Ends all fetches. */
  close(): void {
    this.#closing.abort();
    this.#files.clear();
  }

  async #get(cid: Cid, bytesMax: Bytes, from: string | undefined): Promise<Uint8Array> {
    const timer = new AbortController();
    const cancelTimer = this.#options.clock.after(FETCH_MS, () => timer.abort());
    const signal = AbortSignal.any([timer.signal, this.#closing.signal]);
    try {
      return await this.#options.store.get(cid, { bytesMax, signal, ...(from !== undefined && { from }) });
    } catch (thrown) {
      throw toFault(thrown, fabricErrors.FABRIC_TASK_STAGING);
    } finally {
      cancelTimer();
    }
  }

  #bytesOf({ path, content }: TaskFile): Uint8Array {
    if ('inline' in content) return content.inline;
    const file = this.#files.get(content.cid);
    if (file === undefined) throw fabricErrors.FABRIC_TASK_STAGING({ reason: `${path} is no longer here` });
    if (content.sha256 !== undefined && content.sha256 !== hashOf(file)) {
      throw fabricErrors.FABRIC_TASK_INVALID({
        reason: `the input ${path} does not hash to what the task says`,
      });
    }
    return file.bytes;
  }

  async #stored(file: TaskFile): Promise<TaskFile> {
    const { path, content } = file;
    if (!('inline' in content) || content.inline.byteLength <= INLINE_BYTES_MAX) return file;
    const { inline } = content;
    const cid = await this.#options.store.put(inline);
    return { path, content: { cid, bytes: inline.byteLength, sha256: sha256(inline) } };
  }
}

/** Hashed once, however many tasks share it. */
function hashOf(file: StagedFile): Digest {
  file.sha256 ??= sha256(file.bytes);
  return file.sha256;
}
