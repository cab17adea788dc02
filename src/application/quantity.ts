/**
 * Durations and sizes as people write them: `90s`, `256MB`. Decimal prefixes are powers of 1000 and binary
 * ones of 1024, as the SI and IEC say.
 */

import { z } from 'zod';
import type { Bytes, Milliseconds } from '../actors/index.ts';

const MILLISECONDS: Readonly<Record<string, Milliseconds>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const BYTES: Readonly<Record<string, Bytes>> = {
  B: 1,
  KB: 1_000,
  MB: 1_000_000,
  GB: 1_000_000_000,
  KiB: 1_024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
};

/** A schema from `"60s"` to milliseconds, both ends included. */
export function duration(least: string, most: string) {
  return quantity('a duration', MILLISECONDS, least, most);
}

/** A schema from `"256MB"` to bytes, both ends included. */
export function size(least: string, most: string) {
  return quantity('a size', BYTES, least, most);
}

function quantity(kind: string, units: Readonly<Record<string, number>>, least: string, most: string) {
  const low = parse(least, units);
  const high = parse(most, units);
  const advice = `write ${kind} from ${least} to ${most} with its unit (${Object.keys(units).join(', ')})`;
  return z.string({ error: advice }).transform((text, context) => {
    const value = parse(text, units);
    if (value >= low && value <= high) return value;
    context.addIssue({ code: 'custom', message: advice });
    return z.NEVER;
  });
}

/** NaN when it is not a whole number of a known unit. */
function parse(text: string, units: Readonly<Record<string, number>>): number {
  const [, digits = '', unit = ''] = /^(\d{1,9}) ?([A-Za-z]{1,3})$/.exec(text) ?? [];
  return Object.hasOwn(units, unit) ? Number(digits) * (units[unit] ?? Number.NaN) : Number.NaN;
}
