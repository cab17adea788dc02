import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { conun } from '../cli-fixture.ts';
import { FIRST_KEY, PASSPHRASE, WORDS, walletHome } from '../wallet-fixture.ts';

t.test('the keystore is written as it is, to a new file that nobody else can read', async (t) => {
  const { home, add } = await walletHome(t.teardown);
  const { file } = await add('main', 0);
  const words = ['wallet', 'export', '--home', home];
  t.match(await conun(words, { folder: home }), { code: 0, out: `${join(home, 'main.json')}\n` });
  t.equal(await readFile(join(home, 'main.json'), 'utf8'), await readFile(file, 'utf8'));
  t.equal((await stat(join(home, 'main.json'))).mode & 0o777, 0o600);
  t.match(await conun(words, { folder: home }), { code: 1, err: /KEY_EXISTS/ });
});

t.test('what is in it is written only for who types the name, and never to the screen', async (t) => {
  const { home, add } = await walletHome(t.teardown);
  await add('main', 0);
  const cases: [option: string, secret: string][] = [
    ['--private-key', `0x${FIRST_KEY}`],
    ['--words', WORDS],
  ];
  for (const [option, secret] of cases) {
    const words = ['wallet', 'export', '--home', home, option];
    const out = ['--out', join(home, `out${option}`)];
    t.match(await conun(words), { code: 2, err: /--out/ });
    t.match(await conun([...words, ...out]), { code: 1, err: /GRID_CONFIRMATION_MISSING/ });
    t.match(await conun([...words, ...out], { typed: ['yes'] }), { code: 1, err: /CONFIRMATION/ });
    t.match(await conun([...words, ...out], { typed: ['main', 'wrong one'] }), { code: 1, err: /WRONG/ });
    const told = await conun([...words, ...out], { typed: ['main', PASSPHRASE] });
    t.match(told, { code: 0, out: /Whoever reads it owns the account/ });
    t.notMatch(told.out + told.err, /ac0974bec|junk|horse/);
    t.equal(await readFile(out[1]!, 'utf8'), `${secret}\n`);
    t.equal((await stat(out[1]!)).mode & 0o777, 0o600);
  }
});
