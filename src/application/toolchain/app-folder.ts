/**
 * An author's folder, as it is written: `manifest.yaml`, `plugin.ts`, and the program's source or its WASM.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { applicationErrors } from '../errors.ts';
import { manifestMembers } from '../manifest.ts';
import { duration, size } from '../quantity.ts';
import { readYaml } from '../yaml-text.ts';

const schema = z.strictObject({
  ...manifestMembers,
  /** A program that was built by other means; without it `assembly/index.ts` is compiled. */
  program: z
    .string({ error: 'write the path of a .wasm file in this folder' })
    .regex(/^(?!.*\.\.)[A-Za-z0-9_./-]{1,200}\.wasm$/, 'write the path of a .wasm file in this folder')
    .optional(),
  limits: limits(),
});

/** Of one execution; a batch file may give others. */
function limits() {
  return z
    .strictObject({
      memory: size('64KiB', '4GiB'),
      time: duration('100ms', '7d'),
      output: size('0B', '1GiB'),
      log: size('0B', '1MiB'),
    })
    .transform(({ memory, time, output, log }) => ({
      memoryBytesMax: memory,
      runMsMax: time,
      outputBytesMax: output,
      logBytesMax: log,
    }));
}

export type AppFolder = z.output<typeof schema>;

/** Throws `APPLICATION_FOLDER_INVALID` without a manifest, and what `readYaml` throws. */
export async function readAppFolder(folder: string): Promise<AppFolder> {
  const text = await readFile(join(folder, 'manifest.yaml'), 'utf8').catch((error: unknown) => {
    throw applicationErrors.APPLICATION_FOLDER_INVALID({ folder, problem: 'it has no manifest.yaml' }, error);
  });
  return readYaml(join(folder, 'manifest.yaml'), text, schema);
}
