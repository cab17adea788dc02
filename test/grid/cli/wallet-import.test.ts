import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import t from 'tap';
import { conun } from '../cli-fixture.ts';
import { FIRST, FIRST_KEY, PASSPHRASE, SECOND, WORDS, walletHome } from '../wallet-fixture.ts';

t.test('words, a key and a keystore are told apart by their form', async (t) => {
  const { home, passphraseFile, add } = await walletHome(t.teardown);
  const keystore = await readFile((await add('kept', 0)).file, 'utf8');
  const base = ['wallet', 'import', '--home', home, '--passphrase-file', passphraseFile, '--from', '-'];
  const cases: [name: string, secret: string, account: string, ...more: string[]][] = [
    ['words', `${WORDS}\n`, FIRST],
    ['second', WORDS, SECOND, '--index', '1'],
    ['key', `0x${FIRST_KEY}\n`, FIRST],
    ['keystore', keystore, FIRST],
  ];
  for (const [name, secret, account, ...more] of cases) {
    const told = await conun([...base, name, ...more], { stdin: Readable.from([secret]) });
    t.match(told, { code: 0, out: `${account}  ${name}\n`, err: '' });
  }
  const { version, Crypto } = JSON.parse(await readFile(join(home, 'accounts', 'keystore.json'), 'utf8'));
  t.same([version, Crypto.kdfparams.n >= 2 ** 17], [3, true], 'a cheap keystore is sealed anew');
});

t.test('a secret comes from the keyboard or a closed file', async (t) => {
  const { home, passphraseFile } = await walletHome(t.teardown);
  const base = ['wallet', 'import', '--home', home, '--passphrase-file', passphraseFile];
  const told = await conun([...base, 'typed'], { typed: [FIRST_KEY] });
  t.match(told, { code: 0, out: `${FIRST}  typed\n`, err: 'Words, or private key: \n' });
  const file = join(home, 'secret');
  await writeFile(file, WORDS, { mode: 0o600 });
  t.match(await conun([...base, 'filed', '--from', 'secret'], { folder: home }), { code: 0 });
  await chmod(file, 0o640);
  t.match(await conun([...base, 'open', '--from', file]), { code: 1, err: /CONNECTIVITY_KEY_MODE/ });
  t.match(await conun([...base, 'nothing']), { code: 2, err: /--from/ }, 'nobody to ask');
});

t.test('what is no secret of an account is refused without being repeated', async (t) => {
  const { home, passphraseFile } = await walletHome(t.teardown);
  const base = ['wallet', 'import', '--home', home, '--passphrase-file', passphraseFile, '--from', '-'];
  const wrongs = [
    WORDS.replace('junk', 'secretive'),
    FIRST_KEY.slice(1),
    `${FIRST_KEY}0`,
    '{"secretive":1}',
    '',
  ];
  for (const wrong of wrongs) {
    const told = await conun(base, { stdin: Readable.from([wrong]), env: { CONUN_DEBUG: '1' } });
    t.match(told, { code: 1, out: '', err: /_(ACCOUNT|KEYSTORE)_INVALID/ });
    t.notMatch(told.err, /secretive|ac0974bec|c0974bec/);
  }
});

t.test('a keystore is opened by its own passphrase', async (t) => {
  const { home, add } = await walletHome(t.teardown);
  const { file } = await add('kept', 0);
  const words = ['wallet', 'import', 'again', '--home', home, '--from', file];
  t.match(await conun(words, { typed: ['another one'] }), { code: 1, err: /PASSPHRASE_WRONG/ });
  const told = await conun(words, { typed: [PASSPHRASE] });
  t.match(told, { code: 0, err: 'Passphrase of the keystore: \n' });
});
