import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '../../../src/actors/index.ts';
import { parseBatchFile } from '../../../src/application/batch-file.ts';
import { buildApp } from '../../../src/application/toolchain/build.ts';
import { checkApp, runLocally } from '../../../src/application/toolchain/run-locally.ts';
import { scaffoldApp } from '../../../src/application/toolchain/scaffold.ts';
import { memoryContentStore } from '../../../src/fabric/index.ts';
import { inProcessSandbox } from '../in-process-sandbox.ts';

t.test('a new app builds, checks and runs as it is', async (t) => {
  const folder = join(t.testdir(), 'my-first');
  const files = await scaffoldApp(folder);
  t.ok(files.includes(join(folder, 'plugin.ts')));
  const content = memoryContentStore();
  const app = await buildApp(folder, (bytes) => content.put(bytes));
  t.match(app.manifest, { name: 'my-first', version: '1.0.0' });
  const given = parseBatchFile(await readFile(join(folder, 'batch.yaml'), 'utf8'));
  t.equal(given.app, 'my-first@1.0.0');
  const file = { ...given, parameters: { units: 3, throws: 1_000 } };
  const batch = { app, content, file, inputs: {}, sandbox: inProcessSandbox, clock: systemClock() };
  t.equal((await checkApp(batch)).length, 3);
  t.match((await runLocally(batch)).files, [{ path: 'pi.txt' }]);
});

t.test('nothing is written over, and a name is one', async (t) => {
  await t.rejects(scaffoldApp(t.testdir()), { code: 'APPLICATION_FOLDER_INVALID' });
  await t.rejects(scaffoldApp(join(t.testdir(), 'My App')), { code: 'APPLICATION_FOLDER_INVALID' });
});
