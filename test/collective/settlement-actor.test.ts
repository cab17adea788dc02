import t from 'tap';
import { MINUTE_MS, memoryJournal, SECOND_MS } from '../../src/actors/index.ts';
import type { BatchId } from '../../src/collective/batch.ts';
import {
  settlementActor,
  type SettlementMail,
  type SettlementNews,
  settlementStream,
} from '../../src/collective/settlement-actor.ts';
import type { AccountSigner, TypedSignature } from '../../src/connectivity/index.ts';
import {
  acceptanceData,
  createMemoryChain,
  type IntentId,
  type LedgerCall,
} from '../../src/resource/index.ts';
import { simulate } from '../actors/simulation.ts';
import {
  accountOf,
  agent,
  domain,
  provider,
  requester,
  signerOf,
  word,
  worker,
} from '../resource/deal-papers.ts';

const batch = 'b1' as BatchId;
const TOKENS = 10_000n;
const pay = { budget: '1600', stakeLock: '50', minQuorum: 2, workS: 3_600, windowS: 600 };

/** A broker's account with a deposit, and a provider with stake. */
async function scene(deposit = 5_000n) {
  const journal = memoryJournal();
  const { clock, dispatcher } = simulate('settlement');
  const holders = [requester, provider];
  const tokens = new Map(holders.map(({ account }) => [account, TOKENS]));
  const registry = signerOf(10).account;
  const chain = createMemoryChain({ domain, registry, tokens, clock });
  const ledger = chain.connect('broker');
  const run = (ms: number) => dispatcher.runUntil(clock.now() + ms);
  let calls = 0;
  const call = async (from: typeof requester, given: LedgerCall) => {
    calls += 1;
    const id = `setup ${calls}` as IntentId;
    await ledger.intend({ id, from: from.account, call: given });
    const outcome = ledger.outcome(id, new AbortController().signal);
    await run(SECOND_MS);
    if ((await outcome).type !== 'done') throw new TypeError(`${given.type} was refused`);
  };
  await call(requester, { type: 'approve', spender: 'market', amount: TOKENS });
  await call(requester, { type: 'deposit', amount: deposit });
  await call(provider, { type: 'register', payout: provider.account, workers: [worker.account] });
  await call(provider, { type: 'approve', spender: 'registry', amount: TOKENS });
  await call(provider, { type: 'stake', amount: 500n });

  const told: SettlementNews[] = [];
  const delays: string[] = [];
  const treasury = {
    path: '/treasury',
    tell: (news: SettlementNews) => {
      if (news.effect.type === 'delayed') delays.push(news.effect.reason);
      else told.push(news);
      return 'accepted' as const;
    },
  };
  /** A life of the broker's process: on the same disk and the same chain. */
  const begin = (change: Partial<AccountSigner> = {}) => {
    const { system } = simulate('settlement', { clock, dispatcher });
    const signer = { requester: { ...accountOf(requester), ...change }, agent };
    const options = { batch, spec: word(5), pay, journal, ledger, domain, ...signer, treasury };
    const actor = system.spawn<SettlementMail>('settlement', settlementActor(options));
    return { actor, end: () => system.stop() };
  };
  return { chain, ledger, journal, run, told, delays, begin, call };
}

function opened(told: readonly SettlementNews[]) {
  for (const { effect } of told) if (effect.type === 'opened') return effect;
  return undefined;
}

const acceptance = (deal: Parameters<typeof acceptanceData>[0]['deal']): TypedSignature =>
  worker.signTyped(acceptanceData({ deal, provider: provider.account, lock: 50n }, domain));

t.test('from the first word to the refund, on the laws of the contracts', async (t) => {
  const { ledger, run, told, begin, call } = await scene();
  const { actor } = begin();
  await run(SECOND_MS);
  const { deal, terms } = opened(told)!;
  t.match(await ledger.deal(deal), { state: 'open', remaining: 1_600n });
  actor.tell({ type: 'joined', provider: provider.account, acceptance: acceptance(deal) });
  await run(SECOND_MS);
  t.match(await ledger.share(deal, provider.account), { state: 'locked', allocated: 100n });
  actor.tell({ type: 'owed', provider: provider.account, amount: 80n });
  await run(SECOND_MS);
  t.match(await ledger.share(deal, provider.account), { allocated: 200n }, 'before it is used up');
  actor.tell({ type: 'ended', root: word(7) });
  await run(SECOND_MS);
  t.equal(await ledger.anchored(agent.account, word(BigInt(deal))), word(7));
  await run((pay.workS + 3 * pay.windowS) * SECOND_MS + MINUTE_MS);
  t.match(await ledger.deal(deal), { state: 'closed' });
  t.equal(await ledger.balance(requester.account), 5_000n, 'nothing was redeemed, so all of it is back');
  await call(provider, { type: 'release', terms, provider: provider.account });
  t.match(await ledger.stake(provider.account), { staked: 500n, locked: 0n });
});

t.test('without the deposit there is no deal, and the treasury hears why', async (t) => {
  const { run, told, begin } = await scene(100n);
  begin();
  await run(SECOND_MS);
  t.match(told, [{ type: 'settling', batch, effect: { type: 'failed', error: 'BalanceTooLow' } }]);
});

t.test('an account that is locked delays the deal, and says so, until it signs', async (t) => {
  const { ledger, run, told, delays, begin } = await scene();
  const reason = 'the account is locked';
  let locked = true;
  begin({
    signTyped: async (data) => {
      if (locked) throw new RangeError(reason);
      return requester.signTyped(data);
    },
  });
  await run(6 * SECOND_MS);
  t.match(delays, [reason, reason]);
  locked = false;
  await run(6 * SECOND_MS);
  t.match(await ledger.deal(opened(told)!.deal), { state: 'open' });
  t.match(delays.at(-1), `${agent.account} pays the gas`);
  t.match(opened(told)!.terms, { requester: requester.account, agent: agent.account });
});

t.test('no terms are made from the time of a chain that stands still', async (t) => {
  const { chain, run, told, delays, begin } = await scene();
  chain.halt();
  begin();
  await run(SECOND_MS);
  t.match(delays, [/stopped/]);
  chain.resume();
  await run(6 * SECOND_MS);
  t.ok(opened(told));
});

t.test('who begins anew with its treasury tells all that it had told', async (t) => {
  const { run, told, begin } = await scene();
  const first = begin();
  await run(SECOND_MS);
  const { deal } = opened(told)!;
  first.actor.tell({ type: 'joined', provider: provider.account, acceptance: acceptance(deal) });
  await run(SECOND_MS);
  const before = told.splice(0).map(({ effect }) => effect);
  const ended = first.end();
  await run(SECOND_MS);
  await ended;
  begin();
  await run(SECOND_MS);
  t.same(
    told.map(({ effect }) => effect),
    before,
  );
  t.match(before, [{ type: 'opened' }, { type: 'allocated', allocated: 100n }]);
});

t.test('a chain that stands still delays, and a crash in between loses and repeats nothing', async (t) => {
  const { chain, ledger, journal, run, told, begin } = await scene();
  const first = begin();
  await run(SECOND_MS);
  const { deal } = opened(told)!;
  chain.halt();
  first.actor.tell({ type: 'joined', provider: provider.account, acceptance: acceptance(deal) });
  first.actor.tell({ type: 'ended', root: word(7) });
  await run(SECOND_MS);
  const ended = first.end();
  await run(SECOND_MS);
  await ended;
  let entries = 0;
  for await (const _ of journal.replay(settlementStream(batch))) entries += 1;
  t.ok(entries > 0, 'what was wanted is in the journal');
  begin();
  await run(SECOND_MS);
  chain.resume();
  await run(10 * SECOND_MS);
  t.match(
    await ledger.share(deal, provider.account),
    { state: 'locked', allocated: 100n },
    'once, not twice',
  );
  t.equal(await ledger.anchored(agent.account, word(BigInt(deal))), word(7));
});
