import t from 'tap';
import { Alarm, simulatedClock } from '../../src/actors/index.ts';

function bench() {
  const clock = simulatedClock(1_000);
  const rung: number[] = [];
  const alarm = new Alarm(
    {
      clock,
      schedule: (delayMs, mail: string) =>
        clock.after(delayMs, () => {
          t.equal(mail, 'look');
          rung.push(clock.now());
          alarm.rang();
        }),
    },
    'look',
  );
  return { clock, rung, alarm };
}

t.test('it comes once, at the earliest of the times', async (t) => {
  const { clock, rung, alarm } = bench();
  alarm.by(1_500);
  alarm.by(1_200);
  alarm.by(1_900);
  clock.advance(2_000);
  t.same(rung, [1_200]);
});

t.test('after it came it can be set again, to a later time and to one that is past', async (t) => {
  const { clock, rung, alarm } = bench();
  alarm.by(1_100);
  clock.advance(100);
  alarm.by(1_300);
  clock.advance(200);
  alarm.by(7);
  clock.advance(0);
  t.same(rung, [1_100, 1_300, 1_300]);
});

t.test('nothing that is never due is set', async (t) => {
  const { clock, rung, alarm } = bench();
  alarm.by(Number.POSITIVE_INFINITY);
  clock.advance(1_000_000);
  t.same(rung, []);
});
