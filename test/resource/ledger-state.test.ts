import t from 'tap';
import { least, LedgerState, refuse, requireThat } from '../../src/resource/ledger-state.ts';
import { domain, provider, requester } from './deal-papers.ts';

const genesis = { domain, registry: provider.account, tokens: new Map([[requester.account, 7n]]) };

t.test('a refused call leaves no trace, however far it came', async (t) => {
  const state = new LedgerState(genesis);
  const error = state.attempt(() => {
    state.tokens.set(5n, requester.account);
    state.tokens.set(3n, requester.account);
    state.balances.set(2n, requester.account);
    refuse('Whatever');
  });
  t.equal(error, 'Whatever');
  t.equal(state.tokens.get(requester.account), 7n);
  t.equal(state.balances.get(requester.account), 0n, 'a row that was not there is gone again');
});

t.test('what was done stays, and a later refusal does not reach back', async (t) => {
  const state = new LedgerState(genesis);
  t.equal(
    state.attempt(() => state.tokens.set(5n, requester.account)),
    undefined,
  );
  t.equal(
    state.attempt(() => requireThat(false, 'No')),
    'No',
  );
  t.equal(state.tokens.get(requester.account), 5n);
});

t.test('a mistake in the laws is no refusal', async (t) => {
  const state = new LedgerState(genesis);
  t.throws(() => state.attempt(() => state.tokens.get((null as unknown as string).length)), TypeError);
});

t.test('rows have keys of several parts, and the lesser amount is the lesser', async (t) => {
  const state = new LedgerState(genesis);
  state.allowances.set(4n, requester.account, provider.account);
  t.equal(state.allowances.get(requester.account, provider.account), 4n);
  t.equal(state.allowances.get(provider.account, requester.account), 0n);
  t.equal(least(3n, 2n), 2n);
});
