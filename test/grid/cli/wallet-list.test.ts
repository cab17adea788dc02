import t from 'tap';
import { conun } from '../cli-fixture.ts';
import { FIRST, SECOND, walletHome } from '../wallet-fixture.ts';

t.test('the accounts are listed with their addresses', async (t) => {
  const { home, add } = await walletHome(t.teardown);
  const list = ['wallet', 'list', '--home', home];
  t.match(await conun(list), { code: 0, out: 'No accounts. → conun wallet create\n' });
  await add('main', 0);
  await add('second', 1);
  t.equal((await conun(list)).out, `NAME    ADDRESS\nmain    ${FIRST}\nsecond  ${SECOND}\n`);
  const rows = JSON.parse((await conun([...list, '--json'])).out);
  t.match(rows, [
    { name: 'main', account: FIRST, unlocked: false },
    { name: 'second', account: SECOND, unlocked: false },
  ]);
});
