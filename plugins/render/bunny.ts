/**
 * Writes `bunny.obj`, the input of the example batch: the Stanford bunny, as the npm package `bunny` carries
 * it.
 *
 *     node plugins/render/bunny.ts
 */

import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Mesh, writeObj } from './mesh.ts';

export function bunnyObj(): string {
  return writeObj(createRequire(import.meta.url)('bunny') as Mesh);
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('bunny.obj', import.meta.url), bunnyObj());
}
