import fc from 'fast-check';
import t from 'tap';
import { createCapacity, type Reservation } from '../../src/resource/capacity.ts';

t.test('what is reserved never exceeds what there is, and comes back exactly once', async () => {
  const amounts = fc.record({
    slots: fc.integer({ min: -2, max: 9 }),
    memoryBytes: fc.integer({ min: -5, max: 150 }),
  });
  const action = fc.oneof(amounts, fc.nat());
  const property = fc.property(fc.array(action), (actions) => {
    const capacity = createCapacity({ slots: 8, memoryBytes: 100 });
    const all: Reservation[] = [];
    const held = new Set<Reservation>();
    for (const next of actions) {
      if (typeof next !== 'number') {
        const outcome = capacity.reserve(next);
        if ('reservation' in outcome) held.add(all[all.push(outcome.reservation) - 1]!);
      } else if (all.length > 0) {
        const reservation = all[next % all.length]!;
        reservation.release();
        held.delete(reservation);
      }
      const slots = [...held].reduce((sum, it) => sum + it.slots, 0);
      const memoryBytes = [...held].reduce((sum, it) => sum + it.memoryBytes, 0);
      const free = capacity.free();
      if (slots > 8 || memoryBytes > 100) return false;
      if (free.slots !== 8 - slots || free.memoryBytes !== 100 - memoryBytes) return false;
    }
    return true;
  });
  fc.assert(property);
});

t.test('a refusal says what is missing', async (t) => {
  const capacity = createCapacity({ slots: 2, memoryBytes: 100 });
  t.match(capacity.reserve({ slots: 3, memoryBytes: 1 }), { refusal: { code: 'RESOURCE_CAPACITY_SLOTS' } });
  t.match(capacity.reserve({ slots: 2, memoryBytes: 101 }), {
    refusal: { code: 'RESOURCE_CAPACITY_MEMORY' },
  });
  t.match(capacity.reserve({ slots: 0, memoryBytes: 1 }), { refusal: { code: 'RESOURCE_CAPACITY_SLOTS' } });
  t.match(capacity.reserve({ slots: 0.5, memoryBytes: 1 }), { refusal: { code: 'RESOURCE_CAPACITY_SLOTS' } });
  t.match(capacity.reserve({ slots: 1, memoryBytes: Number.NaN }), {
    refusal: { code: 'RESOURCE_CAPACITY_MEMORY' },
  });
});
