import t from 'tap';
import type { Account } from '../../../src/connectivity/index.ts';
import {
  addressOf,
  amountOf,
  balanceText,
  balanceView,
  receiptText,
  receiptViews,
} from '../../../src/grid/cli/amount.ts';
import type { Seconds } from '../../../src/resource/index.ts';
import { FIRST } from '../wallet-fixture.ts';

const TOKEN = 10n ** 18n;

t.test('amounts and addresses are taken exactly or not at all', (t) => {
  t.equal(amountOf('1.5'), (3n * TOKEN) / 2n);
  for (const wrong of ['0', '-1', 'x']) t.throws(() => amountOf(wrong), { code: 'GRID_ARGUMENT_INVALID' });
  t.equal(addressOf('to', FIRST.toLowerCase()), FIRST);
  t.throws(() => addressOf('to', 'me'), { code: 'GRID_ARGUMENT_INVALID', message: /^to: "me"/ });
  t.end();
});

t.test('a balance says what is where, and from when it is free', (t) => {
  const stake = { staked: 5n * TOKEN, locked: TOKEN, unbonding: 0n, readyAt: 0 as Seconds };
  const balances = { ether: TOKEN / 4n, tokens: 12n * TOKEN, market: 1n, stake };
  const view = balanceView(FIRST as Account, balances);
  t.match(view, { tokens: '12', market: '0.000000000000000001', staked: '5', locked: '1', readyAt: null });
  t.match(
    balanceText(view),
    /in hand +12\nin the market +0\.0{17}1\nstaked +5 +1 locked\nfor gas +0\.25 +ether$/,
  );
  const leaving = { ...stake, unbonding: 2n * TOKEN, readyAt: 1_800_000_000 as Seconds };
  t.match(
    balanceText(balanceView(FIRST as Account, { ...balances, stake: leaving })),
    /2 free from 2027-01-1/,
  );
  t.end();
});

t.test('confirmed calls are listed with their transactions', (t) => {
  const views = receiptViews([{ call: 'deposit', transaction: '0xab', block: 7, gasUsed: 21_000n }]);
  t.same(views, [{ call: 'deposit', transaction: '0xab', block: 7, gasUsed: '21000' }]);
  t.equal(receiptText(views), 'deposit        0xab  block 7');
  t.end();
});
