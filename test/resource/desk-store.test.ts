import t from 'tap';
import { encode, memoryJournal } from '../../src/actors/index.ts';
import {
  acknowledgedRows,
  bundleRows,
  endedRows,
  loadDesk,
  takenRows,
} from '../../src/resource/desk-store.ts';
import type { ReturnBundle } from '../../src/resource/lease-wire.ts';
import { grant, returnFor } from './lease-model.ts';

const metered = { succeeded: 3, failed: 0, cancelled: 1, cpuMs: 1.5, credit: 2n ** 70n };

function kept(number: number) {
  const { lease, epoch } = grant;
  const returns = [returnFor('x' as never)];
  const bundle: ReturnBundle = { lease, epoch, number, returns, signature: new Uint8Array(64) };
  const bytes = encode(bundle);
  return { kept: { bundle, bytes: bytes.byteLength }, bytes };
}

t.test('leases, their bundles in order, and the meter survive', async (t) => {
  const journal = memoryJournal();
  t.match(await loadDesk(journal), { leases: [], metered: { succeeded: 0 } });
  await journal.commit(takenRows({ grant, number: 0, addresses: [] }));
  for (const number of [9, 10, 11]) {
    const { kept: it, bytes } = kept(number);
    await journal.commit(bundleRows(grant.broker, it, bytes, metered));
  }
  await journal.commit(acknowledgedRows({ grant, number: 9, addresses: [] }, [9]));
  const found = await loadDesk(journal);
  t.same(found.leases[0]?.grant, grant);
  t.equal(found.leases[0]?.number, 9);
  t.same(
    found.leases[0]?.kept.map((it) => it.bundle.number),
    [10, 11],
  );
  t.same(found.metered, metered);
  await journal.commit(endedRows(grant.broker, [10, 11]));
  t.same((await loadDesk(journal)).leases, []);
});
