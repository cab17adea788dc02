/**
 * Files of a result written below one folder, and nowhere else. Their names come from an author's program, so
 * they are hostile: no way up, no absolute path, no link followed.
 */

import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { gridErrors } from '../errors.ts';

export interface ResultFolder {
  readonly path: string;
  write(path: string, content: Readable): Promise<void>;
  /** The caller closes it. */
  open(path: string): Promise<FileHandle>;
}

/** Makes the folder. What is there already is overwritten only when `overwrite` is set. */
export async function resultFolder(root: string, overwrite: boolean): Promise<ResultFolder> {
  await mkdir(root, { recursive: true });
  const openSafely = async (path: string) => {
    const parts = safeParts(path);
    await makeFolders(root, parts.slice(0, -1), path);
    return openNew(join(root, ...parts), path, overwrite);
  };
  return {
    path: root,
    open: openSafely,
    async write(path, content) {
      const file = await openSafely(path);
      await pipeline(content, file.createWriteStream());
    },
  };
}

function safeParts(path: string): readonly string[] {
  const parts = path.split('/');
  const isBad = (part: string) => part === '' || part === '.' || part === '..' || /[\0\\]/.test(part);
  if (path.length > 255 || parts.some(isBad)) throw gridErrors.GRID_RESULT_PATH_UNSAFE({ path });
  return parts;
}

async function makeFolders(root: string, parts: readonly string[], path: string): Promise<void> {
  let folder = root;
  for (const part of parts) {
    folder = join(folder, part);
    await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    if (!(await lstat(folder)).isDirectory()) throw gridErrors.GRID_RESULT_PATH_UNSAFE({ path });
  }
}

async function openNew(file: string, path: string, overwrite: boolean): Promise<FileHandle> {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_EXCL, O_NOFOLLOW } = constants;
  const flags = O_WRONLY | O_CREAT | O_NOFOLLOW | (overwrite ? O_TRUNC : O_EXCL);
  return open(file, flags, 0o644).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw gridErrors.GRID_RESULT_FILE_EXISTS({ file }, error);
    if (error.code === 'ELOOP' || error.code === 'EISDIR') {
      throw gridErrors.GRID_RESULT_PATH_UNSAFE({ path }, error);
    }
    throw error;
  });
}
