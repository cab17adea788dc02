import { Transaction } from 'ethers';
import t, { type Test } from 'tap';
import { memoryJournal } from '../../src/actors/index.ts';
import type { RawTransaction } from '../../src/connectivity/index.ts';
import { callRequest } from '../../src/resource/contract-calls.ts';
import { anvilMissing, CHAIN_ID } from './anvil.ts';
import { requester, stranger } from './deal-papers.ts';
import { LedgerStage, pay, payee } from './ledger-stage.ts';
import { honest, type Rule } from './rpc-proxy.ts';

// Each part starts a chain of its own: a busy machine needs a second or two for one.
t.setTimeout(110_000);

const skip = (await anvilMissing()) ?? false;

/** Takes transactions, says that it has them, and loses them. */
const losing: Rule = (question, ask) =>
  question.method === 'eth_sendRawTransaction'
    ? { result: Transaction.from(question.params[0] as string).hash }
    : ask(question);

/** Paid once and not more: tokens at the payee, transactions of the account. */
async function paidOnce(t: Test, stage: LedgerStage): Promise<void> {
  t.equal(await stage.chain.tokens(payee.account), 30n, 'paid, and paid once');
  t.equal(await stage.count(), 1, 'by one transaction');
}

t.test('a crash', { skip }, async (t) => {
  await t.test('before anything was signed: the intent is carried out by the next process', async (t) => {
    const stage = await LedgerStage.set(t);
    stage.proxy.mode = 'cut';
    await stage.intend('one', pay(30n));
    await stage.crash();
    await stage.heard('ledger.signed');
    await stage.asked('eth_sendRawTransaction');
    await stage.chain.mine(3);
    t.equal((await stage.outcome('one')).type, 'done');
    await paidOnce(t, stage);
  });

  await t.test('between journal and send: the same transaction is sent', async (t) => {
    const stage = await LedgerStage.set(t, {}, losing);
    await stage.intend('one', pay(30n));
    await stage.asked('eth_sendRawTransaction');
    await stage.crash();
    await stage.asked('eth_sendRawTransaction');
    t.notOk(stage.has('ledger.signed'), 'nothing was signed anew');
    await stage.chain.mine(3);
    t.equal((await stage.outcome('one')).type, 'done');
    await paidOnce(t, stage);
  });

  await t.test('between send and mined: it is found when it is mined', async (t) => {
    const stage = await LedgerStage.set(t);
    await stage.intend('one', pay(30n));
    await stage.asked('eth_sendRawTransaction');
    await stage.crash();
    await stage.chain.mine(3);
    t.equal((await stage.outcome('one')).type, 'done');
    await paidOnce(t, stage);
  });

  await t.test('between mined and confirmed: it is told when it is deep enough', async (t) => {
    const stage = await LedgerStage.set(t);
    await stage.intend('one', pay(30n));
    await stage.asked('eth_sendRawTransaction');
    await stage.chain.mine(1);
    await stage.heard('ledger.mined');
    await stage.crash();
    await stage.intend('one', pay(30n));
    await stage.chain.mine(2);
    t.match(await stage.outcome('one'), { type: 'done', gasUsed: BigInt });
    await paidOnce(t, stage);
  });

  await t.test(
    'after all: the outcome outlives the machine, and the same name is never done again',
    async (t) => {
      const stage = await LedgerStage.set(t);
      await stage.intend('one', pay(30n));
      await stage.asked('eth_sendRawTransaction');
      await stage.chain.mine(9);
      await stage.heard('ledger.settled');
      const before = await stage.outcome('one');
      await stage.crash();
      await stage.intend('one', pay(30n));
      await stage.intend('two', { type: 'approve', spender: 'market', amount: 1n });
      await stage.heard('ledger.signed');
      t.same(await stage.outcome('one'), before);
      t.equal(await stage.chain.tokens(payee.account), 30n);
    },
  );
});

t.test('fees', { skip }, async (t) => {
  await t.test('what blocks pass by is offered more, under the same nonce', async (t) => {
    const stage = await LedgerStage.set(t);
    await stage.intend('one', pay(30n));
    await stage.asked('eth_sendRawTransaction');
    const dear = 50_000_000_000n;
    for (let block = 0; block < 3; block += 1) {
      await stage.chain.rpc('anvil_setNextBlockBaseFeePerGas', `0x${dear.toString(16)}`);
      await stage.chain.mine(1);
    }
    await stage.heard('ledger.signed');
    await stage.heard('ledger.signed');
    await stage.asked('eth_sendRawTransaction');
    await stage.chain.mine(3);
    const outcome = await stage.outcome('one');
    t.equal(outcome.type, 'done');
    const { transaction } = outcome as { transaction: string };
    const mined = (await stage.chain.rpc('eth_getTransactionByHash', transaction)) as Record<string, string>;
    t.ok(BigInt(mined['maxFeePerGas']!) > dear, 'more than the blocks asked');
    await paidOnce(t, stage);
  });

  await t.test('above the cap nothing is offered: a dear chain is waited for', async (t) => {
    const stage = await LedgerStage.set(t, { feeCap: 3_000_000_000n });
    await stage.intend('one', pay(30n));
    await stage.heard('ledger.signed');
    await stage.asked('eth_sendRawTransaction');
    for (let block = 0; block < 6; block += 1) {
      await stage.chain.rpc('anvil_setNextBlockBaseFeePerGas', '0xba43b7400');
      await stage.chain.mine(1);
      await stage.asked('eth_sendRawTransaction', 2);
    }
    t.equal(await stage.chain.tokens(payee.account), 0n);
    await stage.chain.rpc('anvil_setNextBlockBaseFeePerGas', '0x3b9aca00');
    t.equal((await stage.brought('one')).type, 'done');
    await paidOnce(t, stage);
  });
});

t.test('pools forget: what was dropped is sent again', { skip }, async (t) => {
  const stage = await LedgerStage.set(t);
  await stage.intend('one', pay(30n));
  await stage.asked('eth_sendRawTransaction');
  await stage.chain.rpc('anvil_dropAllTransactions');
  await stage.asked('eth_sendRawTransaction', 2);
  await stage.chain.mine(3);
  t.equal((await stage.outcome('one')).type, 'done');
  await paidOnce(t, stage);
});

t.test('the chain is rewritten', { skip }, async (t) => {
  await t.test('below the confirmations: it is mined again, with its own nonce', async (t) => {
    const stage = await LedgerStage.set(t);
    await stage.intend('one', pay(30n));
    await stage.asked('eth_sendRawTransaction');
    await stage.chain.mine(2);
    await stage.heard('ledger.mined');
    await stage.chain.rewrite(2);
    await stage.heard('ledger.vanished');
    await stage.asked('eth_sendRawTransaction');
    await stage.chain.mine(3);
    t.equal((await stage.outcome('one')).type, 'done');
    await paidOnce(t, stage);
  });

  await t.test('as deep as what was told: that is said aloud, and comes true again', async (t) => {
    const stage = await LedgerStage.set(t);
    await stage.intend('one', pay(30n));
    await stage.intend('two', pay(5n));
    await stage.asked('eth_sendRawTransaction');
    await stage.chain.mine(1);
    await stage.heard('ledger.mined');
    await stage.heard('ledger.signed');
    await stage.asked('eth_sendRawTransaction');
    await stage.chain.mine(3);
    const before = [await stage.outcome('one'), await stage.outcome('two')];
    t.match(before, [{ type: 'done' }, { type: 'done' }]);
    await stage.chain.rewrite(5);
    await stage.heard('ledger.undone');
    await stage.asked('eth_sendRawTransaction', 4);
    await stage.chain.mine(3);
    t.match([await stage.outcome('one'), await stage.outcome('two')], [{ type: 'done' }, { type: 'done' }]);
    t.equal(await stage.chain.tokens(payee.account), 35n);
    t.equal(await stage.count(), 2);
  });
});

t.test('a stranger with the same key', { skip }, async (t) => {
  /** Past the ledger, from the same account, paying another. */
  const intrude = async (stage: LedgerStage, nonce: number, gwei: bigint) => {
    const call = { type: 'transfer', to: stranger.account, amount: 7n } as const;
    const { to, data } = callRequest(requester.account, call, stage.chain.contracts);
    const fees = {
      gasLimit: 100_000n,
      maxFeePerGas: gwei * 10n ** 9n,
      maxPriorityFeePerGas: gwei * 10n ** 9n,
    };
    const unsigned = Transaction.from({ type: 2, chainId: CHAIN_ID, nonce, to, data, ...fees });
    const raw = requester.signTransaction(unsigned.unsignedSerialized as RawTransaction);
    return (await stage.chain.rpc('eth_sendRawTransaction', raw)) as string;
  };

  await t.test('takes our nonce: another is used once the first can never be ours', async (t) => {
    const stage = await LedgerStage.set(t);
    await stage.intend('one', pay(30n));
    await stage.asked('eth_sendRawTransaction');
    await intrude(stage, 0, 400n);
    await stage.chain.mine(7);
    await stage.asked('eth_sendRawTransaction', 3);
    t.notOk(stage.has('ledger.displaced'), 'seven blocks can still be undone');
    await stage.chain.mine(1);
    await stage.heard('ledger.displaced');
    await stage.heard('ledger.signed');
    await stage.asked('eth_sendRawTransaction');
    await stage.chain.mine(3);
    t.equal((await stage.outcome('one')).type, 'done');
    t.equal(await stage.chain.tokens(payee.account), 30n);
    t.equal(await stage.chain.tokens(stranger.account), 1_007n);
    t.equal(await stage.count(), 2);
  });

  await t.test('leaves a gap below us: it is filled with nothing', async (t) => {
    const stage = await LedgerStage.set(t);
    const hash = await intrude(stage, 0, 5n);
    await stage.intend('one', pay(30n));
    const { details } = await stage.heard('ledger.signed');
    t.match(details, { intent: 'one' });
    await stage.asked('eth_sendRawTransaction');
    await stage.chain.rpc('anvil_dropTransaction', hash);
    await stage.chain.mine(10);
    t.match((await stage.heard('ledger.signed')).details, { intent: null });
    await stage.asked('eth_sendRawTransaction', 2);
    await stage.chain.mine(3);
    t.equal((await stage.outcome('one')).type, 'done');
    t.equal(await stage.chain.tokens(payee.account), 30n);
    t.equal(await stage.chain.tokens(stranger.account), 1_000n);
    t.equal(await stage.count(), 2);
  });
});

t.test('the contracts say no', { skip }, async (t) => {
  /** A node that takes everything for possible. */
  const hopeful =
    (gas: string): Rule =>
    (question, ask) =>
      question.method === 'eth_estimateGas' ? { result: gas } : ask(question);

  await t.test('beforehand: refused by its name, as deep as a success, and nothing is sent', async (t) => {
    const stage = await LedgerStage.set(t);
    await stage.intend('one', pay(5_000n));
    await stage.heard('ledger.rejected');
    const outcome = stage.outcome('one');
    await stage.chain.mine(2);
    t.same(await outcome, { type: 'refused', error: 'ERC20InsufficientBalance' });
    t.equal(stage.proxy.asked.get('eth_sendRawTransaction'), undefined);
    t.same(await stage.outcome('one'), { type: 'refused', error: 'ERC20InsufficientBalance' });
  });

  await t.test('in a block: refused by the same name, once it is confirmed', async (t) => {
    const stage = await LedgerStage.set(t, {}, hopeful('0x186a0'));
    await stage.intend('one', pay(5_000n));
    await stage.asked('eth_sendRawTransaction');
    await stage.chain.mine(3);
    t.same(await stage.outcome('one'), { type: 'refused', error: 'ERC20InsufficientBalance' });
    t.equal(await stage.count(), 1, 'gas was paid for it');
  });

  await t.test('for want of gas', async (t) => {
    const stage = await LedgerStage.set(t, {}, hopeful('0x5aa0'));
    await stage.intend('one', pay(30n));
    await stage.asked('eth_sendRawTransaction');
    await stage.chain.mine(3);
    t.same(await stage.outcome('one'), { type: 'refused', error: 'OutOfGas' });
  });
});

t.test('what is not taken', { skip }, async (t) => {
  await t.test('an account without a signer, and a call without a form', async (t) => {
    const stage = await LedgerStage.set(t);
    await t.rejects(stage.intend('one', pay(1n), payee), { code: 'RESOURCE_SIGNER_MISSING' });
    await t.rejects(stage.intend('two', pay(-1n)), { code: 'RESOURCE_INTENT_INVALID' });
    await t.rejects(stage.intend('', pay(1n)), { code: 'RESOURCE_INTENT_INVALID' });
  });

  await t.test('more than can wait; all that was taken is there after a crash', async (t) => {
    const stage = await LedgerStage.set(t);
    stage.proxy.mode = 'cut';
    for (let place = 0; place < 4_096; place += 1) await stage.intend(`i${place}`, pay(1n));
    await t.rejects(stage.intend('more', pay(1n)), { code: 'RESOURCE_LEDGER_FULL' });
    await stage.crash();
    await t.rejects(stage.intend('more', pay(1n)), { code: 'RESOURCE_LEDGER_FULL' });
    await t.resolves(stage.intend('i4095', pay(1n)));
  });

  await t.test('a signer that signs something else is not believed, and nothing is sent', async (t) => {
    const signer = { account: requester.account, signTransaction: () => '0x02c0' as RawTransaction };
    const stage = await LedgerStage.set(t, { signers: [signer] });
    await stage.intend('one', pay(30n));
    const { fault } = await stage.heard('ledger.hand-failed');
    t.equal(fault?.code, 'RESOURCE_SIGNER_WRONG');
    t.equal((await stage.heard('ledger.hand-failed')).level, 'debug', 'people are told once');
    t.equal(stage.proxy.asked.get('eth_sendRawTransaction'), undefined);
  });

  await t.test('anything, when the journal is broken', async (t) => {
    let isBroken = false;
    const sync = async () => {
      if (isBroken) throw new TypeError('no space left');
    };
    const journal = memoryJournal({ sync });
    const stage = await LedgerStage.set(t, { journal });
    isBroken = true;
    await t.rejects(stage.intend('one', pay(30n)), { code: 'ACTORS_JOURNAL_BROKEN' });
    await t.rejects(stage.intend('two', pay(30n)), { code: 'ACTORS_JOURNAL_BROKEN' });
    t.equal(stage.proxy.asked.get('eth_sendRawTransaction'), undefined);
    t.equal((await stage.heard('ledger.ended')).level, 'error');
  });
});

t.test('a lane goes on while a person thinks about a signature', { skip }, async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = 0;
  const signer = {
    account: requester.account,
    async signTransaction(unsigned: RawTransaction) {
      asked += 1;
      if (asked === 2) await promise;
      return requester.signTransaction(unsigned);
    },
  };
  const stage = await LedgerStage.set(t, { signers: [signer] }, honest);
  await stage.intend('one', pay(10n));
  await stage.intend('two', pay(20n));
  await stage.asked('eth_sendRawTransaction');
  await stage.chain.mine(3);
  t.equal((await stage.outcome('one')).type, 'done');
  resolve();
  await stage.heard('ledger.signed');
  await stage.asked('eth_sendRawTransaction');
  await stage.chain.mine(3);
  t.equal((await stage.outcome('two')).type, 'done');
  t.equal(await stage.chain.tokens(payee.account), 30n);
});
