/** From an author's folder to what is published: a manifest, a plugin and a program, all by address. */

import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Cid } from '../../fabric/index.ts';
import { applicationErrors } from '../errors.ts';
import type { Manifest } from '../task-api.ts';
import { readAppFolder } from './app-folder.ts';
import { bundlePlugin } from './plugin-bundler.ts';
import { checkProgram, compileProgram } from './program-compiler.ts';

export interface BuiltApp {
  readonly manifest: Manifest;
  readonly pluginBytes: Uint8Array;
  readonly programBytes: Uint8Array;
}

/**
 * `address` says where bytes will be found, mostly by storing them. The same folder gives the same manifest.
 * Throws `APPLICATION_FOLDER_INVALID`, `APPLICATION_FILE_INVALID` or `APPLICATION_BUILD_FAILED`.
 */
export async function buildApp(
  folder: string,
  address: (bytes: Uint8Array) => Promise<Cid>,
): Promise<BuiltApp> {
  const { program, ...source } = await readAppFolder(folder);
  const pluginBytes = await bundlePlugin(resolve(folder));
  const programBytes =
    program === undefined ? await compileProgram(folder) : await readProgram(folder, program);
  const manifest: Manifest = {
    ...source,
    plugin: await address(pluginBytes),
    program: { sandbox: 'wasm', cid: await address(programBytes), bytes: programBytes.length },
  };
  return { manifest, pluginBytes, programBytes };
}

async function readProgram(folder: string, path: string): Promise<Uint8Array> {
  const bytes = await readFile(join(folder, path)).catch((error: unknown) => {
    throw applicationErrors.APPLICATION_FOLDER_INVALID({ folder, problem: `it has no file ${path}` }, error);
  });
  await checkProgram(bytes);
  return bytes;
}
