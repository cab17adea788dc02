import t from 'tap';
import { COMMITMENTS_MAX } from '../../src/resource/dispute-laws.ts';
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
import { DealCalls, type Words } from './deal-calls.ts';

const words: Words = [
  [1, 11],
  [2, 22],
  [3, 33],
];

const taking = () => {
  const world = new LedgerWorld();
  world.prepare();
  world.must(agent, calls.allocate(500n));
  return world;
};

/** With a first bundle committed and opened. */
const opened = () => {
  const world = taking();
  world.must(stranger, calls.commit(1, words));
  world.time = terms.workUntil + 1;
  world.must(stranger, calls.reveal(1, words));
  return world;
};
const share = (world: LedgerWorld) => world.state.shares.get(deal, provider.account);

t.test('a worker’s commitment is taken from anyone, each number once and in any order', async (t) => {
  const world = taking();
  t.equal(world.call(stranger, calls.commit(2, words)), 'ok');
  t.equal(world.call(stranger, calls.commit(2, words)), 'NumberUsed');
  t.equal(world.call(stranger, calls.commit(1, words)), 'ok');
  t.equal(world.call(stranger, calls.commit(0, words)), 'NumberInvalid');
  t.equal(world.call(stranger, calls.commit(COMMITMENTS_MAX + 1, words)), 'NumberInvalid');
  t.equal(world.call(stranger, calls.commit(3, words, provider, stranger)), 'SignatureInvalid');
  t.equal(world.call(stranger, calls.commit(1, words, stranger, stranger)), 'ShareUnknown');
  world.time = terms.workUntil + 1;
  t.equal(world.call(stranger, calls.commit(3, words)), 'TooLate');
  t.match(share(world), { committed: 2, revealed: 0 });
});

t.test('a removed worker’s word can still be brought, if its deal was open before', async (t) => {
  const world = taking();
  world.must(provider, { type: 'removeWorker', worker: worker.account });
  t.equal(world.call(stranger, calls.commit(1, words)), 'ok');
  world.time += 1;
  const later = new DealCalls(domain, termsOf({ salt: word(8) }));
  world.must(requester, later.open());
  world.must(agent, later.allocate(100n, provider, provider));
  t.equal(world.call(stranger, later.commit(1, words)), 'SignatureInvalid');
});

t.test('a seal opens after the work, with what was sealed', async (t) => {
  const world = taking();
  world.must(stranger, calls.commit(1, words));
  t.equal(world.call(stranger, calls.reveal(1, words)), 'TooEarly');
  world.time = terms.workUntil + 1;
  t.equal(world.call(stranger, calls.reveal(2, words)), 'BundleUnknown');
  t.equal(world.call(stranger, calls.reveal(1, [[1, 12]])), 'SealWrong');
  t.equal(world.call(stranger, { ...calls.reveal(1, words), salt: word(1) }), 'SealWrong');
  t.equal(world.call(stranger, calls.reveal(1, words)), 'ok');
  t.equal(world.call(stranger, calls.reveal(1, words)), 'BundleRevealed');
  t.equal(world.state.bundles.get(deal, provider.account, 1)?.seal, calls.rootOf(words));
  world.time = terms.revealUntil + 1;
  t.equal(world.call(stranger, calls.reveal(1, words)), 'TooLate');
});

t.test('a leaf proves what was said, and nothing else is proved', async (t) => {
  const world = opened();
  const told = calls.testify(1, words);
  const testimony = { ...told.testimony, digest: word(12) };
  t.equal(world.call(stranger, { ...told, testimony }), 'ProofWrong');
  t.equal(world.call(stranger, calls.testify(2, words)), 'BundleUnknown');
  t.equal(world.call(stranger, told), 'ok');
  t.equal(world.call(stranger, told), 'TestimonyRepeated');
  t.equal(world.call(stranger, calls.testify(1, words, 2)), 'ok');
  t.equal(share(world).openCases, 2);
  world.time = terms.disputeUntil + 1;
  t.equal(world.call(stranger, calls.testify(1, words, 1)), 'TooLate');
});

t.test('whoever says two things of one unit is slashed at once, and can claim nothing more', async (t) => {
  const world = taking();
  world.must(stranger, calls.redeem(100n));
  world.must(stranger, calls.commit(1, words));
  world.must(stranger, calls.commit(2, [[1, 99]]));
  world.time = terms.workUntil + 1;
  world.must(stranger, calls.reveal(1, words));
  world.must(stranger, calls.reveal(2, [[1, 99]]));
  world.must(stranger, calls.testify(1, words));
  world.must(stranger, calls.testify(2, [[1, 99]]));
  t.match(share(world), { state: 'slashed' });
  t.match(world.state.deals.get(deal), { remaining: 900n, promised: 0n });
  t.match(world.state.providers.get(provider.account), { staked: 400n, locked: 0n });
  t.equal(world.total([requester.account, provider.account]), 19_900n, 'burnt, not given to anybody');
  t.equal(world.call(stranger, calls.redeem(500n)), 'ShareSlashed');
  t.equal(world.call(worker, calls.testify(1, words, 1)), 'ShareSlashed');
});
