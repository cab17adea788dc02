/**
 * The files of one running task, in memory: `/in`, which nobody can change, and `/out`, which is counted.
 *
 * Every byte and every name under `/out` is charged to a quota before it takes memory, also while it is
 * unlinked but still open. Numbers of inodes are given in order of creation, so two honest runs see the same
 * ones. There are no links: a name leads to one node, and a directory has one parent, so collecting always
 * ends.
 */

import type { Bytes } from '../../actors/index.ts';

/**
 * Files and directories under `/out` at one time. Bounds names and inodes as the byte limit bounds contents.
 */
export const OUTPUT_NODES_MAX = 4_096;

/** What `TaskFile.path` allows. */
const PATH_CHARACTERS_MAX = 255;

/** A limit of the task is reached: thrown through the program, which cannot catch it. */
export class LimitReached extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: string, details: Readonly<Record<string, string | number>>) {
    super(code);
    this.code = code;
    this.details = details;
  }
}

/** Counts what stands under `/out`, and ends the program when it is too much. */
export class OutputQuota {
  readonly #bytesMax: Bytes;
  #bytes = 0;
  #nodes = 0;
  #inode = 0n;

  constructor(bytesMax: Bytes) {
    this.#bytesMax = bytesMax;
  }

  nextInode(): bigint {
    return ++this.#inode;
  }

  addBytes(count: number): void {
    this.#bytes += count;
    if (this.#bytes > this.#bytesMax) {
      throw new LimitReached('FABRIC_TASK_OUTPUT_LIMIT', { reason: `more than ${this.#bytesMax} bytes` });
    }
  }

  addNode(): void {
    this.#nodes += 1;
    if (this.#nodes > OUTPUT_NODES_MAX) {
      throw new LimitReached('FABRIC_TASK_OUTPUT_LIMIT', { reason: `more than ${OUTPUT_NODES_MAX} files` });
    }
  }

  removeNode(bytes: number): void {
    this.#nodes -= 1;
    this.#bytes -= bytes;
  }

  /** How far a file may be enlarged ahead of need. */
  get spareBytes(): number {
    return this.#bytesMax - this.#bytes;
  }
}

/** A file outside of the tree: going in, or collected. */
export interface NamedBytes {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export type Node = FileNode | DirectoryNode;

export class FileNode {
  readonly inode: bigint;
  readonly #quota: OutputQuota | undefined;
  #buffer: Uint8Array;
  #size: number;
  #linked = true;
  #opens = 0;

  /** Without a quota the file is one of `/in`: its bytes are shared with other tasks and never written. */
  constructor(inode: bigint, bytes: Uint8Array, quota?: OutputQuota) {
    this.inode = inode;
    this.#buffer = bytes;
    this.#size = bytes.byteLength;
    this.#quota = quota;
  }

  get size(): number {
    return this.#size;
  }

  get writable(): boolean {
    return this.#quota !== undefined;
  }

  /** A view, valid until the next write. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#size);
  }

  write(data: Uint8Array, offset: number): void {
    if (offset + data.byteLength > this.#size) this.resize(offset + data.byteLength);
    this.#buffer.set(data, offset);
  }

  /** New bytes are zero, as POSIX has it. Charged before anything is allocated. */
  resize(size: number): void {
    const quota = this.#quota!;
    quota.addBytes(size - this.#size);
    if (size > this.#buffer.byteLength) {
      const ahead = Math.min(size * 2, size + quota.spareBytes);
      const buffer = new Uint8Array(ahead);
      buffer.set(this.bytes);
      this.#buffer = buffer;
    }
    if (size < this.#size) this.#buffer.fill(0, size, this.#size);
    this.#size = size;
  }

  opened(): void {
    this.#opens += 1;
  }

  closed(): void {
    this.#opens -= 1;
    this.#forgetIfUnused();
  }

  unlinked(): void {
    this.#linked = false;
    this.#forgetIfUnused();
  }

  #forgetIfUnused(): void {
    if (this.#linked || this.#opens > 0 || this.#quota === undefined) return;
    this.#quota.removeNode(this.#size);
    this.#buffer = new Uint8Array(0);
    this.#size = 0;
  }
}

export class DirectoryNode {
  readonly inode: bigint;
  readonly entries = new Map<string, Node>();
  readonly quota: OutputQuota | undefined;
  parent: DirectoryNode | undefined;

  constructor(inode: bigint, parent?: DirectoryNode, quota?: OutputQuota) {
    this.inode = inode;
    this.parent = parent;
    this.quota = quota;
  }

  get writable(): boolean {
    return this.quota !== undefined;
  }

  createFile(name: string): FileNode {
    this.quota!.addNode();
    const file = new FileNode(this.quota!.nextInode(), new Uint8Array(0), this.quota);
    this.entries.set(name, file);
    return file;
  }

  createDirectory(name: string): DirectoryNode {
    this.quota!.addNode();
    const directory = new DirectoryNode(this.quota!.nextInode(), this, this.quota);
    this.entries.set(name, directory);
    return directory;
  }

  /** The caller has seen to it that a directory is empty. */
  remove(name: string): void {
    const node = this.entries.get(name);
    this.entries.delete(name);
    if (node instanceof FileNode) node.unlinked();
    else if (node !== undefined) this.quota!.removeNode(0);
  }

  isWithin(ancestor: Node): boolean {
    let at: DirectoryNode | undefined = this;
    while (at !== undefined && at !== ancestor) at = at.parent;
    return at !== undefined;
  }
}

/**
 * `/in` from a task's files. Throws `LimitReached` with `FABRIC_TASK_INVALID` if paths do not make a tree.
 */
export function inputTree(files: readonly NamedBytes[], quota: OutputQuota): DirectoryNode {
  const root = new DirectoryNode(quota.nextInode());
  for (const file of files) {
    const names = file.path.split('/');
    const name = names.pop()!;
    let directory = root;
    for (const part of names) {
      const next = directory.entries.get(part) ?? new DirectoryNode(quota.nextInode(), directory);
      if (!(next instanceof DirectoryNode) || !isName(part)) throw badPath(file.path);
      directory.entries.set(part, next);
      directory = next;
    }
    if (!isName(name) || directory.entries.get(name) instanceof DirectoryNode) throw badPath(file.path);
    directory.entries.set(name, new FileNode(quota.nextInode(), file.bytes));
  }
  return root;
}

/** Everything under `/out`, sorted by path. The bytes are views, valid until the next task begins. */
export function collect(root: DirectoryNode): NamedBytes[] {
  const files: NamedBytes[] = [];
  const waiting: { readonly prefix: string; readonly directory: DirectoryNode }[] = [
    { prefix: '', directory: root },
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const [name, node] of next.directory.entries) {
      const path = next.prefix + name;
      if (path.length > PATH_CHARACTERS_MAX) {
        throw new LimitReached('FABRIC_TASK_OUTPUT_LIMIT', {
          reason: `a path of more than ${PATH_CHARACTERS_MAX} characters`,
        });
      }
      if (node instanceof FileNode) files.push({ path, bytes: node.bytes });
      else waiting.push({ prefix: `${path}/`, directory: node });
    }
  }
  return files.length < 2 ? files : files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function isName(part: string): boolean {
  return part !== '' && part !== '.' && part !== '..';
}

function badPath(path: string): LimitReached {
  return new LimitReached('FABRIC_TASK_INVALID', {
    reason: `input path "${path.slice(0, 80)}" is not usable`,
  });
}
