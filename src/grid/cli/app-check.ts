/**
 * `conun app check`: builds an app and runs its first units twice: whoever computes them must get the same.
 */

import { join, resolve } from 'node:path';
import { checkApp } from '../../application/index.ts';
import { duration } from './figures.ts';
import type { Run } from './invocation.ts';
import { localBatch } from './local-batch.ts';
import { table } from './table.ts';

export const run: Run = async (call) => {
  const folder = resolve(call.io.folder, call.arguments[0] ?? '.');
  const file = resolve(call.io.folder, call.text('batch') ?? join(folder, 'batch.yaml'));
  const units = await checkApp(await localBatch(call, folder, file));
  await call.answer(units, () => {
    const shown = table(units, [
      { title: 'UNIT', cell: (unit) => unit.label },
      { title: 'CPU', cell: (unit) => duration(unit.cpuMs), right: true },
      { title: 'DIGEST', cell: (unit) => unit.digest.slice(0, 16) },
    ]);
    return `${shown}\n\nmanifest, plugin and program are in order; two runs of each unit gave the same.`;
  });
  return undefined;
};
