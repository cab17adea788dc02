import t from 'tap';
import type { Account } from '../../src/connectivity/index.ts';
import { approve, burn, collect, transfer } from '../../src/resource/token-laws.ts';
import { provider, requester, stranger } from './deal-papers.ts';
import { LedgerWorld } from './ledger-world.ts';

t.test('tokens move whole, or not at all', async (t) => {
  const { state } = new LedgerWorld([requester], 10n);
  const send = (amount: bigint, to = provider.account) =>
    state.attempt(() => transfer(state, requester.account, to, amount));
  t.equal(send(11n), 'ERC20InsufficientBalance');
  t.equal(send(1n, `0x${'0'.repeat(40)}` as Account), 'ERC20InvalidReceiver');
  t.equal(send(4n), undefined);
  t.equal(send(0n), undefined);
  t.equal(send(6n, requester.account), undefined, 'to oneself');
  t.same(
    [requester, provider].map(({ account }) => state.tokens.get(account)),
    [6n, 4n],
  );
});

t.test('nobody takes more than was approved, and what was taken is used up', async (t) => {
  const { state } = new LedgerWorld([requester], 10n);
  const take = (amount: bigint) =>
    state.attempt(() => collect(state, requester.account, stranger.account, amount));
  t.equal(take(1n), 'ERC20InsufficientAllowance');
  approve(state, requester.account, stranger.account, 12n);
  t.equal(take(11n), 'ERC20InsufficientBalance');
  t.equal(take(3n), undefined);
  t.equal(state.allowances.get(requester.account, stranger.account), 9n);
  t.equal(state.tokens.get(stranger.account), 3n);
});

t.test('what is burnt is nobody’s', async (t) => {
  const { state } = new LedgerWorld([requester], 10n);
  t.equal(
    state.attempt(() => burn(state, requester.account, 11n)),
    'ERC20InsufficientBalance',
  );
  burn(state, requester.account, 10n);
  t.equal(state.tokens.get(requester.account), 0n);
});
