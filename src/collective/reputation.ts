/**
 * What is known of each owner from replicated work: a pure machine over all of them, in one stream of its
 * own.
 *
 * Only work that somebody else has checked counts, for or against. Exclusion is for ever: a key that lied
 * once has no way to say that it will not again.
 */

import { decode, encode, type Machine, type Step } from '../actors/index.ts';
import type { OwnerId } from '../connectivity/index.ts';

export interface Standing {
  readonly agreed: number;
  readonly disagreed: number;
  readonly failed: number;
  readonly lost: number;
  /** Why the owner gets no more work; null while it does. */
  readonly excluded: string | null;
}

export const NO_STANDING: Standing = { agreed: 0, disagreed: 0, failed: 0, lost: 0, excluded: null };

export type Standings = ReadonlyMap<OwnerId, Standing>;

/** What was learned in one turn, summed up for each owner. */
export type ReputationEvent =
  | {
      readonly type: 'judged';
      readonly owner: OwnerId;
      readonly agreed: number;
      readonly disagreed: number;
      readonly failed: number;
      readonly lost: number;
    }
  | { readonly type: 'excluded'; readonly owner: OwnerId; readonly reason: string };

export type ReputationEffect = {
  readonly type: 'exclude';
  readonly owner: OwnerId;
  readonly reason: string;
};

export const reputationMachine: Machine<Map<OwnerId, Standing>, ReputationEvent, ReputationEffect> = {
  name: 'reputation',
  step(state, event): Step<Map<OwnerId, Standing>, ReputationEffect> {
    const before = state.get(event.owner) ?? NO_STANDING;
    if (event.type === 'judged') {
      state.set(event.owner, {
        agreed: before.agreed + event.agreed,
        disagreed: before.disagreed + event.disagreed,
        failed: before.failed + event.failed,
        lost: before.lost + event.lost,
        excluded: before.excluded,
      });
      return { state, effects: [] };
    }
    if (before.excluded !== null) return { state, effects: [] };
    const { owner, reason } = event;
    state.set(owner, { ...before, excluded: reason });
    return { state, effects: [{ type: 'exclude', owner, reason }] };
  },
};

/**
 * The share of checked work that was right, between 0 and 1, starting at one half: Laplace's rule of
 * succession. Lost work weighs a quarter, because most machines that go away do so for their owner's reasons.
 */
export function reliability(standing: Standing): number {
  const bad = standing.disagreed + standing.failed + standing.lost / 4;
  return (standing.agreed + 1) / (standing.agreed + bad + 2);
}

type Row = readonly [OwnerId, number, number, number, number, string | null];

export function encodeStandings(standings: Standings): Uint8Array {
  const rows: Row[] = [];
  for (const [owner, standing] of standings)
    rows.push([
      owner,
      standing.agreed,
      standing.disagreed,
      standing.failed,
      standing.lost,
      standing.excluded,
    ]);
  return encode(rows);
}

export function decodeStandings(bytes: Uint8Array): Map<OwnerId, Standing> {
  const standings = new Map<OwnerId, Standing>();
  for (const [owner, agreed, disagreed, failed, lost, excluded] of decode(bytes) as Row[])
    standings.set(owner, { agreed, disagreed, failed, lost, excluded });
  return standings;
}

type EventRow = readonly [OwnerId, number, number, number, number] | readonly [OwnerId, string];

/** The events of one turn, as one entry of the stream. */
export function encodeReputation(events: readonly ReputationEvent[]): Uint8Array {
  return encode(
    events.map((event): EventRow => {
      if (event.type === 'excluded') return [event.owner, event.reason];
      return [event.owner, event.agreed, event.disagreed, event.failed, event.lost];
    }),
  );
}

export function decodeReputation(bytes: Uint8Array): readonly ReputationEvent[] {
  return (decode(bytes) as EventRow[]).map((row): ReputationEvent => {
    if (row.length === 2) return { type: 'excluded', owner: row[0], reason: row[1] };
    const [owner, agreed, disagreed, failed, lost] = row;
    return { type: 'judged', owner, agreed, disagreed, failed, lost };
  });
}
