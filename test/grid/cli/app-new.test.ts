import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { temporaryFolder } from '../api-fixture.ts';
import { conun } from '../cli-fixture.ts';

t.test('a new app is complete, and what to do next is told', async (t) => {
  const folder = await temporaryFolder(t.teardown);
  const told = await conun(['app', 'new', 'dice'], { folder });
  t.match(told, {
    code: 0,
    out: /dice\/manifest\.yaml[\s\S]*→ conun app check dice\n→ conun app run dice\/batch\.yaml/,
  });
  t.match(await readFile(join(folder, 'dice/manifest.yaml'), 'utf8'), /name: dice/);
});

t.test('what is there is never overwritten', async (t) => {
  const folder = await temporaryFolder(t.teardown);
  await conun(['app', 'new', 'dice'], { folder });
  t.match(await conun(['app', 'new', 'dice'], { folder }), { code: 1, err: /APPLICATION_FOLDER_INVALID/ });
});
