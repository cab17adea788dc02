import fc from 'fast-check';
import t from 'tap';
import { BoundedMap, BoundedQueue, RingBuffer } from '../../src/actors/index.ts';

t.test('a queue behaves like an array that refuses what is over its limit', async (t) => {
  const act = fc.oneof(
    fc.nat().map((item) => ({ push: item })),
    fc.constant('shift' as const),
    fc.constant('peek' as const),
    { weight: 1, arbitrary: fc.constant('clear' as const) },
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.array(act, { maxLength: 200 }), (max, acts) => {
      const queue = new BoundedQueue<number>('test', max);
      let model: number[] = [];
      for (const act of acts) {
        if (act === 'shift') {
          if (queue.shift() !== model.shift()) return false;
        } else if (act === 'peek') {
          if (queue.peek() !== model[0]) return false;
        } else if (act === 'clear') {
          queue.clear();
          model = [];
        } else {
          const admission = queue.push(act.push);
          if (admission !== (model.length < max ? 'accepted' : 'full')) return false;
          if (admission === 'accepted') model.push(act.push);
        }
        if (queue.size !== model.length) return false;
        if (JSON.stringify([...queue]) !== JSON.stringify(model)) return false;
      }
      return true;
    }),
  );
  t.pass('for any sequence of acts');
});

t.test('a queue that is not full takes again what it refused', async (t) => {
  const queue = new BoundedQueue<string>('leases', 2);
  t.equal(queue.push('a'), 'accepted');
  t.equal(queue.push('b'), 'accepted');
  t.equal(queue.push('c'), 'full');
  t.equal(queue.shift(), 'a');
  t.equal(queue.push('c'), 'accepted');
  t.same([queue.name, queue.size, queue.max], ['leases', 2, 2]);
});

t.test('a limit that is none is a programmer error', async (t) => {
  t.throws(() => new BoundedQueue('x', 0), { code: 'ACTORS_ASSERTION' });
  t.throws(() => new BoundedMap('x', 1.5), { code: 'ACTORS_ASSERTION' });
  t.throws(() => new RingBuffer('x', Number.NaN), { code: 'ACTORS_ASSERTION' });
});

t.test('a full map refuses new keys, but replaces known ones', async (t) => {
  const map = new BoundedMap<string, number>('peers', 2);
  t.equal(map.set('a', 1), 'accepted');
  t.equal(map.set('b', 2), 'accepted');
  t.equal(map.set('c', 3), 'full');
  t.equal(map.set('a', 4), 'accepted');
  t.same(
    [...map],
    [
      ['a', 4],
      ['b', 2],
    ],
  );
  t.same([map.get('a'), map.get('c'), map.has('b'), map.size], [4, undefined, true, 2]);
  t.equal(map.delete('a'), true);
  t.equal(map.set('c', 3), 'accepted');
  t.same(
    [[...map.keys()], [...map.values()]],
    [
      ['b', 'c'],
      [2, 3],
    ],
  );
  map.clear();
  t.equal(map.size, 0);
});

t.test('a ring keeps the newest, hands back the oldest, and counts what it dropped', async (t) => {
  const ring = new RingBuffer<number>('log', 3);
  const evicted = [1, 2, 3, 4, 5].map((item) => ring.push(item));
  t.same(evicted, [undefined, undefined, undefined, 1, 2]);
  t.same([...ring], [3, 4, 5]);
  t.same([ring.size, ring.dropped, ring.name], [3, 2, 'log']);
});

t.test('a ring counts as dropped also an item that is undefined', async (t) => {
  const ring = new RingBuffer<undefined>('log', 1);
  ring.push(undefined);
  ring.push(undefined);
  t.equal(ring.dropped, 1);
});
