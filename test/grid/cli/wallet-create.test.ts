import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { openKeystore } from '../../../src/connectivity/index.ts';
import { conun } from '../cli-fixture.ts';
import { PASSPHRASE, SECOND, walletHome } from '../wallet-fixture.ts';

t.test('an account is made, encrypted by a passphrase that is typed twice', async (t) => {
  const { home } = await walletHome(t.teardown);
  const words = ['wallet', 'create', '--home', home, '--words', '24', '--json'];
  const told = await conun(words, { typed: [PASSPHRASE, PASSPHRASE] });
  t.match(told, { code: 0, err: 'New passphrase for main: \nOnce more: \n' });
  const { name, account, file } = JSON.parse(told.out);
  t.same([name, file], ['main', join(home, 'accounts', 'main.json')]);
  t.equal((await stat(file)).mode & 0o777, 0o600);
  const { privateKey, origin } = (await openKeystore(await readFile(file, 'utf8'), PASSPHRASE)).reveal();
  t.equal(origin?.words.split(' ').length, 24);
  t.match(account, /^0x/);
  for (const secret of [PASSPHRASE, privateKey.slice(2), origin!.words]) {
    t.notMatch(told.out + told.err, secret);
  }
  t.match(await conun(words, { typed: [PASSPHRASE, PASSPHRASE] }), { code: 1, err: /KEY_EXISTS/ });
});

t.test('the next account comes from the same words, under the same passphrase', async (t) => {
  const { home, passphraseFile, add } = await walletHome(t.teardown);
  await add('main', 0);
  const words = ['wallet', 'create', 'second', '--home', home, '--from', 'main'];
  const told = await conun([...words, '--passphrase-file', passphraseFile]);
  t.match(told, { code: 0, out: new RegExp(`^${SECOND}  second\n→ conun wallet export second --words`) });
});

t.test('what cannot be made is refused before a passphrase is asked for', async (t) => {
  const { home } = await walletHome(t.teardown);
  for (const wrong of [['Main'], ['--words', '13'], ['--index', '-1'], ['--index', '2147483648']]) {
    const told = await conun(['wallet', 'create', '--home', home, ...wrong], { typed: [] });
    t.match(told, { code: 2, err: /^conun: .*\[GRID_ARGUMENT_INVALID\]/ }, wrong.join(' '));
  }
  t.match(await conun(['wallet', 'create', '--home', home, '--from', 'nobody']), { code: 1, err: /UNKNOWN/ });
});
