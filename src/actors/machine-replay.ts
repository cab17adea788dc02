/**
 * The journalled form of a machine's life, and its way back to a state.
 *
 * An entry is one turn: the time that its steps were given, and its events in order. So a replay repeats
 * exactly what was lived, and a bundle of events costs one entry. Reading is an edge: what an entry holds is
 * checked by the owner's `decodeEvent`, and anything unreadable is a fault that names the stream.
 */

import { decode, encode } from './canonical.ts';
import { actorsErrors } from './errors.ts';
import { toFault } from './fault.ts';
import type { Journal, StreamName } from './journal.ts';
import type { Machine } from './machine.ts';
import type { Milliseconds } from './units.ts';

/** How a machine's events, and its state if it is ever saved as a whole, become plain values and back. */
export interface MachineCodec<State, Event> {
  /** A value that DAG-CBOR has a form for. */
  encodeEvent(event: Event): unknown;
  /** Throws on anything that `encodeEvent` does not make. */
  decodeEvent(value: unknown): Event;
  encodeState?(state: State): unknown;
  decodeState?(value: unknown): State;
}

export interface ReplayOptions<State, Event, Effect> extends MachineCodec<State, Event> {
  readonly machine: Machine<State, Event, Effect>;
  readonly journal: Journal;
  readonly stream: StreamName;
  initial(): State;
}

export interface Replayed<State> {
  readonly state: State;
  /** Events stepped since the snapshot, or since the beginning. */
  readonly events: number;
}

export function encodeTurn(now: Milliseconds, events: readonly unknown[]): Uint8Array {
  return encode([now, events]);
}

/** Throws on anything that `encodeTurn` does not make. */
export function decodeTurn(entry: Uint8Array): { now: Milliseconds; events: readonly unknown[] } {
  const value = decode(entry);
  if (!Array.isArray(value) || typeof value[0] !== 'number' || !Array.isArray(value[1])) {
    throw new TypeError('the entry is not a time and a list of events');
  }
  return { now: value[0], events: value[1] };
}

/**
 * The state that the stream leads to; effects of replayed events are not performed. Waits for commits that
 * were called before. Rejects with `ACTORS_ENTRY_UNREADABLE`, or with the fault of the journal.
 */
export async function replayMachine<State, Event, Effect>(
  options: ReplayOptions<State, Event, Effect>,
): Promise<Replayed<State>> {
  const { machine, journal, stream } = options;
  // A barrier: an earlier life may have died with commits under way, which belong to the past of this one.
  await journal.commit({});
  let state = options.initial();
  let events = 0;
  for await (const { kind, bytes } of journal.replay(stream)) {
    try {
      if (kind === 'snapshot') {
        state = readState(options, bytes);
        continue;
      }
      const turn = decodeTurn(bytes);
      for (const value of turn.events)
        state = machine.step(state, options.decodeEvent(value), turn.now).state;
      events += turn.events.length;
    } catch (thrown) {
      throw toFault(thrown, (details) =>
        actorsErrors.ACTORS_ENTRY_UNREADABLE({ ...details, stream }, thrown),
      );
    }
  }
  return { state, events };
}

function readState<State, Event>(codec: MachineCodec<State, Event>, bytes: Uint8Array): State {
  if (codec.decodeState === undefined) throw new TypeError('the machine has no decodeState, but a snapshot');
  return codec.decodeState(decode(bytes));
}
