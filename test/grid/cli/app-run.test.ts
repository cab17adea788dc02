import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { temporaryFolder } from '../api-fixture.ts';
import { smallApp } from '../app-fixture.ts';
import { conun } from '../cli-fixture.ts';

t.test('a whole batch runs here and leaves its files', async (t) => {
  const folder = await temporaryFolder(t.teardown);
  await smallApp(folder);
  const run = (...more: string[]) =>
    conun(['app', 'run', 'dice/batch.yaml', '--home', folder, ...more], { folder });
  const told = await run();
  t.match(told, { code: 0, out: /^4 units, .* of processor time\nout\// });
  t.ok((await readdir(join(folder, 'out'))).length > 0);
  t.match(await run(), { code: 1, err: /GRID_RESULT_FILE_EXISTS/ });
  const again = JSON.parse((await run('--force', '--json')).out);
  t.equal(again.digests.length, 4);
  t.equal(again.units, 4);
});
