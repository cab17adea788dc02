import t from 'tap';
import { decode, memoryJournal } from '../../src/actors/index.ts';
import type { OwnerId, PeerId } from '../../src/connectivity/index.ts';
import * as store from '../../src/resource/holder-store.ts';
import type { Epoch } from '../../src/resource/lease-wire.ts';
import { grant } from './lease-model.ts';
import { capability } from './lease-world.ts';

const owner = 'owner' as OwnerId;
const row: store.HeldRow = { grant, owner, capability, programs: [] };

t.test('an epoch and its lease are remembered together', async (t) => {
  const journal = memoryJournal();
  t.same(await store.loadHolder(journal), { epoch: 0, leases: [], excluded: [] });
  await journal.commit(store.grantRows(row));
  t.same(await store.loadHolder(journal), { epoch: 7, leases: [row], excluded: [] });
  const over = { ...row, end: { at: 1, reason: 'x' } };
  await journal.commit(store.endRows(over));
  t.same((await store.loadHolder(journal)).leases, [over]);
  await journal.commit(store.forgetRows([grant.lease]));
  t.same(await store.loadHolder(journal), { epoch: 7, leases: [], excluded: [] });
});

t.test('exclusions and evidence are kept', async (t) => {
  const journal = memoryJournal();
  await journal.commit(store.excludeRows(owner, 'it lied'));
  t.same((await store.loadHolder(journal)).excluded, [{ owner, reason: 'it lied' }]);
  const { lease, provider } = grant;
  const evidence = { lease, provider, owner, code: 'X', sentence: 'Y.', at: 1, seal: Uint8Array.of(1) };
  await journal.commit(store.evidenceRows(evidence));
  t.same(decode((await journal.get(`holder/evidence/${lease}`))!), evidence);
});

t.test('lease ids of two brokers, and of two epochs, differ', async (t) => {
  const ids = ['12D3KooWaaaaaaaa', '12D3KooWbbbbbbbb'].flatMap((broker) =>
    [1, 2].map((epoch) => store.leaseIdFor(epoch as Epoch, broker as PeerId)),
  );
  t.equal(new Set(ids).size, 4);
  t.same(store.viewOf(row), {
    lease: grant.lease,
    epoch: grant.epoch,
    provider: grant.provider,
    owner,
    capability,
    slots: grant.slots,
    programs: [],
  });
});
