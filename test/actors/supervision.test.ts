import fc from 'fast-check';
import t from 'tap';
import { affectedChildren, countRestart } from '../../src/actors/index.ts';

t.test('a strategy says who goes down with the failed child', async (t) => {
  const children = ['a', 'b', 'c'];
  t.same(affectedChildren('one-for-one', children, 'b'), ['b']);
  t.same(affectedChildren('one-for-all', children, 'b'), ['a', 'b', 'c']);
  t.same(affectedChildren('rest-for-one', children, 'b'), ['b', 'c']);
});

t.test('only restarts within the period count', async (t) => {
  const intensity = { restartsMax: 3, periodMs: 100 };
  t.same(countRestart([], 0, intensity), [0]);
  t.same(countRestart([0, 50], 99, intensity), [0, 50, 99]);
  t.same(countRestart([0, 50], 100, intensity), [50, 100]);
});

t.test('the count is that of the restarts in the period, however they came', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(40)), fc.integer({ min: 1, max: 100 }), (gaps, periodMs) => {
      let now = 0;
      let restarts: readonly number[] = [];
      const all: number[] = [];
      for (const gap of gaps) {
        now += gap;
        all.push(now);
        restarts = countRestart(restarts, now, { restartsMax: 3, periodMs });
      }
      return restarts.length === all.filter((at) => now - at < periodMs).length;
    }),
  );
  t.pass('for any history');
});
