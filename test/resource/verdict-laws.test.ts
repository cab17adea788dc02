import t from 'tap';
import { slash } from '../../src/resource/dispute-laws.ts';
import { scoreOf } from '../../src/resource/reputation-laws.ts';
import {
  agent,
  deal,
  provider,
  requester,
  seconds,
  signerOf,
  stranger,
  terms,
  word,
  worker,
} from './deal-papers.ts';
import { calls, LedgerWorld } from './ledger-world.ts';
import type { Words } from './deal-calls.ts';

const owners = [20, 21, 22].map(signerOf);
const unit = calls.unit(0);
const settleUnit = { type: 'settle', terms, unit } as const;

/** Each owner says one digest of unit 0; then the time for disputes is over. */
function disputed(...said: readonly number[]): LedgerWorld {
  const world = new LedgerWorld([requester, provider, ...owners]);
  world.prepare();
  const words = (digest: number): Words => [[0, digest]];
  const all = said.map((digest, place) => [owners[place]!, digest] as const);
  for (const [owner, digest] of all) {
    world.join(owner, []);
    world.must(agent, calls.allocate(200n, owner, owner));
    world.must(stranger, calls.commit(1, words(digest), owner, owner));
  }
  world.time = terms.workUntil + 1;
  for (const [owner, digest] of all) {
    world.must(stranger, calls.reveal(1, words(digest), owner));
    world.must(stranger, calls.testify(1, words(digest), 0, owner));
  }
  world.time = terms.disputeUntil + 1;
  return world;
}

const states = (world: LedgerWorld) =>
  owners.map(({ account }) => world.state.shares.get(deal, account).state);
const release = (world: LedgerWorld, owner = provider) =>
  world.call(stranger, { type: 'release', terms, provider: owner.account });

t.test('the minority is slashed, the majority is paid what was promised before the work', async (t) => {
  const world = disputed(7, 7, 8);
  t.equal(world.call(stranger, calls.redeem(150n, 1, owners[0])), 'ConditionUnmet', 'not yet judged');
  t.equal(world.call(stranger, settleUnit), 'ok');
  t.equal(world.call(stranger, settleUnit), 'CaseSettled');
  t.same(states(world), ['locked', 'locked', 'slashed']);
  t.equal(world.call(stranger, calls.redeem(150n, 2, owners[0])), 'ConditionUnmet', 'one bundle only');
  t.equal(world.call(stranger, calls.redeem(150n, 1, owners[0])), 'ok');
  t.equal(world.call(stranger, calls.redeem(150n, 1, owners[2])), 'ShareSlashed');
  t.equal(world.state.balances.get(owners[0]!.account), 150n);
  t.equal(world.news.at(-2)?.type, 'settled');
});

t.test('a verdict makes reputation; who was slashed before gains none', async (t) => {
  const world = disputed(7, 7, 8);
  world.must(stranger, settleUnit);
  const scores = owners.map(({ account }) => scoreOf(world.state, account, seconds(world.time)));
  t.same(scores, [10n ** 18n, 10n ** 18n, 0n]);
  const equivocated = disputed(7, 7, 7);
  const { account } = owners[2]!;
  slash(equivocated.state, 100n, deal, account, { from: account, time: seconds(0), news: [] });
  equivocated.must(stranger, settleUnit);
  t.equal(scoreOf(equivocated.state, account, seconds(equivocated.time)), 0n);
});

t.test('a zero digest is no truth', async (t) => {
  const world = disputed(0, 0, 8);
  world.must(stranger, settleUnit);
  t.same(states(world), ['locked', 'locked', 'locked']);
});

t.test('without a quorum, or with two, nobody is hurt', async (t) => {
  for (const said of [[7], [7, 8], [7, 8, 9]]) {
    const world = disputed(...said);
    t.equal(world.call(stranger, settleUnit), 'ok');
    t.notOk(states(world).includes('slashed'));
    t.match(world.news.at(-1), { type: 'settled', digest: word(0) });
    t.equal(release(world, owners[0]), 'ok');
  }
});

t.test('a verdict waits for the end of the dispute and needs a case', async (t) => {
  const world = disputed(7, 7);
  t.equal(world.call(stranger, { ...settleUnit, unit: word(1) }), 'CaseUnknown');
  world.time = terms.disputeUntil;
  t.equal(world.call(stranger, settleUnit), 'TooEarly');
});

t.test('whoever committed and did not reveal is slashed, by anyone', async (t) => {
  const world = new LedgerWorld();
  world.prepare();
  const expire = { type: 'expire', terms, provider: provider.account } as const;
  world.must(agent, calls.allocate(500n));
  world.must(stranger, calls.commit(1, [[0, 7]]));
  world.time = terms.revealUntil;
  t.equal(world.call(stranger, expire), 'TooEarly');
  world.time += 1;
  t.equal(world.call(stranger, expire), 'ok');
  t.equal(world.call(stranger, expire), 'ShareSlashed');
  t.match(world.state.shares.get(deal, provider.account), { state: 'slashed' });
});

t.test('a lock comes back when nothing can be held against it, even when the deal is closed', async (t) => {
  const world = new LedgerWorld();
  world.prepare();
  world.must(agent, calls.allocate(500n));
  t.equal(release(world), 'TooEarly');
  t.equal(release(world, stranger), 'NothingToDo');
  world.time = terms.redeemUntil + 1;
  t.equal(world.call(stranger, { type: 'close', terms }), 'ok');
  t.equal(release(world), 'ok');
  t.equal(release(world), 'NothingToDo');
  t.match(world.state.providers.get(provider.account), { staked: 500n, locked: 0n });
});

t.test('the rest goes back when nothing is promised, or nothing can be redeemed any more', async (t) => {
  const close = { type: 'close', terms } as const;
  const world = new LedgerWorld();
  world.prepare();
  t.equal(world.call(stranger, close), 'TooEarly');
  world.must(agent, calls.allocate(500n));
  world.must(stranger, calls.redeem(200n));
  world.time = terms.workUntil + 1;
  t.equal(world.call(stranger, close), 'TooEarly', '300 are promised still');
  world.must(worker, { type: 'relinquish', terms, provider: provider.account });
  t.equal(world.call(stranger, close), 'ok');
  t.equal(world.call(stranger, close), 'DealNotOpen');
  t.equal(world.state.balances.get(requester.account), 4_800n);
});
