/**
 * `conun app build`: compiles and bundles into `build/`, exactly as `publish` does, so that one can look at
 * it.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { buildApp } from '../../application/index.ts';
import { memoryContentStore } from '../../fabric/index.ts';
import { toJson } from '../api/codec.ts';
import { size } from './figures.ts';
import type { Run } from './invocation.ts';
import { progressTo } from './progress.ts';

/** The plugin, then the program. */
const PARTS = 2;

export const run: Run = async (call) => {
  const folder = resolve(call.io.folder, call.arguments[0] ?? '.');
  const progress = call.json ? undefined : progressTo(call.io);
  // Only for the addresses: nothing outlives the command.
  const content = memoryContentStore();
  let built = 0;
  progress?.show('build', built, PARTS, 'plugin');
  const app = await buildApp(folder, (bytes) => {
    built += 1;
    progress?.show('build', built, PARTS, built < PARTS ? 'program' : 'done');
    return content.put(bytes);
  }).finally(() => progress?.end());
  const out = join(folder, 'build');
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'plugin.mjs'), app.pluginBytes);
  await writeFile(join(out, 'program.wasm'), app.programBytes);
  await writeFile(join(out, 'manifest.json'), `${toJson(app.manifest)}\n`);
  await call.answer({ folder: out, manifest: app.manifest }, () => {
    const { name, version, plugin, program } = app.manifest;
    const shown = relative(call.io.folder, out);
    return [
      `${name}@${version}`,
      `${shown}/plugin.mjs    ${size(app.pluginBytes.length)}  ${plugin}`,
      `${shown}/program.wasm  ${size(app.programBytes.length)}  ${program.cid}`,
    ].join('\n');
  });
  return undefined;
};
