import t from 'tap';
import { type ActorRef, memoryJournal, SECOND_MS, sha256 } from '../../src/actors/index.ts';
import type { BatchDeal, TreasuryMail } from '../../src/collective/treasury.ts';
import { treasury } from '../../src/collective/treasury.ts';
import { openBatch, viewOf } from '../../src/collective/batch-state.ts';
import type { BrokerMail } from '../../src/collective/broker-mail.ts';
import { fileLeaf } from '../../src/collective/provenance.ts';
import type { TypedSignature } from '../../src/connectivity/index.ts';
import {
  createMemoryChain,
  type DealId,
  type IntentId,
  type LeaseId,
  type LedgerCall,
  provesLeaf,
} from '../../src/resource/index.ts';
import { simulate } from '../actors/simulation.ts';
import { accountOf, agent, domain, provider, requester, signerOf } from '../resource/deal-papers.ts';
import { sampleSpec } from './fakes/samples.ts';

const pay = { budget: '1600', stakeLock: '0', minQuorum: 2, workS: 3_600, windowS: 600 };
const paid = sampleSpec({ pay });
const { batch } = paid;
const files = [{ path: 'out.txt', content: { inline: Buffer.from('result') } }];

async function scene(deposit = 5_000n, account = accountOf(requester)) {
  const journal = memoryJournal();
  const { system, clock, dispatcher } = simulate('treasury');
  const tokens = new Map([requester, provider].map(({ account }) => [account, 10_000n]));
  const chain = createMemoryChain({ domain, registry: signerOf(10).account, tokens, clock });
  const ledger = chain.connect('broker');
  const wait = () => dispatcher.runUntil(clock.now() + SECOND_MS);
  const setUp: [typeof requester, LedgerCall][] = [
    [requester, { type: 'approve', spender: 'market', amount: 10_000n }],
    [requester, { type: 'deposit', amount: deposit }],
    [provider, { type: 'register', payout: provider.account, workers: [] }],
  ];
  for (const [place, [from, call]] of setUp.entries())
    await ledger.intend({ id: `setup ${place}` as IntentId, from: from.account, call });
  const told: BrokerMail[] = [];
  const delays: string[] = [];
  const broker: ActorRef<BrokerMail> = {
    path: '/broker',
    tell: (mail) => {
      if (mail.type === 'delayed') delays.push(mail.reason);
      else told.push(mail);
      return 'accepted';
    },
  };
  const actor = system.spawn(
    'treasury',
    treasury({
      ...{ journal, ledger, domain, agent, requester: account, broker },
      readCommitment: async () => undefined,
      hashFile: async ({ content }) => sha256('inline' in content ? content.inline : new Uint8Array()),
    }),
  );
  const tell = async (mail: TreasuryMail) => {
    actor.tell(mail);
    await wait();
  };
  const show = async () => {
    let shown: BatchDeal | undefined;
    await tell({ type: 'showDeal', batch, reply: (deal) => (shown = deal) });
    return shown;
  };
  return { ledger, told, delays, tell, show, wait };
}

t.test('a paid batch is funded once its deal is open, and what it ended in is anchored', async (t) => {
  const { ledger, told, tell, show } = await scene();
  await tell({ type: 'submitted', spec: paid });
  const { deal, terms } = (await show())!;
  t.match(told, [{ type: 'funded', batch, deal, terms: { budget: 1_600n } }]);
  t.equal(terms.spec.length, 66, 'the specification is anchored with the opening');

  const acceptance = '0x' as TypedSignature;
  await tell({ type: 'joined', lease: 'l1' as LeaseId, deal, provider: provider.account, acceptance });
  t.match(told[1], { type: 'allocated', deal, provider: provider.account, allocated: 100n });
  await tell({ type: 'owed', deal, provider: provider.account, amount: 90n });
  t.match(told[2], { type: 'allocated', allocated: 200n });

  const view = { ...viewOf(openBatch(paid)), phase: 'done' as const, files, endedAt: 7 };
  await tell({ type: 'changed', view });
  const { provenance } = (await show())!;
  t.equal(await ledger.anchored(agent.account, deal as string as never), provenance?.root);
  const [file] = provenance!.files;
  t.ok(provesLeaf(fileLeaf(file!), file!.proof, provenance!.root));
});

t.test('a batch whose deal cannot be opened is not funded', async (t) => {
  const { told, tell, show } = await scene(100n);
  await tell({ type: 'submitted', spec: paid });
  t.match(told, [{ type: 'unfunded', batch, reason: 'its deal was refused: BalanceTooLow' }]);
  t.equal(await show(), undefined);
});

t.test('a deal that nobody signs yet is delayed, and the broker hears why', async (t) => {
  const reason = 'the account is locked';
  const locked = { ...accountOf(requester), signTyped: () => Promise.reject(new RangeError(reason)) };
  const { delays, tell } = await scene(5_000n, locked);
  await tell({ type: 'submitted', spec: paid });
  t.match(delays, [reason]);
});

t.test('a budget that is used up, and time that is over, are told to the broker', async (t) => {
  const { told, delays, tell, show, wait } = await scene();
  await tell({ type: 'submitted', spec: paid });
  const { deal, terms } = (await show())!;
  const own = { lease: 'l1' as LeaseId, deal, provider: provider.account };
  await tell({ type: 'joined', ...own, acceptance: '0x' as TypedSignature });
  for (const amount of [100n, 200n, 400n, 800n, 1_600n, 1_700n]) await tell({ type: 'owed', ...own, amount });
  t.match(delays.at(-1), /its budget of 0\.0+16 is used up/);
  t.equal(terms.budget, 1_600n);
  for (let second = 0; second < pay.workS + 10; second += 1) await wait();
  t.match(told.at(-1), { type: 'unfunded', batch, reason: 'the working time of its deal is over' });
});

t.test('what is not to be paid for, or of other brokers, is none of its business', async (t) => {
  const { told, tell, show } = await scene();
  await tell({ type: 'submitted', spec: sampleSpec() });
  await tell({ type: 'owed', deal: '0x00' as DealId, provider: provider.account, amount: 1n });
  await tell({ type: 'changed', view: { ...viewOf(openBatch(paid)), phase: 'done', endedAt: 7 } });
  t.same(told, []);
  t.equal(await show(), undefined);
});
