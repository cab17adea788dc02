/** A small app in a folder of its own, as `conun app new` makes it, with a batch of few and quick units. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { conun } from './cli-fixture.ts';

export async function smallApp(folder: string): Promise<string> {
  await conun(['app', 'new', 'dice'], { folder });
  const app = join(folder, 'dice');
  const batch = 'app: dice@1.0.0\nname: dice\nparameters: { units: 4, throws: 1000 }\n';
  await writeFile(join(app, 'batch.yaml'), batch);
  return app;
}
