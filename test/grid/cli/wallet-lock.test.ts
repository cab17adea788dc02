import t from 'tap';
import { conun } from '../cli-fixture.ts';
import { walletHome } from '../wallet-fixture.ts';

t.test('locking what is locked is no mistake', async (t) => {
  const { home } = await walletHome(t.teardown);
  t.match(await conun(['wallet', 'lock', '--home', home]), { code: 0, out: 'Nothing was unlocked.\n' });
});
