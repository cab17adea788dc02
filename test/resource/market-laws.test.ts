import fc from 'fast-check';
import t from 'tap';
import type { TypedSignature } from '../../src/connectivity/index.ts';
import {
  agent,
  deal,
  domain,
  provider,
  requester,
  stranger,
  terms,
  termsOf,
  word,
  worker,
} from './deal-papers.ts';
import { calls, LedgerWorld } from './ledger-world.ts';
import { DealCalls } from './deal-calls.ts';

const prepared = () => {
  const world = new LedgerWorld();
  world.prepare();
  return world;
};
const balance = (world: LedgerWorld, who = provider) => world.state.balances.get(who.account);

t.test('deposits and pay are one balance, which leaves as tokens', async (t) => {
  const world = new LedgerWorld();
  t.equal(world.call(requester, { type: 'deposit', amount: 0n }), 'AmountZero');
  t.equal(world.call(requester, { type: 'deposit', amount: 5n }), 'ERC20InsufficientAllowance');
  world.must(requester, { type: 'approve', spender: 'market', amount: 5n });
  world.must(requester, { type: 'deposit', amount: 5n });
  const withdraw = (amount: bigint) =>
    world.call(requester, { type: 'withdraw', to: stranger.account, amount });
  t.equal(withdraw(6n), 'BalanceTooLow');
  t.equal(withdraw(5n), 'ok');
  t.equal(world.state.tokens.get(stranger.account), 5n);
});

t.test('a deal opens once, on its requester’s word, with its budget', async (t) => {
  const world = prepared();
  t.match(world.state.deals.get(deal), { state: 'open', remaining: 1_000n, promised: 0n });
  t.equal(balance(world, requester), 4_000n);
  t.equal(world.call(requester, calls.open()), 'DealExists');
  t.equal(
    world.call(stranger, new DealCalls(domain, termsOf({ salt: word(8) })).open(agent)),
    'SignatureInvalid',
  );
  t.equal(world.call(stranger, new DealCalls(domain, termsOf({ budget: 4_001n })).open()), 'BalanceTooLow');
  t.equal(world.call(stranger, new DealCalls(domain, termsOf({ minQuorum: 1 })).open()), 'TermsInvalid');
  t.equal(
    world.call(stranger, new DealCalls(domain, termsOf({ salt: word(9) })).open()),
    'ok',
    'anyone may bring it',
  );
});

t.test('the same money is never promised twice', async (t) => {
  const world = prepared();
  t.equal(world.call(stranger, calls.allocate(1n)), 'NotAgent');
  t.equal(world.call(agent, calls.allocate(600n)), 'ok');
  t.equal(world.call(agent, calls.allocate(401n)), 'BudgetExceeded');
  t.equal(world.call(requester, calls.allocate(400n)), 'ok');
  t.match(world.state.shares.get(deal, provider.account), { allocated: 1_000n, state: 'locked' });
  t.equal(world.state.providers.get(provider.account).locked, 100n, 'locked once');
});

t.test('without a lock nothing is asked of the registry, until there is something to pay', async (t) => {
  const world = prepared();
  const free = new DealCalls(domain, termsOf({ stakeLock: 0n }));
  world.must(requester, free.open());
  t.equal(world.call(agent, free.allocate(10n, stranger)), 'ok');
  t.equal(world.state.shares.get(free.deal, stranger.account).state, 'joined');
  t.equal(world.call(agent, free.redeem(5n, 0, stranger)), 'ProviderUnknown');
  world.join(stranger, [], 0n);
  t.equal(world.call(agent, free.redeem(5n, 0, stranger)), 'ok');
});

t.test('nobody is drawn into a deal', async (t) => {
  const world = prepared();
  t.equal(world.call(agent, calls.allocate(1n, provider, stranger)), 'SignatureInvalid');
  t.equal(world.call(agent, calls.allocate(1n, stranger, stranger)), 'ProviderUnknown');
  world.must(provider, { type: 'requestUnstake', amount: 401n });
  t.equal(world.call(agent, calls.allocate(1n)), 'StakeTooLow');
});

t.test('a voucher is paid once, up to the allocation, until the end', async (t) => {
  const world = prepared();
  world.must(agent, calls.allocate(500n));
  t.equal(world.call(stranger, calls.redeem(200n)), 'ok');
  t.equal(world.call(stranger, calls.redeem(200n)), 'NothingToDo', 'the same again');
  const both = [calls.redeem(200n), calls.redeem(250n)];
  const many = { ...both[0]!, vouchers: both.flatMap(({ vouchers }) => vouchers) };
  const signatures = both.flatMap((each) => each.signatures);
  t.equal(world.call(stranger, { ...many, signatures: signatures.slice(1) }), 'CountsDiffer');
  t.equal(world.call(stranger, { ...many, signatures }), 'ok', 'what is paid already hinders no other');
  t.equal(balance(world), 250n);
  t.equal(
    world.call(agent, { ...calls.redeem(300n), signatures: ['0x' as TypedSignature] }),
    'ok',
    'its own word',
  );
  t.equal(balance(world), 300n);
  t.equal(world.call(stranger, calls.redeem(900n)), 'ok');
  t.equal(balance(world), 500n, 'not more than is allocated');
  t.equal(world.call(stranger, calls.redeem(500n, 0, provider, stranger)), 'SignatureInvalid');
  world.time = terms.redeemUntil + 1;
  t.equal(world.call(stranger, calls.redeem(501n)), 'TooLate');
});

t.test('a provider can give up what it has not earned; nobody else can for it', async (t) => {
  const world = prepared();
  world.must(agent, calls.allocate(500n));
  world.must(stranger, calls.redeem(100n));
  t.equal(world.call(agent, { type: 'relinquish', terms, provider: provider.account }), 'NotProvider');
  t.equal(world.call(worker, { type: 'relinquish', terms, provider: provider.account }), 'ok');
  t.match(world.state.deals.get(deal), { remaining: 900n, promised: 0n });
});

t.test(
  'in whatever order vouchers come, the provider has the highest of them, within its share',
  async () => {
    const amounts = fc.array(fc.bigInt({ min: 0n, max: 900n }), { minLength: 1, maxLength: 8 });
    const property = fc.property(amounts, (all) => {
      const world = prepared();
      world.must(agent, calls.allocate(500n));
      for (const amount of all) world.call(stranger, calls.redeem(amount));
      const highest = [...all].sort((one, other) => Number(other - one))[0]!;
      const { remaining } = world.state.deals.get(deal);
      return balance(world) === (highest > 500n ? 500n : highest) && remaining + balance(world) === 1_000n;
    });
    fc.assert(property, { numRuns: 40 });
  },
);
