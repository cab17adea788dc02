import t from 'tap';
import { conun } from '../cli-fixture.ts';
import { FIRST, PASSPHRASE, SECOND, walletHome } from '../wallet-fixture.ts';

t.test('which account is meant: the named one, the configured one, the only one', async (t) => {
  const { home, add } = await walletHome(t.teardown);
  await add('main', 0);
  const delegate = ['wallet', 'delegate', '--home', home];
  const typed = [PASSPHRASE];
  t.match((await conun(delegate, { typed })).out, FIRST);
  await add('second', 1);
  t.match(await conun(delegate, { typed }), { code: 1, err: /GRID_ACCOUNT_UNCLEAR/ });
  t.match((await conun([...delegate, 'second'], { typed })).out, SECOND);
  t.match((await conun([...delegate, FIRST], { typed })).out, FIRST);
  t.match((await conun([...delegate, '--set', 'chain.account=second'], { typed })).out, SECOND);
});
