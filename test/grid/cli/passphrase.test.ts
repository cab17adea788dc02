import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { conun } from '../cli-fixture.ts';
import { FIRST, PASSPHRASE, walletHome } from '../wallet-fixture.ts';

t.test('a passphrase comes from a file that nobody else can read', async (t) => {
  const { home, passphraseFile, add } = await walletHome(t.teardown);
  await add('main', 0);
  const words = ['wallet', 'delegate', '--home', home, '--passphrase-file', passphraseFile];
  t.match(await conun(words), { code: 0, out: new RegExp(FIRST) });
  t.match(await conun(words.with(-1, 'passphrase'), { folder: home }), { code: 0 }, 'from the folder on');
  await chmod(passphraseFile, 0o644);
  t.match(await conun(words), { code: 1, err: /CONNECTIVITY_KEY_MODE[\s\S]*→/ });
  await writeFile(passphraseFile, 'another', { mode: 0o600 });
  await chmod(passphraseFile, 0o600);
  t.match(await conun(words), { code: 1, err: /CONNECTIVITY_PASSPHRASE_WRONG/ });
});

t.test('or from the keyboard, and from nowhere else', async (t) => {
  const { home, add } = await walletHome(t.teardown);
  await add('main', 0);
  const words = ['wallet', 'delegate', '--home', home];
  const typed = await conun(words, { typed: [PASSPHRASE] });
  t.match(typed, { code: 0, err: 'Passphrase of main: \n' });
  t.match(await conun(words), { code: 1, err: /GRID_PASSPHRASE_MISSING/ });
  t.match(await conun(words, { typed: [] }), { code: 130, err: /GRID_QUESTION_LEFT/ });
});

t.test('a new one is typed twice the same, and is long enough', async (t) => {
  const { home } = await walletHome(t.teardown);
  const words = ['wallet', 'create', '--home', home];
  for (const typed of [
    ['long enough', 'long Enough'],
    ['short', 'short'],
  ]) {
    const told = await conun(words, { typed });
    t.match(told, { code: 1, err: /GRID_PASSPHRASE_UNFIT/ });
    for (const secret of typed) t.notMatch(told.err, secret);
  }
  await writeFile(join(home, 'passphrase'), 'short\n', { mode: 0o600 });
  const filed = await conun([...words, '--passphrase-file', join(home, 'passphrase')]);
  t.match(filed, { code: 1, err: /GRID_PASSPHRASE_UNFIT/ });
});
