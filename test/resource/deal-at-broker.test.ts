import t from 'tap';
import { openBook, owedIn } from '../../src/resource/account-book.ts';
import * as side from '../../src/resource/deal-at-broker.ts';

const rules = { unpaidMax: 100n, voucherMs: 1_000 };
const fresh = side.heldDeal(
  { book: openBook(10n ** 12n, 5n), allocated: 1_000n, counted: 0, committed: 0 },
  rules,
);

t.test('a bundle counts when it is acknowledged, and once', async (t) => {
  let deal = side.examined(fresh, 1, { operations: 10n, committed: 3 });
  deal = side.examined(deal, 2, { operations: 20n, committed: 4 });
  t.equal(owedIn(deal.book), 5n);
  deal = side.acknowledgedDeal(deal, 1);
  t.match(deal, { counted: 1, committed: 3 });
  t.equal(owedIn(deal.book), 15n);
  deal = side.acknowledgedDeal(side.examined(deal, 1, { operations: 10n, committed: 3 }), 2);
  t.equal(owedIn(deal.book), 35n);
  t.equal(side.acknowledgedDeal(deal, 2).counted, 2);
});

t.test('vouchers are gathered for an interval, unless much is owed', async (t) => {
  let deal = side.acknowledgedDeal(side.examined(fresh, 1, { operations: 1n, committed: 0 }), 1);
  t.same(side.voucherDue(deal, 0), { amount: 6n, covers: 1 }, 'the first at once');
  deal = side.vouchered(deal, { amount: 6n, covers: 1 }, 0);
  t.equal(side.voucherDue(deal, 5_000), undefined, 'nothing new');
  deal = side.acknowledgedDeal(side.examined(deal, 2, { operations: 25n, committed: 0 }), 2);
  t.equal(side.voucherDue(deal, 999), undefined);
  t.same(side.voucherDue(deal, 1_000), { amount: 31n, covers: 2 });
  deal = side.acknowledgedDeal(side.examined(deal, 3, { operations: 1n, committed: 0 }), 3);
  t.same(side.voucherDue(deal, 1), { amount: 32n, covers: 3 }, 'a quarter of what is done unpaid');
});

t.test('no voucher is for more than is allocated; what is not covers the bundles all the same', async (t) => {
  let deal = side.examined({ ...fresh, allocated: 8n }, 1, { operations: 50n, committed: 0 });
  deal = side.acknowledgedDeal(deal, 1);
  t.same(side.voucherDue(deal, 0), { amount: 8n, covers: 1 });
  deal = side.vouchered(deal, { amount: 8n, covers: 1 }, 0);
  t.equal(side.voucherDue(deal, 9_999), undefined);
  t.same(side.voucherDue({ ...deal, allocated: 1_000n }, 1), { amount: 55n, covers: 1 });
});

t.test('bundles that are worth nothing are answered for too', async (t) => {
  const deal = side.acknowledgedDeal(
    side.examined(side.vouchered(fresh, { amount: 5n, covers: 0 }, 0), 1, { operations: 0n, committed: 0 }),
    1,
  );
  t.same(side.voucherDue(deal, 1_000), { amount: 5n, covers: 1 });
});

t.test('it is paid up an interval after the last voucher, if that was for all', async (t) => {
  const worth = (operations: bigint) => ({ operations, committed: 0 });
  const deal = side.acknowledgedDeal(side.examined(fresh, 1, worth(6n)), 1);
  t.notOk(side.isPaidUp(deal, 1e9), 'no voucher yet');
  const said = side.vouchered(deal, side.voucherDue(deal, 100)!, 100);
  t.notOk(side.isPaidUp(said, 1_099));
  t.ok(side.isPaidUp(said, 1_100));
  t.notOk(side.isPaidUp(side.examined(said, 2, worth(1n)), 1_100), 'a bundle is on its way');
  const short = side.acknowledgedDeal(side.examined({ ...fresh, allocated: 8n }, 1, worth(55n)), 1);
  t.notOk(side.isPaidUp(side.vouchered(short, side.voucherDue(short, 0)!, 0), 1e9), 'more is owed');
});

t.test('whoever attaches again gets its voucher again', async (t) => {
  let deal = side.acknowledgedDeal(side.examined(fresh, 1, { operations: 1n, committed: 0 }), 1);
  deal = side.vouchered(deal, { amount: 6n, covers: 1 }, 0);
  t.same(side.voucherDue(side.reattached(deal), 1), { amount: 6n, covers: 1 });
});
