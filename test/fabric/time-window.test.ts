import t from 'tap';
import { DAYS, isInside } from '../../src/fabric/time-window.ts';

/** The first of June 2026 was a Monday; local time, as windows are. */
const at = (day: number, time: string) =>
  new Date(`2026-06-${String(day).padStart(2, '0')}T${time}:00`).getTime();
const [MONDAY, TUESDAY, SATURDAY, SUNDAY] = [1, 2, 6, 7];

t.test('a window holds its beginning and not its end', async (t) => {
  const office = { from: '09:00', to: '17:30', days: [...DAYS] };
  t.notOk(isInside(office, at(MONDAY, '08:59')));
  t.ok(isInside(office, at(MONDAY, '09:00')));
  t.ok(isInside(office, at(MONDAY, '17:29')));
  t.notOk(isInside(office, at(MONDAY, '17:30')));
  t.ok(isInside({ from: '00:00', to: '24:00', days: ['monday'] }, at(MONDAY, '23:59')));
});

t.test('a window over midnight belongs to the day on which it begins', async (t) => {
  const saturdayNight = { from: '22:00', to: '06:00', days: ['saturday'] as const };
  t.ok(isInside(saturdayNight, at(SATURDAY, '23:00')));
  t.ok(isInside(saturdayNight, at(SUNDAY, '05:59')));
  t.notOk(isInside(saturdayNight, at(SUNDAY, '06:00')));
  t.notOk(isInside(saturdayNight, at(SUNDAY, '23:00')));
  t.notOk(isInside(saturdayNight, at(SATURDAY, '05:00')));
});

t.test('days that are not named are outside', async (t) => {
  const mondays = { from: '08:00', to: '20:00', days: ['monday'] as const };
  t.ok(isInside(mondays, at(MONDAY, '12:00')));
  t.notOk(isInside(mondays, at(TUESDAY, '12:00')));
});
