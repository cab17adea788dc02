import t from 'tap';
import { systemClock } from '../../src/actors/index.ts';

t.test(
  'the clock of the machine tells the time since the epoch, and never goes back for durations',
  async (t) => {
    const clock = systemClock();
    const [before, told, after] = [Date.now(), clock.now(), Date.now()];
    t.ok(before <= told && told <= after);
    const first = clock.monotonic();
    t.ok(clock.monotonic() >= first);
  },
);

t.test('an action is called once, not before its delay', async (t) => {
  const clock = systemClock();
  const began = clock.monotonic();
  await new Promise<void>((resolve) => clock.after(5, resolve));
  // Timers of the runtime count whole milliseconds: they may be up to one early.
  t.ok(clock.monotonic() - began >= 4);
});

t.test('a cancelled action is not called', async (t) => {
  const clock = systemClock();
  let called = false;
  const cancel = clock.after(0, () => {
    called = true;
  });
  cancel();
  cancel();
  await new Promise<void>((resolve) => clock.after(2, resolve));
  t.equal(called, false);
});

t.test('a delay longer than the runtime can count does not fire at once', async (t) => {
  const clock = systemClock();
  let called = false;
  const cancel = clock.after(2 ** 31 + 5, () => {
    called = true;
  });
  await new Promise<void>((resolve) => clock.after(5, resolve));
  t.equal(called, false);
  cancel();
});
