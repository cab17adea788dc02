import t from 'tap';
import { simulatedClock } from '../../src/actors/index.ts';
import { withinTime } from '../../src/application/deadline.ts';

t.test('the signal aborts when the clock says so', async (t) => {
  const clock = simulatedClock(0);
  const late = withinTime(
    clock,
    100,
    (signal) => new Promise((_, reject) => signal.addEventListener('abort', reject)),
  );
  clock.advance(99);
  clock.advance(1);
  await t.rejects(late);
});

t.test('nothing aborts after the work is over', async (t) => {
  const clock = simulatedClock(0);
  const signal = await withinTime(clock, 100, async (signal) => signal);
  clock.advance(1_000);
  t.equal(signal.aborted, false);
});
