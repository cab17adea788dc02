/** Hours of the week in which something is allowed, by the owner's clock on the wall. */

import type { Milliseconds } from '../actors/index.ts';

export const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
export type Day = (typeof DAYS)[number];

export interface DailyWindow {
  readonly from: string;
  readonly to: string;
  readonly days: readonly Day[];
}

/**
 * Whether `now` is inside a window, in the time zone of this machine. `from` belongs to it, `to` does not.
 */
export function isInside(window: DailyWindow, now: Milliseconds): boolean {
  const local = new Date(now);
  const minute = local.getHours() * 60 + local.getMinutes();
  const [from, to] = [minutesOf(window.from), minutesOf(window.to)];
  const begins = (day: number) => window.days.includes(DAYS[(day + 7) % 7]!);
  if (from < to) return begins(local.getDay()) && minute >= from && minute < to;
  // Over midnight: the evening of a listed day, or the morning after it.
  return (begins(local.getDay()) && minute >= from) || (begins(local.getDay() - 1) && minute < to);
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return hours! * 60 + minutes!;
}
