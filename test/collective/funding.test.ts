import t from 'tap';
import type { ActorRef } from '../../src/actors/index.ts';
import { openBatch } from '../../src/collective/batch-state.ts';
import type { Book, KeptBatch } from '../../src/collective/book.ts';
import { Funding } from '../../src/collective/funding.ts';
import type { TreasuryMail } from '../../src/collective/treasury.ts';
import type { DealId, HolderMail } from '../../src/resource/index.ts';
import { provider, terms } from '../resource/deal-papers.ts';
import { sampleSpec } from './fakes/samples.ts';

const pay = { budget: '1', stakeLock: '0', minQuorum: 2, workS: 600, windowS: 600 };
const paid = sampleSpec({ pay });
const { batch } = paid;
const deal = '0x01' as DealId;

function scene({ treasury = true } = {}) {
  const told: TreasuryMail[] = [];
  const said: HolderMail[] = [];
  const ref: ActorRef<TreasuryMail> = {
    path: '/treasury',
    tell: (mail) => {
      told.push(mail);
      return 'accepted';
    },
  };
  const open: KeptBatch[] = [];
  const book = {
    batches: new Map<string, KeptBatch>(),
    get openBatches() {
      return open.filter(({ state }) => state.phase === 'open');
    },
  };
  const line = {
    tell: (mail: HolderMail) => void said.push(mail),
    demand: (wanted: boolean, deals: readonly DealId[]) => void said.push({ type: 'demand', wanted, deals }),
  };
  const funding = new Funding(book as unknown as Book, line, treasury ? ref : undefined);
  const add = (spec = paid): KeptBatch => {
    const kept = { state: openBatch(spec), deal: null, delay: null } as unknown as KeptBatch;
    book.batches.set(spec.batch, kept);
    open.push(kept);
    return kept;
  };
  return { told, said, funding, add };
}

t.test('without a treasury only what costs nothing can be paid for', async (t) => {
  const { funding } = scene({ treasury: false });
  t.ok(funding.canPay(sampleSpec()));
  t.notOk(funding.canPay(paid));
  t.ok(scene().funding.canPay(paid));
});

t.test('the treasury hears of paid batches alone, after a start also of those that have ended', async (t) => {
  const { funding, told } = scene();
  funding.submitted(sampleSpec());
  funding.found(openBatch(sampleSpec()));
  t.same(told, []);
  const ended = openBatch(paid);
  ended.endedAt = 7;
  funding.found(ended);
  t.same(
    told.map(({ type }) => type),
    ['submitted', 'over'],
  );
});

t.test('what leases earn goes to the treasury, what is allocated to the leases', async (t) => {
  const { funding, told, said } = scene();
  const owed = { type: 'owed' as const, deal, provider: provider.account, amount: 1n };
  const allocated = { type: 'allocated' as const, deal, provider: provider.account, allocated: 2n };
  funding.hear(owed);
  funding.hear(allocated);
  t.same(told, [owed]);
  t.same(said, [allocated]);
});

t.test('leases are wanted under a deal from when it is open until its batch has ended', async (t) => {
  const { funding, said, add } = scene();
  const kept = add();
  funding.hear({ type: 'delayed', batch, reason: 'the account is locked' });
  t.equal(kept.delay, 'the account is locked');
  funding.demand();
  funding.hear({ type: 'funded', batch, deal, terms });
  t.equal(kept.deal, deal);
  funding.demand();
  kept.state.phase = 'merging';
  funding.demand();
  funding.demand();
  const nothing = { type: 'demand', wanted: false, deals: [] };
  t.same(said, [
    nothing,
    { type: 'fund', deal, terms },
    { type: 'demand', wanted: false, deals: [deal] },
    { type: 'unfund', deal },
    nothing,
    nothing,
  ]);
});

t.test('a batch for credit wants leases without a deal', async (t) => {
  const { funding, said, add } = scene();
  add(sampleSpec());
  funding.demand();
  t.same(said, [{ type: 'demand', wanted: true, deals: [] }]);
});

t.test('news of batches that are not known here change nothing', async (t) => {
  const { funding, said } = scene();
  funding.hear({ type: 'funded', batch, deal, terms });
  funding.hear({ type: 'unfunded', batch, reason: 'x' });
  funding.hear({ type: 'delayed', batch, reason: 'x' });
  t.same(said, []);
});
