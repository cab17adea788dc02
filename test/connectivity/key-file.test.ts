import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { createSecretFile, readSecretFile } from '../../src/connectivity/index.ts';

t.test('a secret is written whole, with mode 600, in folders of its own', async (t) => {
  const path = join(t.testdir(), 'new', 'folder', 'secret');
  await createSecretFile(path, 'words', 'a');
  t.equal((await stat(path)).mode & 0o777, 0o600);
  t.equal((await stat(join(path, '..'))).mode & 0o777, 0o700);
  t.equal((await readSecretFile(path, 100)).toString(), 'words');
  t.equal((await readSecretFile(path, 3)).toString(), 'wor', 'never more than was asked for');
  t.same(await readdir(join(path, '..')), ['secret'], 'no draft is left behind');
});

t.test('what is there is never overwritten, not even by two at the same time', async (t) => {
  const path = join(t.testdir(), 'secret');
  const writers = Array.from({ length: 8 }, (_, index) =>
    createSecretFile(path, `from ${index}`, `${index}`),
  );
  const results = await Promise.allSettled(writers);
  const refused = results.filter((result) => result.status === 'rejected');
  t.equal(refused.length, 7);
  for (const { reason } of refused) t.match(reason, { code: 'CONNECTIVITY_KEY_EXISTS' });
  t.match(await readFile(path, 'utf8'), /^from \d$/);
});

t.test('anything but a plain file that only its owner can use is refused', async (t) => {
  const folder = t.testdir({ open: 'x', 'for-all': {} });
  await chmod(join(folder, 'open'), 0o604);
  await t.rejects(readSecretFile(join(folder, 'open'), 10), { code: 'CONNECTIVITY_KEY_MODE' });
  await symlink('open', join(folder, 'link'));
  await t.rejects(readSecretFile(join(folder, 'link'), 10), { code: 'CONNECTIVITY_KEY_OWNER' });
  execFileSync('mkfifo', ['-m', '600', join(folder, 'pipe')]);
  await t.rejects(readSecretFile(join(folder, 'pipe'), 10), { code: 'CONNECTIVITY_KEY_OWNER' });
  await t.rejects(readSecretFile(join(folder, 'none'), 10), { code: 'CONNECTIVITY_KEY_MISSING' });
});

t.test('a place where nothing can be written is a fault, not a crash', async (t) => {
  const folder = t.testdir();
  await writeFile(join(folder, 'file'), '');
  await mkdir(join(folder, 'taken'));
  await t.rejects(createSecretFile(join(folder, 'file', 'secret'), 'x', 'a'), {
    code: 'CONNECTIVITY_KEY_UNREADABLE',
  });
  await t.rejects(createSecretFile(join(folder, 'taken'), 'x', 'a'), { code: 'CONNECTIVITY_KEY_EXISTS' });
});
