import t from 'tap';
import { seededRandom, simulatedClock } from '../../src/actors/index.ts';
import type { Account } from '../../src/connectivity/index.ts';
import {
  addStake,
  balancesOf,
  deposit,
  type Purse,
  requestUnstake,
  sendEther,
  takeUnstaked,
  transfer,
  withdraw,
} from '../../src/grid/purse.ts';
import { createMemoryChain } from '../../src/resource/index.ts';
import { domain, GENESIS, signerOf } from '../resource/deal-papers.ts';

const [ada, berta, worker, spare] = [1, 2, 3, 4].map((n) => signerOf(n).account) as [
  Account,
  Account,
  Account,
  Account,
];
const DAYS_MS = 86_400_000;

function purse(blockMs = 0) {
  const clock = simulatedClock(GENESIS * 1_000);
  const tokens = new Map([[ada, 1_000n]]);
  const ether = new Map([[ada, 50n]]);
  const chain = createMemoryChain({ clock, domain, registry: signerOf(10).account, tokens, ether, blockMs });
  const leave = new AbortController();
  const random = seededRandom('purse');
  const made: Purse = { ledger: chain.connect('purse'), account: ada, random, signal: leave.signal };
  return { purse: made, clock, chain, leave, of: (account: Account) => balancesOf(made.ledger, account) };
}

t.test('tokens go to others, into the market, and out of it', async (t) => {
  const { purse: mine, of } = purse();
  const [sent] = await transfer(mine, berta, 100n);
  t.match(sent, { call: 'transfer', transaction: String });
  const receipts = await deposit(mine, 500n);
  t.same(
    receipts.map(({ call }) => call),
    ['approve', 'deposit'],
  );
  await withdraw(mine, berta, 200n);
  t.match(await of(ada), { tokens: 400n, market: 300n });
  t.match(await of(berta), { tokens: 300n, market: 0n });
});

t.test('a key that never has tokens gets ether for its gas', async (t) => {
  const { purse: mine, of } = purse();
  const [sent] = await sendEther(mine, worker, 20n);
  t.match(sent, { call: 'sendEther' });
  t.match(
    [await of(ada), await of(worker)],
    [
      { ether: 30n, tokens: 1_000n },
      { ether: 20n, tokens: 0n },
    ],
  );
  await t.rejects(sendEther(mine, worker, 31n), { code: 'GRID_FUNDS_TOO_LOW', message: /in hand as ether/ });
});

t.test('whoever stakes first becomes a provider, with the key of this machine', async (t) => {
  const { purse: mine, of, clock } = purse();
  const calls = async (machine: Account) =>
    (await addStake(mine, 100n, { worker: machine, payout: berta })).map(({ call }) => call);
  t.same(await calls(worker), ['register', 'approve', 'stake']);
  t.same(await calls(worker), ['approve', 'stake']);
  t.same(await calls(spare), ['addWorker', 'approve', 'stake'], 'another machine of theirs');
  t.equal(await mine.ledger.payoutOf(ada), berta);
  t.equal(await mine.ledger.providerOf(spare), ada);
  await requestUnstake(mine, 250n);
  t.match((await of(ada)).stake, { staked: 300n, unbonding: 250n });
  await t.rejects(takeUnstaked(mine), { code: 'GRID_LEDGER_REFUSED', message: /unstake: CoolingDown/ });
  clock.advance(32 * DAYS_MS);
  await takeUnstaked(mine);
  t.match(await of(ada), { tokens: 950n, stake: { staked: 50n, unbonding: 0n } });
});

t.test('what is not there is not sent, and nothing is tried', async (t) => {
  const { purse: mine, of } = purse();
  const low = { code: 'GRID_FUNDS_TOO_LOW' };
  await t.rejects(transfer(mine, berta, 1_001n), { ...low, message: /0\.000000000000001 in hand/ });
  await t.rejects(deposit(mine, 1_001n), low);
  await t.rejects(withdraw(mine, ada, 1n), { ...low, message: /in the market/ });
  await t.rejects(addStake(mine, 1_001n, { worker, payout: ada }), low);
  await t.rejects(requestUnstake(mine, 1n), { ...low, message: /staked/ });
  t.match(await of(ada), { tokens: 1_000n });
  t.equal(await mine.ledger.payoutOf(ada), undefined);
});

t.test('nothing is intended while the chain stands still', async (t) => {
  const { purse: mine, chain, of } = purse();
  chain.halt();
  await t.rejects(transfer(mine, berta, 1n), { code: 'GRID_CHAIN_UNWELL' });
  chain.resume();
  t.match(await of(berta), { tokens: 0n });
});

t.test('who stops waiting has not taken it back', async (t) => {
  const { purse: mine, clock, leave, of } = purse(1_000);
  const intended = Promise.withResolvers<void>();
  const { intend } = mine.ledger;
  mine.ledger.intend = async (intent) => {
    await intend.call(mine.ledger, intent);
    intended.resolve();
  };
  const sending = transfer(mine, berta, 5n);
  await intended.promise;
  leave.abort();
  await t.rejects(sending);
  clock.advance(1_000);
  t.equal((await of(berta)).tokens, 5n);
});
