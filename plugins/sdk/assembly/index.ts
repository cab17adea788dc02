/**
 * What a program in AssemblyScript imports as `conun`: arguments, files, standard output, and the two calls
 * that keep a long computation polite. A thin layer over WASI preview 1 and the module `conun`; nothing else
 * exists in the sandbox.
 */

@external("wasi_snapshot_preview1", "args_sizes_get")
declare function args_sizes_get(count: usize, bytes: usize): u32;
@external("wasi_snapshot_preview1", "args_get")
declare function args_get(pointers: usize, bytes: usize): u32;
@external("wasi_snapshot_preview1", "fd_prestat_get")
declare function fd_prestat_get(fd: u32, prestat: usize): u32;
@external("wasi_snapshot_preview1", "fd_prestat_dir_name")
declare function fd_prestat_dir_name(fd: u32, path: usize, length: usize): u32;
@external("wasi_snapshot_preview1", "path_open")
declare function path_open(
  directory: u32,
  lookup: u32,
  path: usize,
  pathLength: usize,
  create: u32,
  rights: u64,
  inherited: u64,
  flags: u32,
  fd: usize,
): u32;
@external("wasi_snapshot_preview1", "fd_read")
declare function fd_read(fd: u32, vectors: usize, count: usize, read: usize): u32;
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(fd: u32, vectors: usize, count: usize, written: usize): u32;
@external("wasi_snapshot_preview1", "fd_close")
declare function fd_close(fd: u32): u32;
@external("wasi_snapshot_preview1", "proc_exit")
declare function proc_exit(code: u32): void;

/** Call it a few times a second: the host may suspend the program here, or take a checkpoint. */
@external("conun", "yield")
export declare function pause(): void;

/** How far the unit is, 0 to 1; for people, costs next to nothing. */
@external("conun", "progress")
export declare function progress(fraction: f64): void;

/** The arguments that `split` gave the unit, without the program's name. */
export function args(): string[] {
  const sizes = memory.data(8);
  args_sizes_get(sizes, sizes + 4);
  const count = load<u32>(sizes);
  const pointers = heap.alloc(count * 4);
  args_get(pointers, heap.alloc(load<u32>(sizes, 4)));
  const given: string[] = [];
  for (let at: u32 = 1; at < count; at++) given.push(text(load<u32>(pointers + at * 4)));
  return given;
}

/** One line on standard output, which is part of the result. */
export function print(line: string): void {
  const bytes = Uint8Array.wrap(String.UTF8.encode(line + "\n"));
  writeAll(1, bytes);
}

/** A file of the batch or of the unit: `readFile("/in/mesh")`. Ends the program when it is not there. */
export function readFile(path: string): Uint8Array {
  const fd = open(path, 0, RIGHT_READ);
  let bytes = new Uint8Array(65536);
  let length = 0;
  const vector = memory.data(12);
  for (;;) {
    if (length == bytes.length) {
      const larger = new Uint8Array(length * 2);
      memory.copy(larger.dataStart, bytes.dataStart, length);
      bytes = larger;
    }
    store<u32>(vector, <u32>bytes.dataStart + length);
    store<u32>(vector, bytes.length - length, 4);
    if (fd_read(fd, vector, 1, vector + 8) != 0) fail("cannot read " + path);
    const read = load<u32>(vector, 8);
    if (read == 0) break;
    length += read;
  }
  fd_close(fd);
  return bytes.subarray(0, length);
}

/** A file of the result: `writeFile("/out/tile.rgb", bytes)`. */
export function writeFile(path: string, bytes: Uint8Array): void {
  const fd = open(path, CREATE_AND_TRUNCATE, RIGHT_WRITE);
  writeAll(fd, bytes);
  fd_close(fd);
}

/** Ends the program with a sentence on standard error and exit code 1: the replica counts as failed. */
export function fail(reason: string): void {
  writeAll(2, Uint8Array.wrap(String.UTF8.encode(reason + "\n")));
  proc_exit(1);
  unreachable();
}

/** What AssemblyScript calls when an assertion fails or an index is out of bounds. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  const place = (file ? file : "") + ":" + line.toString() + ":" + column.toString();
  fail((message ? message : "aborted") + " at " + place);
}

const RIGHT_READ: u64 = 1 << 1;
const RIGHT_WRITE: u64 = 1 << 6;
const CREATE_AND_TRUNCATE: u32 = (1 << 0) | (1 << 3);

function text(pointer: usize): string {
  let end = pointer;
  while (load<u8>(end) != 0) end++;
  return String.UTF8.decodeUnsafe(pointer, end - pointer);
}

function writeAll(fd: u32, bytes: Uint8Array): void {
  const vector = memory.data(12);
  let from = 0;
  while (from < bytes.length) {
    store<u32>(vector, <u32>bytes.dataStart + from);
    store<u32>(vector, bytes.length - from, 4);
    if (fd_write(fd, vector, 1, vector + 8) != 0) proc_exit(1);
    from += load<u32>(vector, 8);
  }
}

/**
 * Directories are handed over from descriptor 3 on; the one whose name begins the path is asked for the rest.
 */
function open(path: string, create: u32, rights: u64): u32 {
  const stat = memory.data(8);
  for (let directory: u32 = 3; fd_prestat_get(directory, stat) == 0; directory++) {
    const length = load<u32>(stat, 4);
    const name = heap.alloc(length);
    fd_prestat_dir_name(directory, name, length);
    let prefix = String.UTF8.decodeUnsafe(name, length);
    if (!prefix.endsWith("/")) prefix += "/";
    if (!path.startsWith(prefix)) continue;
    const rest = String.UTF8.encode(path.substring(prefix.length));
    const fd = memory.data(4);
    const pointer = changetype<usize>(rest);
    const refused = path_open(directory, 0, pointer, rest.byteLength, create, rights, 0, 0, fd);
    if (refused == 0) return load<u32>(fd);
  }
  fail("no such file: " + path);
  return 0;
}
