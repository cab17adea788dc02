import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { temporaryFolder } from '../api-fixture.ts';
import { smallApp } from '../app-fixture.ts';
import { conun } from '../cli-fixture.ts';

t.test('building writes what would be published, with progress', async (t) => {
  const folder = await temporaryFolder(t.teardown);
  const app = await smallApp(folder);
  const told = await conun(['app', 'build', 'dice'], { folder });
  t.match(told, {
    code: 0,
    out: /^dice@1\.0\.0\ndice\/build\/plugin\.mjs +\d+ B +b/,
    err: /build 2\/2 done/,
  });
  const manifest = JSON.parse(await readFile(join(app, 'build/manifest.json'), 'utf8'));
  const program = await readFile(join(app, 'build/program.wasm'));
  t.equal(manifest.program.bytes, program.length);
  const again = await conun(['app', 'build', '--json'], { folder: app });
  t.same(JSON.parse(again.out).manifest, manifest, 'the same sources, the same addresses');
});

t.test('a source that does not compile is an error with its place', async (t) => {
  const folder = await temporaryFolder(t.teardown);
  const app = await smallApp(folder);
  await writeFile(join(app, 'plugin.ts'), 'export default {');
  t.match(await conun(['app', 'build', 'dice'], { folder }), {
    code: 1,
    err: /plugin\.ts:1[\s\S]*BUILD_FAILED/,
  });
});
