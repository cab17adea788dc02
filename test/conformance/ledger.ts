/**
 * What every binding of the `Ledger` port promises. Each test gets a ground of its own: a fresh chain with
 * the contracts on it, holders with tokens whose calls the ledger can send, and a clock that can be moved on.
 */

import type { Test } from 'tap';
import type { HotSigner, TypedDomain } from '../../src/connectivity/index.ts';
import { WINDOW_S_MIN } from '../../src/resource/deal.ts';
import type {
  IntentId,
  IntentOutcome,
  Ledger,
  LedgerCall,
  LedgerNews,
  Seconds,
} from '../../src/resource/ledger.ts';
import { DealCalls, type Words } from '../resource/deal-calls.ts';
import {
  agent,
  provider,
  requester,
  seconds,
  signerOf,
  stranger,
  termsOf,
  word,
  worker,
} from '../resource/deal-papers.ts';

export interface LedgerGround {
  readonly domain: TypedDomain;
  /** Connects; what was intended before it was last closed is remembered. At most one is open at a time. */
  open(): Promise<Ledger>;
  /** The next block has this time, which is later than that of any block so far. */
  warp(time: Seconds): Promise<void>;
}

/** Each of `holders` has `tokens`, and as much ether at least, and the ledger can send its calls. */
export type MakeLedgerGround = (
  t: Test,
  holders: readonly HotSigner[],
  tokens: bigint,
) => Promise<LedgerGround>;

export async function ledgerConformance(t: Test, makeGround: MakeLedgerGround): Promise<void> {
  await t.test('intents', (t) => intentTests(t, makeGround));
  await t.test('money and stake', (t) => moneyTests(t, makeGround));
  await t.test('voucher mode: open, allocate, redeem, close', (t) => voucherTest(t, makeGround));
  await t.test('quorum mode: sealed, opened, judged; the minority burns its stake', (t) =>
    quorumTest(t, makeGround),
  );
}

const TOKENS = 10_000n;
/** Guards against a binding that never answers; nobody waits for it otherwise. */
const PATIENCE_MS = 60_000;
const other = signerOf(20);
const third = signerOf(21);
const holders = [requester, agent, provider, worker, stranger, other, third];

/** One chain with its ledger open, and calls as one would say them. */
class Stage {
  readonly ground: LedgerGround;
  readonly news: LedgerNews[] = [];
  ledger: Ledger;
  #intents = 0;

  private constructor(ground: LedgerGround, ledger: Ledger) {
    this.ground = ground;
    this.ledger = ledger;
  }

  static async set(t: Test, makeGround: MakeLedgerGround): Promise<Stage> {
    const ground = await makeGround(t, holders, TOKENS);
    const stage = new Stage(ground, await ground.open());
    stage.ledger.follow((news) => stage.news.push(news));
    t.teardown(() => stage.ledger.close());
    return stage;
  }

  id(): IntentId {
    return `intent ${this.#intents++}/a step` as IntentId;
  }

  outcome(id: IntentId): Promise<IntentOutcome> {
    return this.ledger.outcome(id, AbortSignal.timeout(PATIENCE_MS));
  }

  /** The name of the error, or `ok`. */
  async call(from: HotSigner, call: LedgerCall): Promise<string> {
    const id = this.id();
    await this.ledger.intend({ id, from: from.account, call });
    const outcome = await this.outcome(id);
    return outcome.type === 'refused' ? outcome.error : 'ok';
  }

  async must(from: HotSigner, call: LedgerCall): Promise<void> {
    const said = await this.call(from, call);
    if (said !== 'ok') throw new TypeError(`${call.type} was refused: ${said}`);
  }

  async fund(amount: bigint): Promise<void> {
    await this.must(requester, { type: 'approve', spender: 'market', amount });
    await this.must(requester, { type: 'deposit', amount });
  }

  async join(owner: HotSigner, workers: readonly HotSigner[], stake: bigint): Promise<void> {
    const keys = workers.map(({ account }) => account);
    await this.must(owner, { type: 'register', payout: owner.account, workers: keys });
    await this.must(owner, { type: 'approve', spender: 'registry', amount: stake });
    await this.must(owner, { type: 'stake', amount: stake });
  }

  /** A deal whose phases begin as soon as they may, counted from the chain's clock. */
  async deal(): Promise<DealCalls> {
    const { time } = await this.ledger.health();
    const end = (phase: number) => seconds(time + phase * 2 * WINDOW_S_MIN);
    const phases = { workUntil: end(1), revealUntil: end(2), disputeUntil: end(3), redeemUntil: end(4) };
    return new DealCalls(this.ground.domain, termsOf(phases));
  }
}

async function intentTests(t: Test, makeGround: MakeLedgerGround): Promise<void> {
  await t.test('the same intent twice is done once', async (t) => {
    const stage = await Stage.set(t, makeGround);
    const id = stage.id();
    const call = { type: 'transfer', to: stranger.account, amount: 10n } as const;
    const intent = { id, from: requester.account, call };
    await Promise.all([stage.ledger.intend(intent), stage.ledger.intend(intent)]);
    t.equal((await stage.outcome(id)).type, 'done');
    await stage.ledger.intend(intent);
    t.same(await stage.outcome(id), await stage.outcome(id));
    t.equal(await stage.ledger.tokens(stranger.account), TOKENS + 10n);
  });

  await t.test('intents of one account are carried out in their order', async (t) => {
    const stage = await Stage.set(t, makeGround);
    const calls: readonly LedgerCall[] = [
      { type: 'approve', spender: 'market', amount: 100n },
      { type: 'deposit', amount: 60n },
      { type: 'deposit', amount: 41n },
      { type: 'withdraw', to: other.account, amount: 60n },
    ];
    const ids = calls.map(() => stage.id());
    for (const [place, call] of calls.entries()) {
      await stage.ledger.intend({ id: ids[place]!, from: requester.account, call });
    }
    const outcomes = await Promise.all(ids.map((id) => stage.outcome(id)));
    t.same(
      outcomes.map((outcome) => (outcome.type === 'refused' ? outcome.error : 'ok')),
      ['ok', 'ok', 'ERC20InsufficientAllowance', 'ok'],
    );
    t.equal(await stage.ledger.tokens(other.account), TOKENS + 60n);
  });

  await t.test('an outcome is remembered by whoever opens the ledger again', async (t) => {
    const stage = await Stage.set(t, makeGround);
    const [done, refused] = [stage.id(), stage.id()];
    const transfer = { type: 'transfer', to: stranger.account, amount: 1n } as const;
    await stage.ledger.intend({ id: done, from: requester.account, call: transfer });
    const tooMuch = { ...transfer, amount: TOKENS };
    await stage.ledger.intend({ id: refused, from: requester.account, call: tooMuch });
    const before = [await stage.outcome(done), await stage.outcome(refused)];
    t.match(before, [{ type: 'done' }, { type: 'refused', error: 'ERC20InsufficientBalance' }]);
    await stage.ledger.close();
    stage.ledger = await stage.ground.open();
    t.same([await stage.outcome(done), await stage.outcome(refused)], before);
    await stage.ledger.intend({ id: done, from: requester.account, call: transfer });
    t.equal(await stage.ledger.tokens(stranger.account), TOKENS + 1n);
  });

  await t.test('whoever waits can stop waiting, and what nobody intended has no outcome', async (t) => {
    const stage = await Stage.set(t, makeGround);
    await t.rejects(stage.outcome('never' as IntentId), { code: 'RESOURCE_INTENT_UNKNOWN' });
    const id = stage.id();
    const call = { type: 'transfer', to: stranger.account, amount: 1n } as const;
    await stage.ledger.intend({ id, from: requester.account, call });
    const reason = new TypeError('enough');
    await t.rejects(stage.ledger.outcome(id, AbortSignal.abort(reason)), reason);
    t.equal((await stage.outcome(id)).type, 'done', 'the intent went on');
    await stage.ledger.close();
    await t.rejects(stage.ledger.intend({ id: stage.id(), from: requester.account, call }), {
      code: 'RESOURCE_LEDGER_CLOSED',
    });
    await t.resolves(stage.ledger.close(), 'closing twice is closing once');
  });
}

async function moneyTests(t: Test, makeGround: MakeLedgerGround): Promise<void> {
  await t.test('the chain is well, and its blocks count', async (t) => {
    const stage = await Stage.set(t, makeGround);
    const before = await stage.ledger.health();
    t.match(before, { chainId: stage.ground.domain.chainId, healthy: true, reason: null });
    await stage.fund(1n);
    const after = await stage.ledger.health();
    t.ok(after.block > before.block);
    t.ok(after.time >= before.time);
  });

  await t.test('what is unknown reads as nothing', async (t) => {
    const { ledger, ground } = await Stage.set(t, makeGround);
    const { deal } = new DealCalls(ground.domain, termsOf());
    t.equal(await ledger.tokens(signerOf(99).account), 0n);
    t.equal(await ledger.balance(requester.account), 0n);
    t.same(await ledger.stake(provider.account), { staked: 0n, locked: 0n, unbonding: 0n, readyAt: 0 });
    t.equal(await ledger.providerOf(worker.account), undefined);
    t.equal(await ledger.payoutOf(provider.account), undefined);
    t.same(await ledger.deal(deal), { state: 'none', remaining: 0n, promised: 0n });
    t.match(await ledger.share(deal, provider.account), { state: 'none', allocated: 0n, openCases: 0 });
    t.same(await ledger.caseOf(deal, word(1)), { testimonies: [], settled: false });
    t.equal(await ledger.anchored(requester.account, word(1)), undefined);
  });

  await t.test('ether goes from account to account', async (t) => {
    const stage = await Stage.set(t, makeGround);
    const nobody = signerOf(98).account;
    const before = await stage.ledger.ether(requester.account);
    t.equal(await stage.call(requester, { type: 'sendEther', to: nobody, amount: 5n }), 'ok');
    t.equal(await stage.ledger.ether(nobody), 5n);
    const tooMuch = { type: 'sendEther', to: nobody, amount: 2n ** 95n } as const;
    t.equal(await stage.call(requester, tooMuch), 'EtherTooLow');
    t.ok((await stage.ledger.ether(requester.account)) <= before - 5n, 'it is gone, and so may gas be');
  });

  await t.test('a provider has keys and stake', async (t) => {
    const stage = await Stage.set(t, makeGround);
    await stage.join(provider, [worker], 500n);
    await stage.must(provider, { type: 'addWorker', worker: agent.account });
    await stage.must(provider, { type: 'removeWorker', worker: worker.account });
    await stage.must(provider, { type: 'setPayout', payout: stranger.account });
    await stage.must(provider, { type: 'requestUnstake', amount: 200n });
    const { ledger } = stage;
    t.equal(await ledger.providerOf(agent.account), provider.account);
    t.equal(await ledger.providerOf(worker.account), undefined);
    t.equal(await ledger.payoutOf(provider.account), stranger.account);
    const { readyAt, ...stake } = await ledger.stake(provider.account);
    t.same(stake, { staked: 500n, locked: 0n, unbonding: 200n });
    t.equal(await stage.call(provider, { type: 'unstake' }), 'CoolingDown');
    await stage.ground.warp(readyAt);
    await stage.must(provider, { type: 'unstake' });
    t.equal(await ledger.tokens(provider.account), TOKENS - 300n);
  });

  await t.test('an anchor holds for ever', async (t) => {
    const stage = await Stage.set(t, makeGround);
    const anchor = { type: 'anchor', subject: word(1), root: word(2) } as const;
    await stage.must(requester, anchor);
    t.equal(await stage.call(requester, { ...anchor, root: word(3) }), 'AlreadyAnchored');
    t.equal(await stage.ledger.anchored(requester.account, word(1)), word(2));
  });
}

async function voucherTest(t: Test, makeGround: MakeLedgerGround): Promise<void> {
  const stage = await Stage.set(t, makeGround);
  await stage.fund(5_000n);
  await stage.join(provider, [worker], 500n);
  const calls = await stage.deal();
  const { deal, terms } = calls;
  await stage.must(stranger, calls.open());
  await stage.must(agent, calls.allocate(600n));
  await stage.must(stranger, calls.redeem(250n));
  t.equal(await stage.call(stranger, calls.redeem(250n)), 'NothingToDo');
  t.same(await stage.ledger.deal(deal), { state: 'open', remaining: 750n, promised: 350n });
  t.match(await stage.ledger.share(deal, provider.account), {
    allocated: 600n,
    paid: 250n,
    state: 'locked',
  });
  t.equal(await stage.call(agent, calls.allocate(401n)), 'BudgetExceeded');
  await stage.must(worker, calls.of('relinquish'));
  await stage.ground.warp(seconds(terms.workUntil + 1));
  await stage.must(stranger, calls.of('release'));
  await stage.must(stranger, calls.close());
  t.equal(await stage.ledger.balance(provider.account), 250n);
  t.equal(await stage.ledger.balance(requester.account), 4_750n);
  t.match(await stage.ledger.stake(provider.account), { staked: 500n, locked: 0n });
  const of = { deal, provider: provider.account };
  t.same(stage.news, [
    { type: 'dealOpened', deal, terms },
    { type: 'allocated', ...of, allocated: 600n },
    { type: 'redeemed', ...of, amount: 250n },
    { type: 'released', ...of, stake: 100n },
    { type: 'dealClosed', deal, refund: 750n },
  ]);
}

async function quorumTest(t: Test, makeGround: MakeLedgerGround): Promise<void> {
  const stage = await Stage.set(t, makeGround);
  const owners = [provider, other, third];
  const said: readonly Words[] = [[[0, 7]], [[0, 7]], [[0, 8]]];
  await stage.fund(5_000n);
  for (const owner of owners) await stage.join(owner, [], 500n);
  const calls = await stage.deal();
  const { deal, terms } = calls;
  await stage.must(requester, calls.open());
  for (const [place, owner] of owners.entries()) {
    await stage.must(agent, calls.allocate(200n, owner, owner));
    await stage.must(stranger, calls.commit(1, said[place]!, owner, owner));
  }
  await stage.ground.warp(seconds(terms.workUntil + 1));
  for (const [place, owner] of owners.entries()) {
    await stage.must(stranger, calls.reveal(1, said[place]!, owner));
    await stage.must(stranger, calls.testify(1, said[place]!, 0, owner));
  }
  const testimonies = owners.map(({ account }, place) => ({
    provider: account,
    digest: word(said[place]![0]![1]),
  }));
  t.same(await stage.ledger.caseOf(deal, calls.unit(0)), { testimonies, settled: false });
  t.equal(await stage.call(stranger, calls.settle(0)), 'TooEarly');
  await stage.ground.warp(seconds(terms.disputeUntil + 1));
  await stage.must(stranger, calls.settle(0));
  await stage.must(stranger, calls.redeem(200n, 1, other));
  t.equal(await stage.call(stranger, calls.redeem(200n, 1, third)), 'ShareSlashed');
  t.equal(await stage.ledger.balance(other.account), 200n);
  t.match(await stage.ledger.share(deal, third.account), { state: 'slashed' });
  t.match(await stage.ledger.stake(third.account), { staked: 400n, locked: 0n });
  t.ok((await stage.ledger.caseOf(deal, calls.unit(0))).settled);
  t.match(stage.news.slice(-3), [
    { type: 'slashed', deal, provider: third.account, stake: 100n },
    { type: 'settled', deal, unit: calls.unit(0), digest: word(7) },
    { type: 'redeemed', deal, provider: other.account, amount: 200n },
  ]);
}
