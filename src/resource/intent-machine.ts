/**
 * What one account wants of a chain, and its transactions, as a pure machine.
 *
 *     waiting ── signed ──▶ sent ── mined ──▶ mined ── confirmed ──▶ told ── settled ──▶ forgotten
 *        │ ▲                 │ ▲                │                      │
 *        │ └── displaced ────┘ └── vanished ────┴──────────────────────┘
 *        └── refused (by the preflight, as deep as a confirmation)
 *
 * A **flight** is one nonce and all transactions that were ever signed for it: a chain takes at most one of
 * them. What always holds: an intent has at most one flight, so it cannot be paid twice; a transaction is in
 * the journal before anyone sees it, so none is out there that a restarted process does not know; flights are
 * in the order of acceptance, and the next is signed only when all before it are mined, so its preflight sees
 * what they did. A flight is followed, and sent again with its own nonce, until it lies deeper than any
 * reorganisation that is reckoned with; only when a stranger's transaction lies as deep under the same nonce
 * does the intent get another.
 *
 * Events are facts, few for each intent, and each is journalled. What a look at the chain proves, and what is
 * to be done next, `intent-watch.ts` says.
 */

import { assert, type Machine, type Step } from '../actors/index.ts';
import type { Account, RawTransaction } from '../connectivity/index.ts';
import type { IntentId, IntentOutcome, LedgerCall } from './ledger.ts';
import type { Fee } from './transaction-fee.ts';

/** Of a transaction or a block: `0x` and 64 lower-case hex digits. */
export type ChainHash = string;

/** One signed transaction. */
export interface Attempt {
  readonly hash: ChainHash;
  readonly fee: Fee;
}

export interface Mined {
  readonly hash: ChainHash;
  readonly block: number;
  readonly blockHash: ChainHash;
  readonly succeeded: boolean;
  readonly gasUsed: bigint;
}

export interface WaitingIntent {
  readonly id: IntentId;
  readonly call: LedgerCall;
  /** The preflight says no, by this name, since this block. */
  rejection: { readonly error: string; readonly block: number } | null;
}

export interface Flight {
  /** `null`: a transaction of nothing to itself, which closes a gap below later nonces. */
  readonly intent: { readonly id: IntentId; readonly call: LedgerCall } | null;
  readonly nonce: number;
  readonly gas: bigint;
  /** Oldest first; each pays more than the one before it. */
  readonly attempts: Attempt[];
  /** The newest attempt: the others pay less, and no pool would take them beside it. */
  raw: RawTransaction;
  /** The head of the chain when it was signed. */
  signedAt: number;
  mined: Mined | null;
  /** Told to whoever waits for it. */
  outcome: IntentOutcome | null;
}

export interface Lane {
  readonly account: Account;
  /** In the order of acceptance. */
  readonly waiting: WaitingIntent[];
  /** By nonce. */
  readonly flights: Flight[];
  /** Higher than every nonce that was ever signed. */
  nonceFloor: number;
}

export type LaneEvent =
  | { readonly type: 'accepted'; readonly id: IntentId; readonly call: LedgerCall }
  /** For the intent that waits longest, for a flight in the air anew, or (`id` null) for a gap. */
  | {
      readonly type: 'signed';
      readonly id: IntentId | null;
      readonly nonce: number;
      readonly gas: bigint;
      readonly raw: RawTransaction;
      readonly attempt: Attempt;
      readonly block: number;
    }
  | { readonly type: 'mined'; readonly nonce: number; readonly mined: Mined }
  | { readonly type: 'vanished'; readonly nonce: number }
  | { readonly type: 'confirmed'; readonly nonce: number; readonly outcome: IntentOutcome }
  /** Too deep to be undone. */
  | { readonly type: 'settled'; readonly nonce: number }
  /** A transaction that is none of ours has the nonce, too deep to be undone. */
  | { readonly type: 'displaced'; readonly nonce: number; readonly by: ChainHash }
  | { readonly type: 'rejected'; readonly id: IntentId; readonly error: string; readonly block: number }
  | { readonly type: 'refused'; readonly id: IntentId; readonly error: string };

export type LaneEffect =
  | { readonly type: 'send'; readonly raw: RawTransaction; readonly hash: ChainHash }
  | { readonly type: 'tell'; readonly id: IntentId; readonly outcome: IntentOutcome }
  /** Written with the event: the machine forgets it. */
  | { readonly type: 'keep'; readonly id: IntentId; readonly outcome: IntentOutcome };

export function newLane(account: Account): Lane {
  return { account, waiting: [], flights: [], nonceFloor: 0 };
}

export const intentMachine: Machine<Lane, LaneEvent, LaneEffect> = {
  name: 'intents',
  step(lane, event): Step<Lane, LaneEffect> {
    return { state: lane, effects: handle(lane, event) };
  },
};

/** What became of an intent that the machine still has; `null` while it is under way. */
export function outcomeIn(lane: Lane, id: IntentId): IntentOutcome | null | undefined {
  const flight = lane.flights.find(({ intent }) => intent?.id === id);
  if (flight !== undefined) return flight.outcome;
  return lane.waiting.some((waiting) => waiting.id === id) ? null : undefined;
}

export function flightOf(lane: Lane, nonce: number): Flight | undefined {
  return lane.flights.find((flight) => flight.nonce === nonce);
}

/** Whether what was found out meanwhile is still to the point: the lane may have gone on. */
export function fits(lane: Lane, event: LaneEvent): boolean {
  switch (event.type) {
    case 'accepted':
      return outcomeIn(lane, event.id) === undefined;
    case 'rejected':
    case 'refused':
      return lane.waiting[0]?.id === event.id;
    case 'signed': {
      const flight = flightOf(lane, event.nonce);
      if (flight !== undefined) return flight.mined === null && (flight.intent?.id ?? null) === event.id;
      return event.id === null || (lane.waiting[0]?.id === event.id && event.nonce >= lane.nonceFloor);
    }
    case 'displaced':
      return flightOf(lane, event.nonce)?.mined === null;
    default:
      return flightOf(lane, event.nonce) !== undefined;
  }
}

function handle(lane: Lane, event: LaneEvent): LaneEffect[] {
  switch (event.type) {
    case 'accepted':
      assert(outcomeIn(lane, event.id) === undefined, 'an intent is accepted once');
      lane.waiting.push({ id: event.id, call: event.call, rejection: null });
      return [];
    case 'signed':
      return sign(lane, event);
    case 'mined':
      known(lane, event.nonce).mined = event.mined;
      known(lane, event.nonce).outcome = null;
      return [];
    case 'vanished':
      return vanish(known(lane, event.nonce));
    case 'confirmed':
      return confirm(known(lane, event.nonce), event.outcome);
    case 'settled':
      return settle(lane, known(lane, event.nonce));
    case 'displaced':
      return displace(lane, known(lane, event.nonce));
    case 'rejected':
      first(lane, event.id).rejection = { error: event.error, block: event.block };
      return [];
    case 'refused':
      return refuse(lane, event.id, event.error);
  }
}

type Signed = Extract<LaneEvent, { type: 'signed' }>;

function sign(lane: Lane, { id, nonce, gas, raw, attempt, block }: Signed): LaneEffect[] {
  const flight = flightOf(lane, nonce);
  if (flight === undefined) {
    const intent = id === null ? null : takeFirst(lane, id);
    const later = lane.flights.findIndex((other) => other.nonce > nonce);
    assert(intent === null || later === -1, 'an intent takes a nonce above all that are in the air');
    const place = later === -1 ? lane.flights.length : later;
    const made = {
      intent,
      nonce,
      gas,
      attempts: [attempt],
      raw,
      signedAt: block,
      mined: null,
      outcome: null,
    };
    lane.flights.splice(place, 0, made);
    lane.nonceFloor = Math.max(lane.nonceFloor, nonce + 1);
  } else {
    assert(
      flight.mined === null && (flight.intent?.id ?? null) === id,
      'only what is in the air is replaced',
    );
    flight.attempts.push(attempt);
    flight.raw = raw;
    flight.signedAt = block;
  }
  return [{ type: 'send', raw, hash: attempt.hash }];
}

function takeFirst(lane: Lane, id: IntentId): { id: IntentId; call: LedgerCall } {
  const { call } = first(lane, id);
  lane.waiting.shift();
  return { id, call };
}

/** Whoever was told must not rely on it any longer: an outcome comes again. */
function vanish(flight: Flight): LaneEffect[] {
  flight.mined = null;
  flight.outcome = null;
  return [{ type: 'send', raw: flight.raw, hash: flight.attempts.at(-1)!.hash }];
}

function confirm(flight: Flight, outcome: IntentOutcome): LaneEffect[] {
  assert(flight.mined !== null, 'only what is mined is confirmed');
  flight.outcome = outcome;
  return flight.intent === null ? [] : [{ type: 'tell', id: flight.intent.id, outcome }];
}

function settle(lane: Lane, flight: Flight): LaneEffect[] {
  assert(flight.outcome !== null, 'only what is confirmed is settled');
  lane.flights.splice(lane.flights.indexOf(flight), 1);
  return flight.intent === null ? [] : [{ type: 'keep', id: flight.intent.id, outcome: flight.outcome }];
}

/** First again, whatever came after it: its own later flights may be in the air already, and keep theirs. */
function displace(lane: Lane, flight: Flight): LaneEffect[] {
  assert(flight.mined === null, 'what is mined has its nonce');
  lane.flights.splice(lane.flights.indexOf(flight), 1);
  if (flight.intent !== null) lane.waiting.unshift({ ...flight.intent, rejection: null });
  return [];
}

function refuse(lane: Lane, id: IntentId, error: string): LaneEffect[] {
  takeFirst(lane, id);
  const outcome: IntentOutcome = { type: 'refused', error };
  return [
    { type: 'keep', id, outcome },
    { type: 'tell', id, outcome },
  ];
}

function known(lane: Lane, nonce: number): Flight {
  const flight = flightOf(lane, nonce);
  assert(flight !== undefined, 'a fact is of a flight that is followed');
  return flight;
}

function first(lane: Lane, id: IntentId): WaitingIntent {
  const [waiting] = lane.waiting;
  assert(waiting?.id === id, 'intents are taken in the order in which they came');
  return waiting;
}
