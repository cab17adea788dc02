import t from 'tap';
import { conun } from '../cli-fixture.ts';
import { walletHome } from '../wallet-fixture.ts';

t.test('an amount is exact and positive, and goes nowhere without a chain', async (t) => {
  const { home, add } = await walletHome(t.teardown);
  await add('main', 0);
  for (const amount of ['0', '1e3', '1,5', '0.0000000000000000001', 'all']) {
    t.match(await conun([...['unstake', amount], '--home', home]), { code: 2, err: /amount: / }, amount);
  }
  const amount = '1.5';
  t.match(await conun([...['unstake', amount], '--home', home]), { code: 1, err: /GRID_CHAIN_MISSING/ });
});
