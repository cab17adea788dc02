import t from 'tap';
import {
  answersFor,
  COOL_DOWN_S,
  lockStake,
  slashStake,
  speaksFor,
  unlockStake,
  WORKERS_MAX,
} from '../../src/resource/registry-laws.ts';
import { agent, provider, requester, seconds, signerOf, stranger, worker } from './deal-papers.ts';
import { LedgerWorld } from './ledger-world.ts';

const staked = (stake = 500n) => {
  const world = new LedgerWorld();
  world.join(provider, [worker], stake);
  return world;
};

t.test('a provider registers once; its keys are its own and no pay goes to a worker', async (t) => {
  const world = staked(0n);
  const again = { type: 'register', payout: agent.account, workers: [] } as const;
  t.equal(world.call(provider, again), 'AlreadyRegistered');
  t.equal(world.call(stranger, { ...again, workers: [worker.account] }), 'KeyInUse');
  t.equal(world.call(stranger, { type: 'setPayout', payout: agent.account }), 'NotRegistered');
  t.equal(world.call(stranger, { ...again, payout: worker.account }), 'ok', 'a stranger blocks no payout');
  t.equal(world.call(provider, { type: 'setPayout', payout: worker.account }), 'KeyInvalid');
  t.equal(world.call(provider, { type: 'setPayout', payout: agent.account }), 'ok');
  t.equal(world.state.providers.get(provider.account).payout, agent.account);
});

t.test('workers come and go, within a limit', async (t) => {
  const world = staked(0n);
  t.ok(speaksFor(world.state, worker.account, provider.account));
  t.ok(speaksFor(world.state, provider.account, provider.account));
  t.notOk(speaksFor(world.state, stranger.account, provider.account));
  t.notOk(speaksFor(world.state, undefined, provider.account));
  t.equal(world.call(provider, { type: 'removeWorker', worker: worker.account }), 'ok');
  t.notOk(speaksFor(world.state, worker.account, provider.account));
  for (let key = 0; key < WORKERS_MAX; key++) {
    world.must(provider, { type: 'addWorker', worker: signerOf(100 + key).account });
  }
  t.equal(world.call(provider, { type: 'addWorker', worker: worker.account }), 'WorkersFull');
});

t.test(
  'a removed worker has no say, but what it said stays, and its key is nobody else’s for a while',
  async (t) => {
    const world = staked(0n);
    const removedAt = world.time;
    world.must(provider, { type: 'removeWorker', worker: worker.account });
    t.equal(world.call(provider, { type: 'removeWorker', worker: worker.account }), 'KeyInvalid');
    const answers = (since: number) =>
      answersFor(world.state, provider.account, worker.account, seconds(since));
    t.same([answers(removedAt), answers(removedAt + 1)], [true, false]);
    t.ok(answersFor(world.state, provider.account, provider.account, seconds(removedAt + 1)));
    t.notOk(answersFor(world.state, provider.account, undefined, seconds(0)));
    t.equal(world.call(provider, { type: 'setPayout', payout: worker.account }), 'KeyInvalid');
    const take = { type: 'register', payout: stranger.account, workers: [worker.account] } as const;
    world.time = removedAt + COOL_DOWN_S;
    t.equal(world.call(stranger, take), 'KeyInUse');
    t.equal(world.call(provider, { type: 'addWorker', worker: worker.account }), 'ok', 'its own at once');
    world.must(provider, { type: 'removeWorker', worker: worker.account });
    world.time += COOL_DOWN_S + 1;
    t.equal(world.call(stranger, take), 'ok');
  },
);

t.test('a request that finds nothing unlocked stays', async (t) => {
  const world = staked();
  world.must(provider, { type: 'requestUnstake', amount: 500n });
  const request = world.state.providers.get(provider.account);
  world.state.providers.set({ ...request, locked: 500n }, provider.account);
  world.time += COOL_DOWN_S;
  t.equal(world.call(provider, { type: 'unstake' }), 'StakeTooLow');
  t.equal(world.state.providers.get(provider.account).unbonding, 500n);
});

t.test('stake leaves after its cool-down, and not what is locked', async (t) => {
  const world = staked();
  lockStake(world.state, provider.account, 200n);
  t.equal(world.call(provider, { type: 'requestUnstake', amount: 501n }), 'StakeTooLow');
  t.equal(world.call(provider, { type: 'requestUnstake', amount: 500n }), 'ok');
  t.equal(
    world.state.attempt(() => lockStake(world.state, provider.account, 1n)),
    'StakeTooLow',
    'what wants to leave cannot be locked anew',
  );
  world.time += COOL_DOWN_S - 1;
  t.equal(world.call(provider, { type: 'unstake' }), 'CoolingDown');
  world.time += 1;
  t.equal(world.call(provider, { type: 'unstake' }), 'ok');
  t.match(world.state.providers.get(provider.account), { staked: 200n, locked: 200n });
  t.equal(world.state.tokens.get(provider.account), 9_800n);
});

t.test('slashed stake is burnt; unlocked stake is free again', async (t) => {
  const world = staked();
  lockStake(world.state, provider.account, 300n);
  slashStake(world.state, provider.account, 200n);
  unlockStake(world.state, provider.account, 100n);
  t.match(world.state.providers.get(provider.account), { staked: 300n, locked: 0n });
  t.equal(world.total([requester.account, provider.account]), 19_800n);
});
