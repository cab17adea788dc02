import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import t from 'tap';
import { resultFolder } from '../../../src/grid/cli/result-folder.ts';
import { temporaryFolder } from '../api-fixture.ts';

const bytes = (text: string) => Readable.from([Buffer.from(text)]);

t.test('folders are made as they are needed', async (t) => {
  const root = join(await temporaryFolder(t.teardown), 'not/yet');
  const folder = await resultFolder(root, false);
  await folder.write('a/b/c', bytes('x'));
  await folder.write('a/b/d', bytes('y'));
  t.equal(await readFile(join(root, 'a/b/c'), 'utf8'), 'x');
});

t.test('no name leads out of the folder', async (t) => {
  const home = await temporaryFolder(t.teardown);
  const folder = await resultFolder(join(home, 'out'), true);
  const names = [
    '../evil',
    '/evil',
    'a/../../evil',
    'a//b',
    '',
    '.',
    '..',
    './a',
    'a\\b',
    'a\0b',
    'a/',
    'x'.repeat(256),
  ];
  for (const name of names) {
    await t.rejects(
      folder.write(name, bytes('x')),
      { code: 'GRID_RESULT_PATH_UNSAFE' },
      JSON.stringify(name),
    );
  }
  t.same(await readdir(home), ['out']);
  t.same(await readdir(join(home, 'out')), []);
});

t.test('a link is never followed, not as a file and not as a folder', async (t) => {
  const home = await temporaryFolder(t.teardown);
  await mkdir(join(home, 'out'));
  await mkdir(join(home, 'mine'));
  await symlink('../mine', join(home, 'out/folder'));
  await symlink('../mine/file', join(home, 'out/file'));
  for (const overwrite of [true, false]) {
    const folder = await resultFolder(join(home, 'out'), overwrite);
    await t.rejects(folder.write('folder/x', bytes('x')), { code: 'GRID_RESULT_PATH_UNSAFE' });
    await t.rejects(folder.write('file', bytes('x')), { code: /GRID_RESULT_(PATH_UNSAFE|FILE_EXISTS)/ });
  }
  t.same(await readdir(join(home, 'mine')), []);
});

t.test('a file in the place of a folder, and a folder in the place of a file, are refused', async (t) => {
  const folder = await resultFolder(await temporaryFolder(t.teardown), true);
  await folder.write('a', bytes('x'));
  await t.rejects(folder.write('a/b', bytes('x')), { code: 'GRID_RESULT_PATH_UNSAFE' });
  await folder.write('c/d', bytes('x'));
  await t.rejects(folder.write('c', bytes('x')), { code: 'GRID_RESULT_PATH_UNSAFE' });
});
