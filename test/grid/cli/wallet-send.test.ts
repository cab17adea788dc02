import t from 'tap';
import { conun } from '../cli-fixture.ts';
import { SECOND, walletHome } from '../wallet-fixture.ts';

t.test('an amount is exact and positive, and goes nowhere without a chain', async (t) => {
  const { home, add } = await walletHome(t.teardown);
  await add('main', 0);
  for (const amount of ['0', '1e3', '1,5', '0.0000000000000000001', 'all']) {
    t.match(
      await conun([...['wallet', 'send', SECOND, amount], '--home', home]),
      { code: 2, err: /amount: / },
      amount,
    );
  }
  const amount = '1.5';
  t.match(await conun([...['wallet', 'send', SECOND, amount], '--home', home]), {
    code: 1,
    err: /GRID_CHAIN_MISSING/,
  });
});

t.test('a mistyped address is no address', async (t) => {
  const { home } = await walletHome(t.teardown);
  const mistyped = SECOND.replace('C8', 'c8');
  for (const to of ['berta', mistyped, SECOND.slice(1)]) {
    t.match(await conun(['wallet', 'send', to, '1', '--home', home]), {
      code: 2,
      err: /to: .* is no address/,
    });
  }
});
