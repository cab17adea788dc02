import t from 'tap';
import type { ActorRef } from '../../src/actors/index.ts';
import { openBatch } from '../../src/collective/batch-state.ts';
import type { Book } from '../../src/collective/book.ts';
import { Funding } from '../../src/collective/funding.ts';
import type { TreasuryMail } from '../../src/collective/treasury.ts';
import type { DealId } from '../../src/resource/index.ts';
import { provider } from '../resource/deal-papers.ts';
import { sampleSpec } from './fakes/samples.ts';

const pay = { budget: '1', stakeLock: '0', minQuorum: 2, workS: 600, windowS: 600 };
const paid = sampleSpec({ pay });
const book = { batches: new Map() } as unknown as Book;

function purse() {
  const told: TreasuryMail[] = [];
  const ref: ActorRef<TreasuryMail> = {
    path: '/treasury',
    tell: (mail) => {
      told.push(mail);
      return 'accepted';
    },
  };
  return { ref, told };
}

t.test('without a treasury only what costs nothing can be paid for', async (t) => {
  t.ok(new Funding(book, undefined).canPay(sampleSpec()));
  t.notOk(new Funding(book, undefined).canPay(paid));
  t.ok(new Funding(book, purse().ref).canPay(paid));
});

t.test('the treasury hears of paid batches alone, after a start also of those that have ended', async (t) => {
  const { ref, told } = purse();
  const funding = new Funding(book, ref);
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

t.test('what leases earn goes on to the treasury; news of unknown batches hurts nobody', async (t) => {
  const { ref, told } = purse();
  const funding = new Funding(book, ref);
  const owed = { type: 'owed' as const, deal: '0x00' as DealId, provider: provider.account, amount: 1n };
  funding.hear(owed);
  funding.hear({ type: 'unfunded', batch: paid.batch, reason: 'x' });
  t.same(told, [owed]);
});
