/** A new app: the smallest complete one, under another name. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { applicationErrors } from '../errors.ts';

const TEMPLATE = fileURLToPath(new URL('../../../plugins/montecarlo-pi/', import.meta.url));
const TEMPLATE_NAME = 'montecarlo-pi';
const FILES = ['manifest.yaml', 'plugin.ts', 'assembly/index.ts', 'batch.yaml', 'README.md'];

/**
 * Makes `folder`, which must not exist yet; its last part is the app's name. Resolves to the files written.
 */
export async function scaffoldApp(folder: string): Promise<readonly string[]> {
  const name = basename(resolve(folder));
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(name)) {
    const problem = 'an app is named with lower-case letters, digits and hyphens, at most 40';
    throw applicationErrors.APPLICATION_FOLDER_INVALID({ folder, problem });
  }
  const made = await mkdir(folder, { recursive: true });
  if (made === undefined)
    throw applicationErrors.APPLICATION_FOLDER_INVALID({ folder, problem: 'it exists already' });
  return Promise.all(
    FILES.map(async (file) => {
      const text = await readFile(join(TEMPLATE, file), 'utf8');
      const path = join(folder, file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text.replaceAll(TEMPLATE_NAME, name), { flag: 'wx' });
      return path;
    }),
  );
}
