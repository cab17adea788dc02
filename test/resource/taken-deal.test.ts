import t from 'tap';
import { earn, openBook } from '../../src/resource/account-book.ts';
import { takenDeal } from '../../src/resource/deal-at-provider.ts';
import type { LeaseId } from '../../src/resource/lease-wire.ts';
import { dealViewOf, recordOf, type TakenDeal } from '../../src/resource/taken-deal.ts';
import { deal, provider, terms } from './deal-papers.ts';

const book = openBook(10n ** 12n, 0n);
const rules = { unpaidMax: 5n, voucherMs: 1, patience: 3, kept: [], now: 0 };
const taken: TakenDeal = {
  record: {
    deal,
    terms,
    provider: provider.account,
    lease: 'l' as LeaseId,
    voucherMs: 1,
    book,
    speed: 1,
    committed: 0,
  },
  state: { ...takenDeal({ deal, book, vouchered: 2n, ...rules }), book: earn(book, 7n), allocated: 9n },
  tasks: new Map(),
  commitments: new Map(),
  committed: 4,
  voucher: undefined,
  beyond: undefined,
  checking: false,
  checkAt: 0,
  acceptedOn: undefined,
};

t.test('a deal is written and shown as it stands now', async (t) => {
  t.same(recordOf(taken), { ...taken.record, book: earn(book, 7n), committed: 4 });
  t.match(dealViewOf(taken), {
    deal,
    owed: 7n,
    vouchered: 2n,
    allocated: 9n,
    withheld: { code: 'RESOURCE_DEAL_UNCHECKED', message: /not been looked up/ },
  });
});
