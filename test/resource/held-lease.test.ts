import t from 'tap';
import type { OwnerId } from '../../src/connectivity/index.ts';
import { type Held, HeldLeases } from '../../src/resource/held-lease.ts';
import { TOMBSTONE_MS } from '../../src/resource/holder-store.ts';
import { grantedLease } from '../../src/resource/lease-at-broker.ts';
import type { LeaseId } from '../../src/resource/lease-wire.ts';
import { grant } from './lease-model.ts';
import { capability } from './lease-world.ts';

function heldOf(lease: string): Held {
  const own = { ...grant, lease: lease as LeaseId };
  const row = { grant: own, owner: 'owner' as OwnerId, capability, programs: [] };
  return { row, state: grantedLease(own, 0), link: undefined };
}

t.test('leases are found by name and by provider, and may end while they are gone through', async (t) => {
  const leases = new HeldLeases();
  const [first, second] = [heldOf('a'), heldOf('b')];
  leases.add(first);
  leases.add(second);
  t.equal(leases.get(first.row.grant.lease), first);
  t.equal(leases.get(undefined), undefined);
  t.equal(leases.of(grant.provider), second);
  for (const { row } of leases) leases.bury(row, 0);
  t.equal(leases.size, 0);
  t.equal(leases.of(grant.provider), undefined);
});

t.test('an older lease that ends leaves the newer one of its provider in place', async (t) => {
  const leases = new HeldLeases();
  const [first, second] = [heldOf('a'), heldOf('b')];
  leases.add(first);
  leases.add(second);
  leases.bury(first.row, 0);
  t.equal(leases.of(grant.provider), second);
});

t.test('what ended is told for a while, and forgotten once', async (t) => {
  const leases = new HeldLeases();
  leases.bury(heldOf('a').row, 5);
  t.same(leases.forget(TOMBSTONE_MS + 4), []);
  t.same(leases.forget(TOMBSTONE_MS + 5), ['a']);
  t.same(leases.forget(TOMBSTONE_MS + 5), []);
});
