/**
 * What a program's file descriptors lead to: files and directories of the task's tree, captured output, an
 * empty standard input. The library reads the program's memory and calls these; nothing here reaches the
 * machine.
 */

import { Fd, wasi } from '@bjorn3/browser_wasi_shim';
import type { Bytes } from '../../actors/index.ts';
import type { Node } from './file-tree.ts';
import { DirectoryNode, FileNode, LimitReached } from './file-tree.ts';

/**
 * What path calls may say about a file; WASI's rights are gone from preview 2, so only stdio narrows them.
 */
const ALL_RIGHTS = 0x1fff_ffffn;

const NOTHING = new Uint8Array(0);

/** A name in a directory, which may not be there. */
type Place =
  | {
      readonly errno: 0;
      readonly directory: DirectoryNode;
      readonly name: string;
      readonly node: Node | undefined;
    }
  | { readonly errno: number };

export class FileDescriptor extends Fd {
  readonly #file: FileNode;
  readonly #append: boolean;
  #position = 0;

  constructor(file: FileNode, append: boolean) {
    super();
    this.#file = file;
    this.#append = append;
    file.opened();
  }

  override fd_close(): number {
    this.#file.closed();
    return wasi.ERRNO_SUCCESS;
  }

  override fd_fdstat_get(): { ret: number; fdstat: wasi.Fdstat } {
    return fdstat(wasi.FILETYPE_REGULAR_FILE, ALL_RIGHTS, this.#append ? wasi.FDFLAGS_APPEND : 0);
  }

  override fd_filestat_get(): { ret: number; filestat: wasi.Filestat } {
    return { ret: wasi.ERRNO_SUCCESS, filestat: filestatOf(this.#file) };
  }

  override fd_allocate(offset: bigint, length: bigint): number {
    if (!this.#file.writable) return wasi.ERRNO_ROFS;
    const size = Number(BigInt.asUintN(64, offset)) + Number(BigInt.asUintN(64, length));
    if (size > this.#file.size) this.#file.resize(size);
    return wasi.ERRNO_SUCCESS;
  }

  override fd_filestat_set_size(size: bigint): number {
    if (!this.#file.writable) return wasi.ERRNO_ROFS;
    this.#file.resize(Number(BigInt.asUintN(64, size)));
    return wasi.ERRNO_SUCCESS;
  }

  override fd_filestat_set_times(): number {
    return wasi.ERRNO_SUCCESS;
  }

  override fd_read(size: number): { ret: number; data: Uint8Array } {
    const data = this.#file.bytes.subarray(this.#position, this.#position + size);
    this.#position += data.byteLength;
    return { ret: wasi.ERRNO_SUCCESS, data };
  }

  override fd_pread(size: number, offset: bigint): { ret: number; data: Uint8Array } {
    const from = Number(BigInt.asUintN(64, offset));
    return { ret: wasi.ERRNO_SUCCESS, data: this.#file.bytes.subarray(from, from + size) };
  }

  override fd_write(data: Uint8Array): { ret: number; nwritten: number } {
    if (!this.#file.writable) return { ret: wasi.ERRNO_ROFS, nwritten: 0 };
    if (this.#append) this.#position = this.#file.size;
    this.#file.write(data, this.#position);
    this.#position += data.byteLength;
    return { ret: wasi.ERRNO_SUCCESS, nwritten: data.byteLength };
  }

  override fd_pwrite(data: Uint8Array, offset: bigint): { ret: number; nwritten: number } {
    if (!this.#file.writable) return { ret: wasi.ERRNO_ROFS, nwritten: 0 };
    this.#file.write(data, Number(BigInt.asUintN(64, offset)));
    return { ret: wasi.ERRNO_SUCCESS, nwritten: data.byteLength };
  }

  override fd_seek(offset: bigint, whence: number): { ret: number; offset: bigint } {
    const bases = [0, this.#position, this.#file.size];
    const base = bases[whence];
    const position = (base ?? 0) + Number(offset);
    if (base === undefined || position < 0 || !Number.isSafeInteger(position)) {
      return { ret: wasi.ERRNO_INVAL, offset: 0n };
    }
    this.#position = position;
    return { ret: wasi.ERRNO_SUCCESS, offset: BigInt(position) };
  }

  override fd_tell(): { ret: number; offset: bigint } {
    return { ret: wasi.ERRNO_SUCCESS, offset: BigInt(this.#position) };
  }
}

export class DirectoryDescriptor extends Fd {
  readonly #directory: DirectoryNode;
  readonly #preopen: string | undefined;
  /** Taken when a listing begins, so that one listing costs the directory's size once. */
  #listing: readonly (readonly [string, Node])[] = [];

  /** `preopen` is the name by which the program finds it, for `/in` and `/out`. */
  constructor(directory: DirectoryNode, preopen?: string) {
    super();
    this.#directory = directory;
    this.#preopen = preopen;
  }

  override fd_fdstat_get(): { ret: number; fdstat: wasi.Fdstat } {
    return fdstat(wasi.FILETYPE_DIRECTORY, ALL_RIGHTS, 0);
  }

  override fd_filestat_get(): { ret: number; filestat: wasi.Filestat } {
    return { ret: wasi.ERRNO_SUCCESS, filestat: filestatOf(this.#directory) };
  }

  override fd_prestat_get(): { ret: number; prestat: wasi.Prestat | null } {
    if (this.#preopen === undefined) return { ret: wasi.ERRNO_BADF, prestat: null };
    return { ret: wasi.ERRNO_SUCCESS, prestat: wasi.Prestat.dir(this.#preopen) };
  }

  override fd_readdir_single(cookie: bigint): { ret: number; dirent: wasi.Dirent | null } {
    if (cookie === 0n) this.#listing = [...this.#directory.entries];
    const index = Number(BigInt.asUintN(64, cookie));
    const own = this.#directory;
    if (index < 2) {
      const [name, node] = index === 0 ? ['.', own] : ['..', own.parent ?? own];
      return { ret: 0, dirent: new wasi.Dirent(cookie + 1n, node.inode, name, wasi.FILETYPE_DIRECTORY) };
    }
    const entry = this.#listing[index - 2];
    if (entry === undefined) return { ret: wasi.ERRNO_SUCCESS, dirent: null };
    const [name, node] = entry;
    return { ret: 0, dirent: new wasi.Dirent(cookie + 1n, node.inode, name, filetypeOf(node)) };
  }

  override path_filestat_get(_flags: number, path: string): { ret: number; filestat: wasi.Filestat | null } {
    const place = this.#find(path);
    if (!('directory' in place)) return { ret: place.errno, filestat: null };
    if (place.node === undefined) return { ret: wasi.ERRNO_NOENT, filestat: null };
    return { ret: wasi.ERRNO_SUCCESS, filestat: filestatOf(place.node) };
  }

  override path_filestat_set_times(): number {
    return this.#directory.writable ? wasi.ERRNO_SUCCESS : wasi.ERRNO_ROFS;
  }

  override path_open(
    _dirflags: number,
    path: string,
    oflags: number,
    _rights: bigint,
    _rightsInheriting: bigint,
    flags: number,
  ): { ret: number; fd_obj: Fd | null } {
    const place = this.#find(path);
    if (!('directory' in place)) return { ret: place.errno, fd_obj: null };
    const has = (flag: number) => (oflags & flag) !== 0;
    let node = place.node;
    if (node !== undefined && has(wasi.OFLAGS_CREAT) && has(wasi.OFLAGS_EXCL)) {
      return { ret: wasi.ERRNO_EXIST, fd_obj: null };
    }
    if (node === undefined) {
      if (!has(wasi.OFLAGS_CREAT)) return { ret: wasi.ERRNO_NOENT, fd_obj: null };
      if (!place.directory.writable) return { ret: wasi.ERRNO_ROFS, fd_obj: null };
      if (path.endsWith('/') || has(wasi.OFLAGS_DIRECTORY)) return { ret: wasi.ERRNO_INVAL, fd_obj: null };
      node = place.directory.createFile(place.name);
    }
    if (node instanceof DirectoryNode)
      return { ret: wasi.ERRNO_SUCCESS, fd_obj: new DirectoryDescriptor(node) };
    if (path.endsWith('/') || has(wasi.OFLAGS_DIRECTORY)) return { ret: wasi.ERRNO_NOTDIR, fd_obj: null };
    if (has(wasi.OFLAGS_TRUNC)) {
      if (!node.writable) return { ret: wasi.ERRNO_ROFS, fd_obj: null };
      node.resize(0);
    }
    const append = (flags & wasi.FDFLAGS_APPEND) !== 0;
    return { ret: wasi.ERRNO_SUCCESS, fd_obj: new FileDescriptor(node, append) };
  }

  override path_create_directory(path: string): number {
    const place = this.#find(path);
    if (!('directory' in place)) return place.errno;
    if (place.node !== undefined) return wasi.ERRNO_EXIST;
    if (!place.directory.writable) return wasi.ERRNO_ROFS;
    place.directory.createDirectory(place.name);
    return wasi.ERRNO_SUCCESS;
  }

  override path_unlink_file(path: string): number {
    const place = this.#findToRemove(path);
    if (!('directory' in place)) return place.errno;
    if (place.node instanceof DirectoryNode) return wasi.ERRNO_ISDIR;
    place.directory.remove(place.name);
    return wasi.ERRNO_SUCCESS;
  }

  override path_remove_directory(path: string): number {
    const place = this.#findToRemove(path);
    if (!('directory' in place)) return place.errno;
    if (!(place.node instanceof DirectoryNode)) return wasi.ERRNO_NOTDIR;
    if (place.node.entries.size > 0) return wasi.ERRNO_NOTEMPTY;
    place.directory.remove(place.name);
    return wasi.ERRNO_SUCCESS;
  }

  override path_readlink(path: string): { ret: number; data: string | null } {
    const place = this.#find(path);
    if (!('directory' in place)) return { ret: place.errno, data: null };
    return { ret: place.node === undefined ? wasi.ERRNO_NOENT : wasi.ERRNO_INVAL, data: null };
  }

  /** Moves within `/out`; replaces a file or an empty directory at the target, as POSIX's rename does. */
  moveTo(oldPath: string, target: DirectoryDescriptor, newPath: string): number {
    const from = this.#findToRemove(oldPath);
    if (!('directory' in from)) return from.errno;
    const to = target.#find(newPath);
    if (!('directory' in to)) return to.errno;
    if (!to.directory.writable) return wasi.ERRNO_ROFS;
    const moved = from.node!;
    if (to.node === moved) return wasi.ERRNO_SUCCESS;
    if (moved instanceof DirectoryNode) {
      if (to.directory.isWithin(moved)) return wasi.ERRNO_INVAL;
      if (to.node instanceof FileNode) return wasi.ERRNO_NOTDIR;
      if (to.node !== undefined && to.node.entries.size > 0) return wasi.ERRNO_NOTEMPTY;
    } else if (to.node instanceof DirectoryNode) return wasi.ERRNO_ISDIR;
    if (to.node !== undefined) to.directory.remove(to.name);
    from.directory.entries.delete(from.name);
    to.directory.entries.set(to.name, moved);
    if (moved instanceof DirectoryNode) moved.parent = to.directory;
    return wasi.ERRNO_SUCCESS;
  }

  #findToRemove(path: string): Place {
    const place = this.#find(path);
    if (!('directory' in place)) return place;
    if (!place.directory.writable) return { errno: wasi.ERRNO_ROFS };
    if (place.node === undefined) return { errno: wasi.ERRNO_NOENT };
    // The directory's own `.` has no name to remove.
    return place.name === '' ? { errno: wasi.ERRNO_INVAL } : place;
  }

  /** Follows a relative path; `..` never leads above this directory. */
  #find(path: string): Place {
    if (path.startsWith('/')) return { errno: wasi.ERRNO_NOTCAPABLE };
    if (path === '' || path.includes('\0'))
      return { errno: path === '' ? wasi.ERRNO_NOENT : wasi.ERRNO_INVAL };
    const steps: { directory: DirectoryNode; name: string; node: Node | undefined }[] = [];
    let at: Node | undefined = this.#directory;
    for (const part of path.split('/')) {
      if (part === '' || part === '.') continue;
      if (at === undefined) return { errno: wasi.ERRNO_NOENT };
      if (!(at instanceof DirectoryNode)) return { errno: wasi.ERRNO_NOTDIR };
      if (part === '..') {
        if (steps.pop() === undefined) return { errno: wasi.ERRNO_NOTCAPABLE };
        at = steps.at(-1)?.node ?? this.#directory;
        continue;
      }
      const directory: DirectoryNode = at;
      at = directory.entries.get(part);
      steps.push({ directory, name: part, node: at });
    }
    const last = steps.at(-1);
    if (last === undefined) return { errno: 0, directory: this.#directory, name: '', node: this.#directory };
    return { errno: 0, ...last };
  }
}

/** Standard output or error: calls back with what is written, before anything is kept. */
class LogDescriptor extends Fd {
  readonly #write: (data: Uint8Array) => void;

  constructor(write: (data: Uint8Array) => void) {
    super();
    this.#write = write;
  }

  override fd_fdstat_get(): { ret: number; fdstat: wasi.Fdstat } {
    return fdstat(wasi.FILETYPE_CHARACTER_DEVICE, BigInt(wasi.RIGHTS_FD_WRITE), 0);
  }

  override fd_filestat_get(): { ret: number; filestat: wasi.Filestat } {
    return { ret: 0, filestat: new wasi.Filestat(0n, wasi.FILETYPE_CHARACTER_DEVICE, 0n) };
  }

  override fd_write(data: Uint8Array): { ret: number; nwritten: number } {
    this.#write(data);
    return { ret: wasi.ERRNO_SUCCESS, nwritten: data.byteLength };
  }
}

/** Standard input: at its end from the start. */
export class EmptyDescriptor extends Fd {
  override fd_fdstat_get(): { ret: number; fdstat: wasi.Fdstat } {
    return fdstat(wasi.FILETYPE_CHARACTER_DEVICE, BigInt(wasi.RIGHTS_FD_READ), 0);
  }

  override fd_read(): { ret: number; data: Uint8Array } {
    return { ret: wasi.ERRNO_SUCCESS, data: new Uint8Array(0) };
  }
}

/** Standard output and error of one task, under one limit. */
export class TaskLog {
  readonly #bytesMax: Bytes;
  readonly #stdout = new Tape();
  readonly #stderr = new Tape();
  #bytes = 0;

  constructor(bytesMax: Bytes) {
    this.#bytesMax = bytesMax;
  }

  readonly out = new LogDescriptor((data) => this.#keep(this.#stdout, data));
  readonly err = new LogDescriptor((data) => this.#keep(this.#stderr, data));

  stdout(): Uint8Array {
    return this.#stdout.bytes.slice();
  }

  /** The last `bytesMax` bytes of standard error, as text. */
  stderrEnd(bytesMax: Bytes): string {
    const end = this.#stderr.bytes.subarray(-bytesMax);
    return Buffer.from(end.buffer, end.byteOffset, end.byteLength).toString('utf8');
  }

  #keep(tape: Tape, data: Uint8Array): void {
    this.#bytes += data.byteLength;
    if (this.#bytes > this.#bytesMax) {
      throw new LimitReached('FABRIC_TASK_LOG_LIMIT', { limitBytes: this.#bytesMax });
    }
    tape.append(data);
  }
}

/**
 * Bytes that grow at their end. One buffer, because a list of one-byte pieces would weigh a hundred times as
 * much.
 */
class Tape {
  #buffer = NOTHING;
  #size = 0;

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#size);
  }

  append(data: Uint8Array): void {
    const size = this.#size + data.byteLength;
    if (size > this.#buffer.byteLength) {
      const buffer = new Uint8Array(Math.max(size, 2 * this.#buffer.byteLength, 256));
      buffer.set(this.bytes);
      this.#buffer = buffer;
    }
    this.#buffer.set(data, this.#size);
    this.#size = size;
  }
}

function fdstat(filetype: number, rights: bigint, flags: number): { ret: number; fdstat: wasi.Fdstat } {
  const stat = new wasi.Fdstat(filetype, flags);
  stat.fs_rights_base = rights;
  stat.fs_rights_inherited = rights;
  return { ret: wasi.ERRNO_SUCCESS, fdstat: stat };
}

function filestatOf(node: Node): wasi.Filestat {
  const size = node instanceof FileNode ? BigInt(node.size) : 0n;
  return new wasi.Filestat(node.inode, filetypeOf(node), size);
}

function filetypeOf(node: Node): number {
  return node instanceof FileNode ? wasi.FILETYPE_REGULAR_FILE : wasi.FILETYPE_DIRECTORY;
}
