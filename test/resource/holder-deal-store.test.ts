import t from 'tap';
import { memoryJournal } from '../../src/actors/index.ts';
import type { TypedSignature } from '../../src/connectivity/index.ts';
import type { HeldDealRecord } from '../../src/resource/held-deal.ts';
import * as store from '../../src/resource/holder-deal-store.ts';
import type { LeaseId } from '../../src/resource/lease-wire.ts';
import { deal, provider, terms, word, worker } from './deal-papers.ts';

const lease = 'l1.x' as LeaseId;
const record: HeldDealRecord = {
  deal,
  terms,
  provider: provider.account,
  worker: worker.account,
  lease,
  unpaidMax: 5n,
  book: { tariff: 1n, base: 2n ** 90n, credit: 3n },
  allocated: 100n,
  counted: 4,
  committed: 2,
};

t.test("an account's part in a deal survives", async (t) => {
  const journal = memoryJournal();
  await journal.commit(store.heldDealRows(record));
  const acceptance = '0x' as TypedSignature;
  const now: HeldDealRecord = { ...record, acceptance, conditional: true, allocated: 200n };
  await journal.commit(store.heldDealRows(now));
  t.same(await store.loadHeldDeals(journal), [now]);
  await journal.commit(store.forgetHeldDeals([now]));
  t.same(await store.loadHeldDeals(journal), []);
});

t.test('commitments are kept beside the receipts of their bundles', async (t) => {
  const journal = memoryJournal();
  const kept = {
    commitment: { deal, provider: provider.account, number: 3, seal: word(1) },
    signature: '0x00' as TypedSignature,
    root: word(2),
    salt: word(3),
    units: [word(4)],
    digests: [word(5)],
  };
  await journal.commit(store.keptCommitmentRows(lease, 7, kept));
  t.same(await store.readCommitment(journal, lease, 7), kept);
  t.equal(await store.readCommitment(journal, lease, 8), undefined);
});
