/**
 * WASI preview 1 for one task after another: the library's reading and writing of program memory, over our
 * own descriptors, with a deterministic clock and chance.
 *
 * One instance serves a whole host process: its import functions look up what belongs to the running task, so
 * that beginning a task makes a handful of objects instead of fifty closures. There are no sockets: a program
 * that imports them is refused when it is loaded.
 */

import { WASI, WASIProcExit, wasi } from '@bjorn3/browser_wasi_shim';
import type { TaskLimits } from '../task.ts';
import { CLOCK_STEP_NS, TaskChance, TaskTime } from './determinism.ts';
import { DirectoryDescriptor, EmptyDescriptor, TaskLog } from './descriptors.ts';
import type { NamedBytes } from './file-tree.ts';
import { collect, DirectoryNode, inputTree, OutputQuota } from './file-tree.ts';

/**
 * Linux's PATH_MAX and IOV_MAX, and enough open files for any program we know: each call stays cheap for the
 * host.
 */
const PATH_BYTES_MAX = 4_096;
const VECTORS_MAX = 1_024;
const OPEN_FILES_MAX = 1_024;
const SUBSCRIPTIONS_MAX = 1_024;

/** Sizes and offsets of the two structures of `poll_oneoff`, from the WASI snapshot preview 1 document. */
const SUBSCRIPTION_BYTES = 48;
const EVENT_BYTES = 32;

/** The library's calls that take a path, and where its length stands among the arguments. */
const PATH_LENGTH_AT = {
  path_create_directory: [2],
  path_filestat_get: [3],
  path_filestat_set_times: [3],
  path_readlink: [2],
  path_remove_directory: [2],
  path_symlink: [1, 4],
  path_unlink_file: [2],
} as const;

/** The library's calls that take vectors; their number is the third argument. */
const VECTOR_CALLS = ['fd_read', 'fd_write', 'fd_pread', 'fd_pwrite'] as const;

type Call = (...values: never[]) => unknown;
type NumberCall = (...values: number[]) => number;

export interface WasiTask {
  readonly args: readonly string[];
  readonly files: readonly NamedBytes[];
  readonly seed: string;
  readonly limits: TaskLimits;
}

/** What `proc_exit` throws through the program; undefined if `thrown` is anything else. */
export function exitCodeOf(thrown: unknown): number | undefined {
  return thrown instanceof WASIProcExit ? thrown.code : undefined;
}

export class Wasi {
  readonly imports: Record<string, Call>;
  readonly #library: WASI;
  readonly #decoder = new TextDecoder();
  #time = new TaskTime();
  #chance = new TaskChance('');
  #log = new TaskLog(0);
  #out = new DirectoryNode(0n);

  constructor() {
    this.#library = new WASI([], [], [], { debug: false });
    const { sock_accept, sock_recv, sock_send, sock_shutdown, ...calls } = this.#library.wasiImport;
    this.imports = { ...calls, ...bounded(calls), ...this.#ownCalls() };
  }

  /** Throws `LimitReached` if the input files do not make a tree. */
  begin(task: WasiTask, memory: WebAssembly.Memory): void {
    const quota = new OutputQuota(task.limits.outputBytesMax);
    const input = inputTree(task.files, quota);
    this.#out = new DirectoryNode(quota.nextInode(), undefined, quota);
    this.#log = new TaskLog(task.limits.logBytesMax);
    this.#time = new TaskTime();
    this.#chance = new TaskChance(task.seed);
    this.#library.args = ['task', ...task.args];
    this.#library.fds = [
      new EmptyDescriptor(),
      this.#log.out,
      this.#log.err,
      new DirectoryDescriptor(input, '/in'),
      new DirectoryDescriptor(this.#out, '/out'),
    ];
    this.#library.inst = { exports: { memory } };
  }

  stdout(): Uint8Array {
    return this.#log.stdout();
  }

  stderrEnd(bytesMax: number): string {
    return this.#log.stderrEnd(bytesMax);
  }

  files(): NamedBytes[] {
    return collect(this.#out);
  }

  /** Drops what belonged to the task, so that an idle process holds none of its memory. */
  end(): void {
    this.#library.fds = [];
    this.#library.args = [];
    this.#out = new DirectoryNode(0n);
    this.#log = new TaskLog(0);
  }

  #ownCalls(): Record<string, Call> {
    return {
      clock_res_get: (clock: number, at: number) => this.#writeTime(clock, at, () => CLOCK_STEP_NS),
      clock_time_get: (clock: number, _precision: bigint, at: number) =>
        this.#writeTime(clock, at, () =>
          clock === wasi.CLOCKID_REALTIME ? this.#time.realtimeNs() : this.#time.monotonicNs(),
        ),
      random_get: (at: number, length: number) => {
        this.#chance.fill(new Uint8Array(this.#memory.buffer, at >>> 0, length >>> 0));
        return wasi.ERRNO_SUCCESS;
      },
      poll_oneoff: (from: number, to: number, count: number, countAt: number) =>
        this.#poll(from >>> 0, to >>> 0, count >>> 0, countAt >>> 0),
      path_open: (...values: OpenArguments) => this.#open(values),
      path_link: () => wasi.ERRNO_NOTSUP,
      path_rename: (...values: RenameArguments) => this.#rename(values),
    };
  }

  get #memory(): WebAssembly.Memory {
    return this.#library.inst.exports.memory;
  }

  #path(at: number, length: number): string | undefined {
    if (length >>> 0 > PATH_BYTES_MAX) return undefined;
    return this.#decoder.decode(new Uint8Array(this.#memory.buffer, at >>> 0, length >>> 0));
  }

  #writeTime(clock: number, at: number, read: () => bigint): number {
    if (clock < 0 || clock > 3) return wasi.ERRNO_INVAL;
    new DataView(this.#memory.buffer).setBigUint64(at >>> 0, read(), true);
    return wasi.ERRNO_SUCCESS;
  }

  /**
   * The library's own never gives a number again and opens without end; POSIX gives the lowest that is free.
   */
  #open([
    fd,
    dirflags,
    pathAt,
    pathLength,
    oflags,
    rights,
    inheriting,
    flags,
    openedAt,
  ]: OpenArguments): number {
    const { fds } = this.#library;
    const directory = fds[fd];
    if (directory === undefined) return wasi.ERRNO_BADF;
    const path = this.#path(pathAt, pathLength);
    if (path === undefined) return wasi.ERRNO_NAMETOOLONG;
    let number = fds.indexOf(undefined as never);
    if (number < 0) number = fds.length;
    if (number >= OPEN_FILES_MAX) return wasi.ERRNO_MFILE;
    const { ret, fd_obj } = directory.path_open(dirflags, path, oflags, rights, inheriting, flags);
    if (fd_obj === null) return ret;
    fds[number] = fd_obj;
    new DataView(this.#memory.buffer).setUint32(openedAt >>> 0, number, true);
    return wasi.ERRNO_SUCCESS;
  }

  #rename([oldFd, oldAt, oldLength, newFd, newAt, newLength]: RenameArguments): number {
    const from = this.#library.fds[oldFd];
    const to = this.#library.fds[newFd];
    if (from === undefined || to === undefined) return wasi.ERRNO_BADF;
    if (!(from instanceof DirectoryDescriptor && to instanceof DirectoryDescriptor)) return wasi.ERRNO_NOTDIR;
    const oldPath = this.#path(oldAt, oldLength);
    const newPath = this.#path(newAt, newLength);
    if (oldPath === undefined || newPath === undefined) return wasi.ERRNO_NAMETOOLONG;
    return from.moveTo(oldPath, to, newPath);
  }

  /**
   * Files are always ready. With clocks alone, the earliest fires at once and the task's time jumps to it.
   */
  #poll(from: number, to: number, count: number, countAt: number): number {
    if (count === 0 || count > SUBSCRIPTIONS_MAX) return wasi.ERRNO_INVAL;
    const view = new DataView(this.#memory.buffer);
    const ready: number[] = [];
    let earliest: { at: number; waitNs: bigint } | undefined;
    for (let index = 0; index < count; index++) {
      const at = from + index * SUBSCRIPTION_BYTES;
      if (view.getUint8(at + 8) !== wasi.EVENTTYPE_CLOCK) ready.push(at);
      else {
        const waitNs = this.#waitNs(view, at);
        if (earliest === undefined || waitNs < earliest.waitNs) earliest = { at, waitNs };
      }
    }
    if (ready.length === 0 && earliest !== undefined) {
      this.#time.sleep(earliest.waitNs);
      ready.push(earliest.at);
    }
    for (const [index, at] of ready.entries()) {
      const event = new Uint8Array(this.#memory.buffer, to + index * EVENT_BYTES, EVENT_BYTES);
      const [userdata, type] = [view.getBigUint64(at, true), view.getUint8(at + 8)];
      event.fill(0);
      view.setBigUint64(to + index * EVENT_BYTES, userdata, true);
      view.setUint8(to + index * EVENT_BYTES + 10, type);
    }
    view.setUint32(countAt, ready.length, true);
    return wasi.ERRNO_SUCCESS;
  }

  /** How long a clock subscription still waits, by the task's time. */
  #waitNs(view: DataView, at: number): bigint {
    const timeout = view.getBigUint64(at + 24, true);
    const absolute = (view.getUint16(at + 40, true) & wasi.SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME) !== 0;
    if (!absolute) return timeout;
    const realtime = view.getUint32(at + 16, true) === wasi.CLOCKID_REALTIME;
    const left = timeout - (realtime ? this.#time.realtimeNs() : this.#time.monotonicNs());
    return left > 0n ? left : 0n;
  }
}

type OpenArguments = [number, number, number, number, number, bigint, bigint, number, number];
type RenameArguments = [number, number, number, number, number, number];

/** The library's calls, refusing lengths that would make the host copy or loop over a whole memory. */
function bounded(calls: Record<string, Call>): Record<string, Call> {
  const result: Record<string, Call> = {};
  for (const [name, positions] of Object.entries(PATH_LENGTH_AT)) {
    const call = calls[name] as NumberCall;
    result[name] = (...values: number[]) => {
      const long = positions.some((position) => values[position]! >>> 0 > PATH_BYTES_MAX);
      return long ? wasi.ERRNO_NAMETOOLONG : call(...values);
    };
  }
  for (const name of VECTOR_CALLS) {
    const call = calls[name] as NumberCall;
    result[name] = (fd: number, vectors: number, count: number, ...rest: number[]) =>
      count >>> 0 > VECTORS_MAX ? wasi.ERRNO_INVAL : call(fd, vectors, count, ...rest);
  }
  return result;
}
