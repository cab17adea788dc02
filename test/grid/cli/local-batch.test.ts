import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { temporaryFolder } from '../api-fixture.ts';
import { smallApp } from '../app-fixture.ts';
import { conun } from '../cli-fixture.ts';

t.test('a batch file that is not valid is refused with line and column', async (t) => {
  const folder = await temporaryFolder(t.teardown);
  const app = await smallApp(folder);
  await writeFile(join(app, 'batch.yaml'), 'app: dice@1.0.0\nname: dice\nparametres: {}\n');
  const told = await conun(['app', 'run', 'dice/batch.yaml', '--home', folder], { folder });
  t.match(told, { code: 1, err: /batch\.yaml, line 3[\s\S]*APPLICATION_FILE_INVALID/ });
});

t.test('an input that the app does not take is refused', async (t) => {
  const folder = await temporaryFolder(t.teardown);
  const app = await smallApp(folder);
  await writeFile(join(app, 'batch.yaml'), 'app: dice@1.0.0\nname: dice\ninputs: { mesh: batch.yaml }\n');
  const told = await conun(['app', 'run', 'dice/batch.yaml', '--home', folder], { folder });
  t.match(told, { code: 1, err: /APPLICATION_INPUT_UNKNOWN/ });
});
