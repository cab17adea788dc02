/**
 * What the owner allows, and when. Read once, completed with defaults, frozen; nothing else of the governor
 * comes from outside.
 *
 * The defaults are a volunteer's: work always goes on beside the owner, at the lowest priority and on half of
 * the processors while somebody is there; never on battery, never above 90 °C.
 */

import { z } from 'zod';
import { GIB } from '../actors/index.ts';
import { fabricErrors } from './errors.ts';
import { DAYS } from './time-window.ts';

const percent = z.number().min(0).max(100);
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time like 22:30');

const window = z.strictObject({
  from: timeOfDay,
  /** Before `from`: the next day. */
  to: timeOfDay,
  /** On which `from` lies. */
  days: z
    .array(z.enum(DAYS))
    .min(1)
    .max(7)
    .default([...DAYS]),
});

const schema = z.strictObject({
  /** Processors that tasks may use at most; all by default. */
  cores: z.int().min(1).max(4_096).optional(),
  /** Share of those while the owner is there, and while not. At least one is used. */
  cpuPercentBusy: percent.default(50),
  cpuPercentIdle: percent.default(100),
  /** Share of the machine's memory that tasks may hold together. */
  memoryPercentBusy: percent.default(50),
  memoryPercentIdle: percent.default(90),
  /** For inputs, programs and results. */
  diskBytes: z
    .int()
    .min(0)
    .default(10 * GIB),
  onlyWhenIdle: z.boolean().default(false),
  /** How long nothing was touched when the owner counts as away. */
  idleMinutes: z.number().min(0).max(1_440).default(3),
  /** Local time; work is allowed inside any of them. None: always. */
  windows: z.array(window).max(64).default([]),
  onBattery: z.boolean().default(false),
  cpuTemperatureCelsiusMax: z.number().min(30).max(120).default(90),
  /** While one of these runs, no task does: games, presentations, measurements. */
  exclusivePrograms: z.array(z.string().min(1).max(100)).max(64).default([]),
});

export type Preferences = Readonly<z.infer<typeof schema>>;

/** Throws `FABRIC_PREFERENCES_INVALID` with the place and the reason of the first mistake. */
export function parsePreferences(value: unknown): Preferences {
  const result = schema.safeParse(value);
  if (result.success) return deepFrozen(result.data);
  const [issue] = result.error.issues;
  const at = issue?.path.join('.') || 'the whole';
  throw fabricErrors.FABRIC_PREFERENCES_INVALID({ at, reason: issue?.message ?? 'unknown' });
}

function deepFrozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFrozen);
  return Object.freeze(value);
}
