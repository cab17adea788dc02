import t from 'tap';
import { memoryJournal } from '../../src/actors/index.ts';
import type { TypedSignature } from '../../src/connectivity/index.ts';
import * as store from '../../src/resource/deal-store.ts';
import type { LeaseId } from '../../src/resource/lease-wire.ts';
import { agent, deal, domain, provider, terms, word } from './deal-papers.ts';
import { signVoucher } from '../../src/resource/voucher.ts';

const lease = 'l1.x' as LeaseId;
const record: store.DealRecord = {
  deal,
  terms,
  provider: provider.account,
  lease,
  voucherMs: 1_000,
  book: { tariff: 2n, base: 2n ** 80n, credit: 7n },
  speed: 1.5,
  committed: 2,
};

const paperOf = (bundle: number) => ({
  bundle,
  number: bundle + 1,
  root: word(1),
  salt: word(2),
  units: [word(3)],
  signature: '0x00' as TypedSignature,
});

t.test('a deal, its best voucher and its commitments survive, and are forgotten together', async (t) => {
  const journal = memoryJournal();
  t.same(await store.loadDealRows(journal), { records: [], commitments: new Map() });
  await journal.commit(store.recordRows(record));
  const voucher = signVoucher({ deal, provider: provider.account, amount: 9n, bundles: 0 }, agent, domain);
  await journal.commit(store.recordRows({ ...record, voucher }));
  for (const bundle of [10, 9]) {
    await journal.commit(store.commitmentRows(deal, { lease, paper: paperOf(bundle) }));
  }
  const { records, commitments } = await store.loadDealRows(journal);
  t.same(records, [{ ...record, voucher }]);
  t.same(
    commitments.get(deal)?.map(({ paper }) => paper),
    [paperOf(9), paperOf(10)],
  );
  await journal.commit(store.forgetCommitments(deal, [10]));
  t.equal((await store.loadDealRows(journal)).commitments.get(deal)?.length, 1);
  await journal.commit(store.forgetDeal(deal, [11]));
  t.same(await store.loadDealRows(journal), { records: [], commitments: new Map() });
});
