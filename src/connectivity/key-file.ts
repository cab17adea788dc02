/**
 * Files that hold a secret: node keys, hot keys, keystores, passphrases.
 *
 * Such a file is a plain file of this user that nobody else can read, checked on the open file, so that it
 * cannot be exchanged between check and use. It is created whole or not at all, with mode 600, and never
 * overwritten.
 */

import { constants } from 'node:fs';
import { type FileHandle, link, mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { toFault } from '../actors/index.ts';
import { connectivityErrors } from './errors.ts';

const MODE = 0o600;
const MODE_OTHERS = 0o077;

/**
 * Makes the file, and the folders above it where they are missing. `unique` is put into the name of the
 * draft: two that write to the same path at the same time must not give the same.
 * Rejects with `CONNECTIVITY_KEY_EXISTS` when there is a file, or with `_KEY_UNREADABLE`.
 */
export async function createSecretFile(
  path: string,
  content: string | Uint8Array,
  unique: string,
): Promise<void> {
  // A leftover of a crash is harmless and never taken for the file.
  const draft = `${path}.${unique}.new`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeDraft(draft, content);
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
  try {
    // A link fails where a rename would overwrite.
    await link(draft, path);
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') throw connectivityErrors.CONNECTIVITY_KEY_EXISTS({ path }, thrown);
    throw unreadable(path, thrown);
  } finally {
    await unlink(draft);
  }
}

/**
 * Its first `bytesMax` bytes. Rejects with `CONNECTIVITY_KEY_MISSING`, `_KEY_MODE`, `_KEY_OWNER` or
 * `_KEY_UNREADABLE`, each with what to do.
 */
export async function readSecretFile(path: string, bytesMax: number): Promise<Buffer> {
  const file = await openSecret(path);
  try {
    await checkFile(path, file);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytesMax), 0, bytesMax, 0);
    return buffer.subarray(0, bytesRead);
  } catch (thrown) {
    throw unreadable(path, thrown);
  } finally {
    await file.close();
  }
}

/** The key at a path, made on first use when `create` says so. Rejects as `load` and `make` do. */
export async function loadOrCreate<Key>(
  { path, create }: { readonly path: string; readonly create: boolean },
  load: (path: string) => Promise<Key>,
  make: (path: string) => Promise<Key>,
): Promise<Key> {
  try {
    return await load(path);
  } catch (thrown) {
    if (!create || codeOf(thrown) !== 'CONNECTIVITY_KEY_MISSING') throw thrown;
  }
  try {
    return await make(path);
  } catch (thrown) {
    // Another process was first: its key is as good.
    if (codeOf(thrown) === 'CONNECTIVITY_KEY_EXISTS') return load(path);
    throw thrown;
  }
}

async function writeDraft(draft: string, content: string | Uint8Array): Promise<void> {
  const file = await open(draft, 'wx', MODE);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function openSecret(path: string): Promise<FileHandle> {
  try {
    // Non-blocking, so that a named pipe put in its place does not hang the daemon.
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === 'ENOENT') throw connectivityErrors.CONNECTIVITY_KEY_MISSING({ path }, thrown);
    if (code === 'ELOOP') {
      throw connectivityErrors.CONNECTIVITY_KEY_OWNER({ path, found: 'a symbolic link' }, thrown);
    }
    throw unreadable(path, thrown);
  }
}

async function checkFile(path: string, file: FileHandle): Promise<void> {
  const stat = await file.stat();
  const { uid, mode } = stat;
  if (!stat.isFile()) {
    throw connectivityErrors.CONNECTIVITY_KEY_OWNER({ path, found: 'no file' });
  }
  if (uid !== process.getuid?.()) {
    throw connectivityErrors.CONNECTIVITY_KEY_OWNER({ path, found: `owned by user ${uid}` });
  }
  if ((mode & MODE_OTHERS) !== 0) {
    const digits = (mode & 0o777).toString(8).padStart(3, '0');
    throw connectivityErrors.CONNECTIVITY_KEY_MODE({ path, mode: digits });
  }
}

function unreadable(path: string, thrown: unknown) {
  return toFault(thrown, (details, cause) =>
    connectivityErrors.CONNECTIVITY_KEY_UNREADABLE({ ...details, path }, cause),
  );
}

function codeOf(thrown: unknown): unknown {
  return (thrown as { readonly code?: unknown } | null)?.code;
}
