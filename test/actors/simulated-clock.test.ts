import fc from 'fast-check';
import t from 'tap';
import { simulatedClock } from '../../src/actors/index.ts';

t.test('time stands still until it is told to move', async (t) => {
  const clock = simulatedClock(5_000);
  t.same([clock.now(), clock.monotonic(), clock.nextAt()], [5_000, 0, undefined]);
  clock.advance(20);
  t.same([clock.now(), clock.monotonic()], [5_020, 20]);
  t.throws(() => clock.advance(-1), { code: 'ACTORS_ASSERTION' });
});

t.test('timers fire in order of their time, those of one instant as they were set', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), fc.array(fc.nat(20)), (delays, cancelled) => {
      const clock = simulatedClock(0);
      const fired: [at: number, index: number][] = [];
      const cancel = delays.map((delay, index) => clock.after(delay, () => fired.push([clock.now(), index])));
      for (const index of cancelled) cancel[index]?.();
      for (let step = 0; step < 60; step += 7) clock.advance(7);
      const expected = delays
        .map((delay, index): [number, number] => [delay, index])
        .filter(([, index]) => !cancelled.includes(index))
        .sort(([left, a], [right, b]) => left - right || a - b);
      return JSON.stringify(fired) === JSON.stringify(expected) && clock.nextAt() === undefined;
    }),
  );
  t.pass('for any delays and cancellations');
});

t.test('a timer set by a timer fires in the same advance when it falls due in it', async (t) => {
  const clock = simulatedClock(0);
  const fired: number[] = [];
  const again = () => {
    fired.push(clock.now());
    clock.after(10, again);
  };
  clock.after(10, again);
  clock.advance(35);
  t.same(fired, [10, 20, 30]);
  t.equal(clock.nextAt(), 40);
});

t.test('a delay below zero is none, and a cancellation may be called twice, or too late', async (t) => {
  const clock = simulatedClock(100);
  let fired = 0;
  const cancel = clock.after(-5, () => {
    fired += 1;
  });
  t.equal(clock.nextAt(), 100);
  clock.advance(0);
  cancel();
  cancel();
  t.equal(fired, 1);
});
