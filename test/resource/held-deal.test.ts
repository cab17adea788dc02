import t from 'tap';
import type { TypedSignature } from '../../src/connectivity/index.ts';
import { earn, openBook } from '../../src/resource/account-book.ts';
import { heldDeal } from '../../src/resource/deal-at-broker.ts';
import { type HeldDealRecord, heldRecordOf } from '../../src/resource/held-deal.ts';
import type { LeaseId } from '../../src/resource/lease-wire.ts';
import { deal, provider, terms, worker } from './deal-papers.ts';

const record: HeldDealRecord = {
  deal,
  terms,
  provider: provider.account,
  worker: worker.account,
  lease: 'l1.x' as LeaseId,
  unpaidMax: 5n,
  book: openBook(1n, 0n),
  allocated: 100n,
  counted: 4,
  committed: 2,
  acceptance: '0x' as TypedSignature,
};

t.test('what is written is who takes part, and what was counted by now', async (t) => {
  const before = heldDeal(record, { unpaidMax: 5n, voucherMs: 1 });
  const state = { ...before, book: earn(before.book, 3n), allocated: 200n, counted: 5 };
  const now = heldRecordOf({ record, state, tasks: new Map(), claimed: new Map(), checked: new Map() });
  t.same(now, { ...record, book: earn(record.book, 3n), allocated: 200n, counted: 5 });
});
