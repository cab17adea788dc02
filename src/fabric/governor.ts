/**
 * Whether tasks may run now: the owner's preferences over what the probes read, as a pure machine.
 *
 * Each consideration looks at one thing and either objects, in a sentence that the owner can read, or does
 * not. One objection suspends, with the reading that caused it. Going on takes longer: each consideration
 * says how long it must have had nothing to say, so that a machine at the edge of a limit does not stop and
 * start all the time. What has not been read, or not lately, is not known, and is judged the way that spares
 * the owner.
 */

import type { Machine, Milliseconds, Step } from '../actors/index.ts';
import { MINUTE_MS, SECOND_MS } from '../actors/index.ts';
import type { Preferences } from './preferences.ts';
import type { Reading } from './reading.ts';
import { isInside } from './time-window.ts';

export interface Verdict {
  /** `throttle`: fewer tasks at a time than there are slots. */
  readonly state: 'run' | 'throttle' | 'suspend';
  /** Tasks that may run at the same time; 0 when suspended. */
  readonly slots: number;
  /** A sentence for the owner. */
  readonly reason: string;
}

export type GovernorEvent =
  | { readonly type: 'reading'; readonly reading: Reading }
  /** By the owner, until `resume`. */
  | { readonly type: 'pause'; readonly reason: string }
  | { readonly type: 'resume' };

/** Only when the verdict is another one than before. */
export type GovernorEffect = { readonly type: 'govern'; readonly verdict: Verdict };

export interface GovernorState {
  readonly preferences: Preferences;
  readonly slots: number;
  readonly readings: Readings;
  /** Why the owner paused; undefined while not paused. */
  readonly paused?: string;
  /** When each consideration last objected, and how. */
  readonly objections: Readonly<Partial<Record<Concern, Objection>>>;
  /** Undefined before the first event. */
  readonly verdict?: Verdict;
}

/** The newest reading of each kind, with when it came. */
export type Readings = {
  readonly [Kind in Reading['kind']]?: {
    readonly at: Milliseconds;
    readonly reading: Extract<Reading, { kind: Kind }>;
  };
};

interface Objection {
  readonly at: Milliseconds;
  readonly reason: string;
  /** Over, and not yet for long enough. */
  readonly calming: boolean;
}

type Concern = keyof typeof CONSIDERATIONS;

interface View {
  readonly preferences: Preferences;
  readonly paused: string | undefined;
  readonly now: Milliseconds;
  /** Undefined if there is none, or it is too old to go by. */
  newest<Kind extends Reading['kind']>(kind: Kind): Extract<Reading, { kind: Kind }> | undefined;
  /** Whether it objected when it was last asked. */
  readonly objected: boolean;
}

interface Consideration {
  /** How long it must have had nothing to say before work goes on. */
  readonly calmMs: Milliseconds;
  /** A sentence, or nothing to say. */
  readonly objection: (view: View) => string | undefined;
}

/** Twice the longest back-off of probes that matters: an older reading says nothing about now. */
const STALE_AFTER_MS: Milliseconds = 2 * MINUTE_MS;

/** A processor cools this much within seconds when it rests; going on before would heat it up at once. */
const COOLING_CELSIUS = 10;

const CONSIDERATIONS = {
  pause: {
    calmMs: 0,
    objection: ({ paused }) => paused,
  },
  window: {
    calmMs: 0,
    objection: ({ preferences: { windows }, now }) =>
      windows.length === 0 || windows.some((window) => isInside(window, now))
        ? undefined
        : 'It is outside the hours that you allow.',
  },
  presence: {
    // The minutes of idleness are the calm.
    calmMs: 0,
    objection: ({ preferences, newest }) => {
      if (!preferences.onlyWhenIdle) return undefined;
      const idleMs = newest('presence')?.idleMs ?? undefined;
      if (idleMs === undefined)
        return 'You allow work only while you are away, and that cannot be told here.';
      const { idleMinutes } = preferences;
      return idleMs < idleMinutes * MINUTE_MS
        ? `You are there, and allow work only after ${idleMinutes} minutes without you.`
        : undefined;
    },
  },
  battery: {
    // A plug that is moved does not stay out.
    calmMs: 10 * SECOND_MS,
    objection: ({ preferences, newest }) =>
      newest('power')?.onBattery && !preferences.onBattery ? 'The machine runs on battery.' : undefined,
  },
  temperature: {
    calmMs: 10 * SECOND_MS,
    objection: ({ preferences: { cpuTemperatureCelsiusMax: max }, newest, objected }) => {
      const celsius = newest('cpu')?.temperatureCelsius ?? undefined;
      const limit = objected ? max - COOLING_CELSIUS : max;
      return celsius !== undefined && celsius >= limit
        ? `The processor is hotter than ${max} °C; work goes on below ${max - COOLING_CELSIUS} °C.`
        : undefined;
    },
  },
  program: {
    // Programs that restart, and games between two levels.
    calmMs: 30 * SECOND_MS,
    objection: ({ newest }) => {
      const [program] = newest('programs')?.running ?? [];
      return program === undefined ? undefined : `The program ${program} runs, which you want alone.`;
    },
  },
  memory: {
    calmMs: 30 * SECOND_MS,
    objection: (view) => {
      const memory = view.newest('memory');
      if (memory === undefined) return undefined;
      const { memoryPercentBusy, memoryPercentIdle } = view.preferences;
      const percent = isAway(view) ? memoryPercentIdle : memoryPercentBusy;
      return memory.bytesOurs > (memory.bytesTotal * percent) / 100
        ? `Tasks hold more than the ${percent} % of memory that you allow.`
        : undefined;
    },
  },
} as const satisfies Record<string, Consideration>;

const CONCERNS = Object.keys(CONSIDERATIONS) as Concern[];

export const governorMachine: Machine<GovernorState, GovernorEvent, GovernorEffect> = {
  name: 'governor',
  step(before, event, now): Step<GovernorState, GovernorEffect> {
    const state = considered(noted(before, event, now), now);
    const verdict = judged(state, now);
    const told = before.verdict;
    const same = told !== undefined && told.state === verdict.state && told.slots === verdict.slots;
    const effects = same && told.reason === verdict.reason ? [] : [{ type: 'govern' as const, verdict }];
    return { state: { ...state, verdict }, effects };
  },
};

/** `slots`: as many tasks as the machine could run at the same time if nothing stood against it. */
export function governorState(preferences: Preferences, slots: number): GovernorState {
  return { preferences, slots, readings: {}, objections: {} };
}

function noted(state: GovernorState, event: GovernorEvent, now: Milliseconds): GovernorState {
  switch (event.type) {
    case 'reading': {
      const { reading } = event;
      return { ...state, readings: { ...state.readings, [reading.kind]: { at: now, reading } } };
    }
    case 'pause':
      return { ...state, paused: event.reason };
    case 'resume': {
      const { paused: _, ...rest } = state;
      return rest;
    }
  }
}

/** Asks all considerations. One that objected stays on the list until it has been calm for its time. */
function considered(state: GovernorState, now: Milliseconds): GovernorState {
  const objections: Partial<Record<Concern, Objection>> = {};
  for (const concern of CONCERNS) {
    const { calmMs, objection } = CONSIDERATIONS[concern];
    const last = state.objections[concern];
    const reason = objection(viewOf(state, now, last !== undefined));
    if (reason !== undefined) objections[concern] = { at: now, reason, calming: false };
    else if (last !== undefined && now - last.at < calmMs) objections[concern] = { ...last, calming: true };
  }
  return { ...state, objections };
}

function judged(state: GovernorState, now: Milliseconds): Verdict {
  const standing = CONCERNS.map((concern) => state.objections[concern]).filter((one) => one !== undefined);
  const current = standing.find(({ calming }) => !calming);
  if (current !== undefined) return { state: 'suspend', slots: 0, reason: current.reason };
  const [last] = standing;
  if (last !== undefined) {
    return { state: 'suspend', slots: 0, reason: `Work goes on in a moment. Before: ${last.reason}` };
  }
  return allowed(state, now);
}

function allowed(state: GovernorState, now: Milliseconds): Verdict {
  const { cores, cpuPercentBusy, cpuPercentIdle } = state.preferences;
  const away = isAway(viewOf(state, now, false));
  const most = Math.min(state.slots, cores ?? state.slots);
  // At least one: who wants none at all pauses.
  const slots = Math.max(1, Math.floor((most * (away ? cpuPercentIdle : cpuPercentBusy)) / 100));
  if (slots >= state.slots)
    return { state: 'run', slots: state.slots, reason: 'Nothing stands against work.' };
  const when = away ? 'while you are away' : 'while you are there';
  const reason =
    slots < most ? `You allow ${slots} of ${state.slots} tasks ${when}.` : `You allow ${slots} processors.`;
  return { state: 'throttle', slots, reason };
}

function isAway({ preferences, newest }: Pick<View, 'preferences' | 'newest'>): boolean {
  const idleMs = newest('presence')?.idleMs ?? 0;
  return idleMs >= preferences.idleMinutes * MINUTE_MS && idleMs > 0;
}

function viewOf(state: GovernorState, now: Milliseconds, objected: boolean): View {
  const { preferences, paused, readings } = state;
  return {
    preferences,
    paused,
    now,
    objected,
    newest: (kind) => {
      const found = readings[kind];
      return found === undefined || now - found.at > STALE_AFTER_MS ? undefined : found.reading;
    },
  };
}
