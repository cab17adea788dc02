import t from 'tap';
import { dealObjection, type DealFacts, paperFlaw } from '../../src/resource/deal-check.ts';
import { deal, domain, GENESIS, provider, seconds, stranger, terms } from './deal-papers.ts';

const rules = { stakeLockMax: 100n, workSecondsMin: 60 };
const paper = {
  chainId: domain.chainId,
  market: domain.verifyingContract,
  terms,
  voucherMs: 1,
  owed: 0n,
  committed: 0,
};

/** A deal that is open, with stake and budget for this account. */
const soundFacts: DealFacts = {
  health: {
    chainId: domain.chainId,
    block: 5,
    time: seconds(GENESIS),
    ageMs: 0,
    healthy: true,
    reason: null,
  },
  deal: { state: 'open', remaining: 1_000n, promised: 0n },
  share: { allocated: 0n, paid: 0n, committed: 0, revealed: 0, openCases: 0, state: 'none' },
  stake: { staked: 150n, locked: 20n, unbonding: 30n, readyAt: seconds(0) },
  registered: provider.account,
};

t.test('a paper is of our market, and asks for no more stake than is allowed', async (t) => {
  t.equal(paperFlaw(paper, domain, rules), undefined);
  t.match(paperFlaw({ ...paper, chainId: 1n }, domain, rules), /another chain/);
  t.match(paperFlaw({ ...paper, market: stranger.account }, domain, rules), /another market/);
  t.match(paperFlaw(paper, domain, { ...rules, stakeLockMax: 99n }), /more stake/);
});

t.test('a deal that is open, with time, stake and budget left, is worked for', async (t) => {
  t.equal(dealObjection(deal, terms, provider.account, soundFacts, rules), undefined);
});

t.test('each thing that speaks against a deal has its own reason, and may pass or not', async (t) => {
  const { health, share, stake, deal: view } = soundFacts;
  const cases: readonly [Partial<DealFacts>, string, boolean][] = [
    [{ health: { ...health, healthy: false, reason: 'it stands still' } }, 'RESOURCE_CHAIN_UNHEALTHY', false],
    [{ registered: undefined }, 'RESOURCE_ACCOUNT_INVALID', true],
    [{ registered: stranger.account }, 'RESOURCE_ACCOUNT_INVALID', true],
    [{ deal: { ...view, state: 'closed' } }, 'RESOURCE_DEAL_REFUSED', true],
    [{ deal: { ...view, state: 'none' } }, 'RESOURCE_DEAL_PENDING', false],
    [{ deal: { ...view, promised: 1_000n } }, 'RESOURCE_DEAL_PENDING', false],
    [{ share: { ...share, state: 'slashed' } }, 'RESOURCE_DEAL_REFUSED', true],
    [{ share: { ...share, state: 'released' } }, 'RESOURCE_DEAL_REFUSED', true],
    [{ stake: { ...stake, locked: 21n } }, 'RESOURCE_STAKE_SHORT', true],
    [{ health: { ...health, time: seconds(GENESIS + 3_541) } }, 'RESOURCE_DEAL_REFUSED', true],
  ];
  for (const [change, code, final] of cases) {
    const found = dealObjection(deal, terms, provider.account, { ...soundFacts, ...change }, rules);
    t.match(found, { fault: { code }, final });
  }
});

t.test('whoever has a share stays for its pay when the time to work is over', async (t) => {
  const joined = { ...soundFacts.share, state: 'joined' as const, allocated: 1_000n };
  const health = { ...soundFacts.health, time: seconds(GENESIS + 3_541) };
  const found = dealObjection(deal, terms, provider.account, { ...soundFacts, share: joined, health }, rules);
  t.match(found, { fault: { code: 'RESOURCE_DEAL_REFUSED' }, final: false });
});

t.test('a lock or a share that is there already needs no other', async (t) => {
  const locked = { ...soundFacts.share, state: 'locked' as const, allocated: 1_000n };
  const facts = {
    ...soundFacts,
    share: locked,
    stake: { ...soundFacts.stake, locked: 120n },
    deal: { ...soundFacts.deal, promised: 1_000n },
  };
  t.equal(dealObjection(deal, terms, provider.account, facts, rules), undefined);
});
