import t, { type Test } from 'tap';
import { memoryJournal, SECOND_MS, systemClock } from '../../src/actors/index.ts';
import type { DealId, LedgerNews } from '../../src/resource/ledger.ts';
import { openEvmLedger } from '../../src/resource/ledger-evm.ts';
import { ledgerConformance } from '../conformance/ledger.ts';
import { anvilMissing, CHAIN_ID, sharedChain } from './anvil.ts';
import { DealCalls } from './deal-calls.ts';
import { GENESIS, requester, stranger, termsOf, word } from './deal-papers.ts';
import { LedgerStage, pay, payee } from './ledger-stage.ts';
import { behind, honest, type RpcProxy, startProxy } from './rpc-proxy.ts';

// Each part starts a chain of its own: a busy machine needs a second or two for one.
t.setTimeout(110_000);

const skip = (await anvilMissing()) ?? false;

let takeChain: ReturnType<typeof sharedChain> | undefined;

t.test('conformance', { skip }, (t) =>
  ledgerConformance(t, async (_, holders, amount) => {
    takeChain ??= sharedChain(t, holders, amount);
    const { url, contracts, domain, rpc } = await takeChain();
    const journal = memoryJournal();
    return {
      domain,
      open: () =>
        openEvmLedger({
          rpc: [url],
          chainId: CHAIN_ID,
          contracts,
          confirmations: 1,
          journal,
          signers: holders,
          clock: systemClock(),
          pollMs: 10,
        }),
      async warp(time) {
        await rpc('evm_setNextBlockTimestamp', time);
        await rpc('evm_mine');
      },
    };
  }),
);

/** Besides the one that the stage has; `mode` and `rule` are for each. */
async function another(t: Test, stage: LedgerStage): Promise<RpcProxy> {
  const proxy = await startProxy(stage.chain.url);
  t.teardown(() => proxy.stop());
  return proxy;
}

async function paidOnce(t: Test, stage: LedgerStage): Promise<void> {
  t.equal((await stage.brought('one')).type, 'done');
  t.equal(await stage.chain.tokens(payee.account), 30n, 'paid, and paid once');
  t.equal(await stage.count(), 1, 'by one transaction');
}

t.test('the chain is down', { skip }, async (t) => {
  const stage = await LedgerStage.set(t);
  for (const mode of ['cut', 'babbles'] as const) {
    stage.proxy.mode = mode;
    await stage.reopen();
    const health = await stage.ledger.health();
    t.match(health, { chainId: CHAIN_ID, healthy: false, reason: /cannot be asked|no answer/ }, mode);
  }
  await stage.intend('one', pay(30n));
  await t.rejects(stage.ledger.tokens(payee.account), { code: 'RESOURCE_CHAIN_SILENT' });
  stage.proxy.mode = 'up';
  await paidOnce(t, stage);
  t.match(await stage.ledger.health(), { healthy: true, reason: null });
});

t.test('the chain stands still', { skip }, async (t) => {
  const later = { ...systemClock(), now: () => (GENESIS + 100_000) * SECOND_MS };
  const stage = await LedgerStage.set(t, { clock: later });
  const health = await stage.ledger.health();
  t.match(health, { healthy: false, reason: /newest block is \d+ s old/ });
  t.ok(health.ageMs > 90_000 * SECOND_MS);
});

t.test('a node of another chain is told nothing', { skip }, async (t) => {
  const stage = await LedgerStage.set(t, {}, (question, ask) =>
    question.method === 'eth_chainId' ? { result: '0x1' } : ask(question),
  );
  await stage.intend('one', pay(30n));
  t.match(await stage.ledger.health(), { healthy: false, reason: /of chain 1, not 31337/ });
  await stage.asked('eth_chainId', 3);
  t.equal(stage.proxy.asked.get('eth_sendRawTransaction'), undefined);
  stage.proxy.rule = honest;
  await paidOnce(t, stage);
});

t.test('several nodes', { skip }, async (t) => {
  await t.test('one dies with the transaction in its pool: it is in the others too', async (t) => {
    const stage = await LedgerStage.set(t);
    const second = await another(t, stage);
    await stage.reopen({ rpc: [second.url, stage.proxy.url] });
    await stage.intend('one', pay(30n));
    await stage.asked('eth_sendRawTransaction');
    t.ok(second.asked.get('eth_sendRawTransaction'));
    second.mode = 'cut';
    await paidOnce(t, stage);
  });

  await t.test('one hangs, from the first question on or later: the other does it all', async (t) => {
    // What a node may take to answer is seconds; here it is a twentieth of that.
    const system = systemClock();
    const clock = { ...system, after: (ms: number, then: () => void) => system.after(ms / 20, then) };
    const stage = await LedgerStage.set(t, { clock });
    const second = await another(t, stage);
    second.mode = 'hangs';
    await stage.reopen({ rpc: [second.url, stage.proxy.url] });
    t.match(await stage.ledger.health(), { healthy: true, reason: null });
    const third = await another(t, stage);
    await stage.reopen({ rpc: [second.url, third.url, stage.proxy.url] });
    await stage.intend('one', pay(30n));
    await stage.asked('eth_sendRawTransaction');
    third.mode = 'hangs';
    await paidOnce(t, stage);
  });

  await t.test('one lags behind what was mined: nothing vanishes, and nothing is signed anew', async (t) => {
    const stage = await LedgerStage.set(t);
    const second = await another(t, stage);
    second.rule = behind(Number(await stage.chain.rpc('eth_blockNumber')));
    await stage.reopen({ rpc: [second.url, stage.proxy.url] });
    await stage.intend('one', pay(30n));
    await stage.asked('eth_sendRawTransaction');
    await stage.chain.mine(1);
    await stage.heard('ledger.mined');
    stage.proxy.mode = 'cut';
    await stage.heard('ledger.endpoint');
    const looks = second.asked.get('eth_chainId')!;
    while (second.asked.get('eth_chainId')! < looks + 5) await stage.ledger.health();
    t.notOk(stage.has('ledger.vanished'));
    t.notOk(stage.has('ledger.signed'));
    stage.proxy.mode = 'up';
    await paidOnce(t, stage);
  });
});

t.test('the chain is rewritten below what was told', { skip }, async (t) => {
  const stage = await LedgerStage.set(t);
  const [first, second] = [7, 8].map((salt) => {
    const terms = termsOf({ requester: requester.account, budget: 400n, salt: word(salt) });
    return new DealCalls(stage.chain.domain, terms);
  }) as [DealCalls, DealCalls];
  const told: DealId[] = [];
  const ears = new Map<DealId, () => void>();
  const toldOf = (deal: DealId) => new Promise<void>((resolve) => void ears.set(deal, resolve));
  stage.ledger.follow((news) => {
    if (news.type !== 'dealOpened') return;
    told.push(news.deal);
    ears.get(news.deal)?.();
  });
  const openings = [toldOf(first.deal), toldOf(second.deal)];
  await stage.intend('approve', { type: 'approve', spender: 'market', amount: 1_000n });
  await stage.intend('deposit', { type: 'deposit', amount: 1_000n });
  await stage.intend('first', first.open());
  await stage.brought('first');
  await openings[0];
  await stage.chain.rewrite(4);
  t.match(await stage.heard('ledger.rewritten'), { level: 'error' });
  await stage.intend('second', second.open());
  t.equal((await stage.brought('second')).type, 'done');
  await openings[1];
  t.same(told, [first.deal, second.deal], 'what came true again is not told again');
  t.match(await stage.ledger.deal(first.deal), { state: 'open', remaining: 400n });
});

t.test('who opens it without a key follows what is in the air, and signs nothing', { skip }, async (t) => {
  const stage = await LedgerStage.set(t);
  await stage.intend('one', pay(30n));
  await stage.asked('eth_sendRawTransaction');
  await stage.reopen({ signers: [stranger] });
  await t.rejects(stage.intend('two', pay(1n)), { code: 'RESOURCE_SIGNER_MISSING' });
  await paidOnce(t, stage);
});

t.test('closing ends the waiting, and not the intent', { skip }, async (t) => {
  const stage = await LedgerStage.set(t);
  await stage.intend('one', pay(30n));
  const waiting = stage.outcome('one');
  await stage.ledger.close();
  const closed = { code: 'RESOURCE_LEDGER_CLOSED' };
  await t.rejects(waiting, closed);
  await t.rejects(stage.ledger.health(), closed);
  await t.rejects(stage.ledger.tokens(payee.account), closed);
  await stage.reopen();
  await paidOnce(t, stage);
});

t.test(
  'a listener that breaks ends the ledger aloud: it is told again after the defect',
  { skip },
  async (t) => {
    const stage = await LedgerStage.set(t);
    const terms = termsOf({ requester: requester.account });
    const calls = new DealCalls(stage.chain.domain, terms);
    stage.ledger.follow(() => {
      throw new TypeError('a defect');
    });
    await stage.intend('approve', { type: 'approve', spender: 'market', amount: 1_000n });
    await stage.brought('approve');
    await stage.intend('deposit', { type: 'deposit', amount: 1_000n });
    await stage.brought('deposit');
    await stage.intend('open', calls.open());
    const broken = { code: 'RESOURCE_LEDGER_BROKEN', message: /a defect/ };
    await t.rejects(stage.brought('open'), broken);
    t.match(await stage.heard('ledger.ended'), { level: 'error' });
    await stage.reopen();
    const { promise, resolve } = Promise.withResolvers<LedgerNews>();
    stage.ledger.follow(resolve);
    t.same(await promise, { type: 'dealOpened', deal: calls.deal, terms });
    t.equal((await stage.brought('open')).type, 'done');
  },
);
