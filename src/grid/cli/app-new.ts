/** `conun app new`: the smallest complete app, under a name of one's own. */

import { relative, resolve } from 'node:path';
import { scaffoldApp } from '../../application/index.ts';
import type { Run } from './invocation.ts';

export const run: Run = async (call) => {
  const folder = resolve(call.io.folder, call.arguments[0]!);
  const files = await scaffoldApp(folder);
  await call.answer({ folder, files }, () => {
    const shown = relative(call.io.folder, folder);
    const written = files.map((file) => `  ${relative(call.io.folder, file)}`);
    return [...written, `→ conun app check ${shown}`, `→ conun app run ${shown}/batch.yaml`].join('\n');
  });
  return undefined;
};
