import fc from 'fast-check';
import t from 'tap';
import type { LedgerCall } from '../../src/resource/ledger.ts';
import { agent, deal, provider, requester, stranger, terms, word, worker } from './deal-papers.ts';
import { calls, LedgerWorld } from './ledger-world.ts';

const said = { plain: [[0, 7]], other: [[0, 8]] } as const;

const known: readonly LedgerCall[] = [
  calls.open(),
  calls.allocate(300n),
  calls.redeem(200n),
  calls.redeem(250n, 1),
  calls.commit(1, said.plain),
  calls.commit(2, said.other),
  calls.reveal(1, said.plain),
  calls.reveal(2, said.other),
  calls.testify(1, said.plain),
  calls.testify(2, said.other),
  { type: 'settle', terms, unit: calls.testify(1, said.plain).testimony.unit },
  { type: 'expire', terms, provider: provider.account },
  { type: 'release', terms, provider: provider.account },
  { type: 'relinquish', terms, provider: provider.account },
  { type: 'close', terms },
  { type: 'requestUnstake', amount: 450n },
  { type: 'unstake' },
  { type: 'withdraw', to: stranger.account, amount: 100n },
  { type: 'transfer', to: agent.account, amount: 10n },
  { type: 'anchor', subject: word(1), root: word(2) },
];

/** Tokens in the contracts are exactly what the contracts owe; a share is never promised twice. */
function isSound({ state }: LedgerWorld): boolean {
  const [dealt, share, owner] = [
    state.deals.get(deal),
    state.shares.get(deal, provider.account),
    state.providers.get(provider.account),
  ];
  const owed = [requester, provider, agent, stranger, worker].reduce(
    (sum, { account }) => sum + state.balances.get(account),
    dealt.remaining,
  );
  return (
    state.tokens.get(state.market) === owed &&
    state.tokens.get(state.registry) === owner.staked &&
    owner.locked <= owner.staked &&
    dealt.promised <= dealt.remaining &&
    share.paid <= share.allocated &&
    (dealt.state === 'closed' || dealt.promised === share.allocated - share.paid)
  );
}

t.test('whatever is called, by whomever, whenever: the contracts owe what they have', async () => {
  const turn = fc.record({
    call: fc.constantFrom(...known),
    from: fc.constantFrom(requester, agent, provider, worker, stranger),
    waitS: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 4_000 })),
  });
  const property = fc.property(fc.array(turn, { maxLength: 40 }), (history) => {
    const world = new LedgerWorld();
    world.prepare();
    return history.every(({ call, from, waitS }) => {
      world.time += waitS;
      world.call(from, call);
      return isSound(world);
    });
  });
  fc.assert(property, { numRuns: 60 });
});

t.test('a refused call makes no news', async (t) => {
  const world = new LedgerWorld();
  t.equal(world.call(requester, calls.open()), 'BalanceTooLow');
  t.same(world.news, []);
  world.prepare();
  t.same(
    world.news.map(({ type }) => type),
    ['dealOpened'],
  );
});

t.test('a subject is anchored once by each publisher', async (t) => {
  const world = new LedgerWorld();
  const anchor = { type: 'anchor', subject: word(1), root: word(2) } as const;
  t.equal(world.call(requester, anchor), 'ok');
  t.equal(world.call(requester, { ...anchor, root: word(3) }), 'AlreadyAnchored');
  t.equal(world.call(stranger, { ...anchor, root: word(3) }), 'ok');
  t.equal(world.state.anchors.get(requester.account, word(1)), word(2));
});
