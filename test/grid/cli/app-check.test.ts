import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { temporaryFolder } from '../api-fixture.ts';
import { smallApp } from '../app-fixture.ts';
import { conun } from '../cli-fixture.ts';

t.test('the first units of an app are run twice and compared', async (t) => {
  const folder = await temporaryFolder(t.teardown);
  await smallApp(folder);
  const told = await conun(['app', 'check', 'dice', '--home', folder], { folder });
  t.match(told, { code: 0, out: /UNIT +CPU +DIGEST\n(.*\n){3}\n.*are in order/ });
});

t.test('a batch that the app does not understand is refused by its own words', async (t) => {
  const folder = await temporaryFolder(t.teardown);
  const app = await smallApp(folder);
  await writeFile(join(app, 'wrong.yaml'), 'app: dice@1.0.0\nname: dice\nparameters: { units: -1 }\n');
  const told = await conun(['app', 'check', 'dice', '--batch', 'dice/wrong.yaml', '--home', folder], {
    folder,
  });
  t.match(told, { code: 1, err: /units[\s\S]*APPLICATION_PLUGIN_FAILED/ });
});
