import fc from 'fast-check';
import t from 'tap';
import { simulatedClock } from '../../src/actors/index.ts';
import { Lane } from '../../src/connectivity/memory-lane.ts';

function lane(waitMs: (item: number) => number = () => 0) {
  const clock = simulatedClock(1_700_000_000_000);
  const start = clock.now();
  const arrived: string[] = [];
  const one = new Lane<number>(clock, (item) => {
    arrived.push(`${item} at ${Math.round(clock.now() - start)}`);
    return waitMs(item);
  });
  return { clock, arrived, one };
}

t.test('each item takes its delay, and none overtakes', (t) => {
  const { clock, arrived, one } = lane();
  one.push(1, 30);
  one.push(2, 10);
  one.push(3, 50);
  clock.advance(100);
  t.same(arrived, ['1 at 30', '2 at 30', '3 at 50']);
  t.end();
});

t.test('a reader that pauses gets the next one when it is ready again', (t) => {
  const { clock, arrived, one } = lane((item) => (item === 1 ? 100 : 0));
  one.push(1, 10);
  one.push(2, 10);
  clock.advance(109);
  t.same(arrived, ['1 at 10']);
  clock.advance(1);
  t.same(arrived, ['1 at 10', '2 at 110']);
  t.end();
});

t.test('a stalled lane keeps what it has, a cut one loses it', (t) => {
  const { clock, arrived, one } = lane();
  one.push(1, 10);
  one.stall();
  one.push(2, 10);
  clock.advance(100);
  t.same(arrived, []);
  one.resume();
  clock.advance(0);
  t.same(arrived, ['1 at 100', '2 at 100']);
  one.push(3, 10);
  one.cut();
  one.push(4, 10);
  clock.advance(100);
  t.equal(arrived.length, 2);
  t.equal(clock.nextAt(), undefined);
  t.end();
});

t.test('with fractions of milliseconds all arrive, in order, and the clock does not spin', (t) => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { maxLength: 50 }), (delays) => {
      const { clock, arrived, one } = lane();
      delays.forEach((delayMs, index) => {
        one.push(index, delayMs);
        clock.advance(delayMs / 3);
      });
      clock.advance(1_000);
      return arrived.length === delays.length && arrived.every((line, index) => line.startsWith(`${index} `));
    }),
  );
  t.end();
});
