/**
 * Who is still there: a pure machine over keys, fed with signs of life. Silence makes a key suspect, longer
 * silence makes it dead; a sign of life from a suspect makes it alive again; a dead key is forgotten, and
 * only `watch` brings it back.
 *
 *     watch ──▶ alive ──suspectAfterMs──▶ suspect ──deadAfterMs──▶ dead (forgotten)
 *                 ◀──────────heard──────────┘
 *
 * Keys are kept in the order in which they were last heard, so a tick looks only at those that are due,
 * however many there are. The time must come from a clock that does not go back (`monotonic`); a step back is
 * taken as no time.
 */

import { assert, type Machine, type Milliseconds, type Step } from '../actors/index.ts';

export interface LivenessBounds {
  readonly suspectAfterMs: Milliseconds;
  /** Counted from the last sign of life, as the other bound is. */
  readonly deadAfterMs: Milliseconds;
  /** Keys watched at a time. */
  readonly keysMax: number;
}

export type LivenessEvent<Key extends string> =
  | { readonly type: 'watch'; readonly key: Key }
  | { readonly type: 'heard'; readonly key: Key }
  | { readonly type: 'forget'; readonly key: Key }
  | { readonly type: 'tick' };

export type LivenessEffect<Key extends string> =
  | { readonly type: 'suspected'; readonly key: Key; readonly silentMs: Milliseconds }
  | { readonly type: 'recovered'; readonly key: Key; readonly silentMs: Milliseconds }
  | { readonly type: 'died'; readonly key: Key; readonly silentMs: Milliseconds }
  /** There are as many keys as there may be; this one is not watched. */
  | { readonly type: 'refused'; readonly key: Key };

export interface LivenessState<Key extends string> {
  /** When each was last heard, longest silence first. */
  readonly alive: Map<Key, Milliseconds>;
  readonly suspect: Map<Key, Milliseconds>;
}

export type Liveness = 'alive' | 'suspect' | 'dead';

export function livenessStart<Key extends string>(): LivenessState<Key> {
  return { alive: new Map(), suspect: new Map() };
}

export function livenessMachine<Key extends string>(
  bounds: LivenessBounds,
): Machine<LivenessState<Key>, LivenessEvent<Key>, LivenessEffect<Key>> {
  assert(bounds.suspectAfterMs > 0, 'a moment of silence suspects nobody');
  assert(bounds.deadAfterMs > bounds.suspectAfterMs, 'a key is suspected before it is given up');
  return { name: 'liveness', step: (state, event, now) => step(bounds, state, event, now) };
}

/** What is thought of a key; one that is not watched counts as dead. */
export function livenessOf<Key extends string>(state: LivenessState<Key>, key: Key): Liveness {
  if (state.alive.has(key)) return 'alive';
  return state.suspect.has(key) ? 'suspect' : 'dead';
}

/** When the next tick can change anything; `undefined` while nobody is watched. */
export function livenessNextAt<Key extends string>(
  bounds: LivenessBounds,
  state: LivenessState<Key>,
): Milliseconds | undefined {
  const suspectedAt = firstOf(state.alive, bounds.suspectAfterMs);
  const deadAt = firstOf(state.suspect, bounds.deadAfterMs);
  if (suspectedAt === undefined || deadAt === undefined) return suspectedAt ?? deadAt;
  return Math.min(suspectedAt, deadAt);
}

function step<Key extends string>(
  bounds: LivenessBounds,
  state: LivenessState<Key>,
  event: LivenessEvent<Key>,
  now: Milliseconds,
): Step<LivenessState<Key>, LivenessEffect<Key>> {
  switch (event.type) {
    case 'watch':
      return { state, effects: watch(bounds, state, event.key, now) };
    case 'heard':
      return { state, effects: livenessOf(state, event.key) === 'dead' ? [] : heard(state, event.key, now) };
    case 'forget':
      state.alive.delete(event.key);
      state.suspect.delete(event.key);
      return { state, effects: [] };
    case 'tick':
      return { state, effects: tick(bounds, state, now) };
  }
}

function watch<Key extends string>(
  bounds: LivenessBounds,
  state: LivenessState<Key>,
  key: Key,
  now: Milliseconds,
): readonly LivenessEffect<Key>[] {
  const isNew = livenessOf(state, key) === 'dead';
  if (isNew && state.alive.size + state.suspect.size >= bounds.keysMax) return [{ type: 'refused', key }];
  return heard(state, key, now);
}

function heard<Key extends string>(
  { alive, suspect }: LivenessState<Key>,
  key: Key,
  now: Milliseconds,
): readonly LivenessEffect<Key>[] {
  const silentSince = suspect.get(key);
  suspect.delete(key);
  // Deleted first, so that it moves to the young end.
  alive.delete(key);
  alive.set(key, now);
  return silentSince === undefined ? [] : [{ type: 'recovered', key, silentMs: now - silentSince }];
}

function tick<Key extends string>(
  { suspectAfterMs, deadAfterMs }: LivenessBounds,
  { alive, suspect }: LivenessState<Key>,
  now: Milliseconds,
): readonly LivenessEffect<Key>[] {
  const effects: LivenessEffect<Key>[] = [];
  for (const [key, heardAt] of alive) {
    const silentMs = now - heardAt;
    if (silentMs < suspectAfterMs) break;
    alive.delete(key);
    suspect.set(key, heardAt);
    effects.push({ type: 'suspected', key, silentMs });
  }
  for (const [key, heardAt] of suspect) {
    const silentMs = now - heardAt;
    if (silentMs < deadAfterMs) break;
    suspect.delete(key);
    effects.push({ type: 'died', key, silentMs });
  }
  return effects;
}

function firstOf<Key>(
  heard: ReadonlyMap<Key, Milliseconds>,
  afterMs: Milliseconds,
): Milliseconds | undefined {
  for (const heardAt of heard.values()) return heardAt + afterMs;
  return undefined;
}
