/** `conun app run`: a whole batch on this machine, without a grid. What a grid computes must equal it. */

import { readdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { runLocally } from '../../application/index.ts';
import { gridErrors } from '../errors.ts';
import { duration, many } from './figures.ts';
import type { Run } from './invocation.ts';
import { localBatch } from './local-batch.ts';
import { progressTo } from './progress.ts';
import { resultFolder } from './result-folder.ts';

export const run: Run = async (call) => {
  const file = resolve(call.io.folder, call.arguments[0]!);
  const app = resolve(call.io.folder, call.text('app') ?? dirname(file));
  const out = resolve(call.io.folder, call.text('out')!);
  const overwrite = call.options['force'] === true;
  // Told now, and not after an hour of computing; the names of the files are known only then.
  if (!overwrite && (await holdsFiles(out))) throw gridErrors.GRID_RESULT_FILE_EXISTS({ file: out });
  const batch = await localBatch(call, app, file);
  const progress = call.json ? undefined : progressTo(call.io);
  let units = 0;
  const onUnit = (_unit: number, label: string): void => {
    units += 1;
    progress?.show(batch.file.name, units, undefined, label);
  };
  const result = await runLocally({ ...batch, onUnit }).finally(() => progress?.end());
  const folder = await resultFolder(out, overwrite);
  for (const { path, bytes } of result.files) await folder.write(path, Readable.from([bytes]));
  const files = result.files.map(({ path }) => path);
  const summary = { folder: out, files, units, digests: result.digests, cpuMs: result.cpuMs };
  await call.answer(summary, () => {
    const told = `${many(units, 'unit')}, ${duration(result.cpuMs)} of processor time`;
    return [told, ...files.map((path) => `${call.text('out')}/${path}`)].join('\n');
  });
  return undefined;
};

async function holdsFiles(folder: string): Promise<boolean> {
  return readdir(folder).then(
    (names) => names.length > 0,
    () => false,
  );
}
