/**
 * The shell of one account's intents: looks, steps, journals, sends, in this order.
 *
 * Facts are stepped at once and are durable before anything is done about them. There is at most one look
 * and one hand at a time, and they do not wait for each other: while a person thinks about a signature, what
 * is in the air is followed.
 *
 * It is not an actor, because the port above it answers with promises and is closed by its owner; the order
 * that a mailbox would give, the journal gives, whose commits are durable in the order of their calls.
 */

import {
  assert,
  type Clock,
  encode,
  encodeTurn,
  Fault,
  type Inspector,
  type Journal,
  type JournalCommit,
  replayMachine,
  toFault,
} from '../actors/index.ts';
import type { Account } from '../connectivity/index.ts';
import type { ChainEndpoints, ChainSight } from './chain-endpoints.ts';
import { callRequest } from './contract-calls.ts';
import { resourceErrors } from './errors.ts';
import { encodeOutcome, laneCodecs } from './intent-codec.ts';
import { carryOut, type HandOptions, type TransactionSigner } from './intent-hand.ts';
import {
  type ChainHash,
  fits,
  flightOf,
  intentMachine,
  type Lane,
  type LaneEffect,
  type LaneEvent,
  newLane,
  outcomeIn,
} from './intent-machine.ts';
import { due, inTheAir, type LaneTask, proven } from './intent-watch.ts';
import { lookAtLane } from './lane-look.ts';
import type { Intent, IntentId, IntentOutcome, LedgerCall } from './ledger.ts';

export interface LaneOptions extends Omit<HandOptions, 'signer'> {
  readonly account: Account;
  /** Without one, what is in the air is followed, and nothing is signed. */
  readonly signer: TransactionSigner | undefined;
  readonly journal: Journal;
  readonly stream: string;
  outcomeKey(id: IntentId): string;
  readonly endpoints: ChainEndpoints;
  readonly clock: Clock;
  readonly inspect: Inspector;
  /** There is something to look for. */
  wake(): void;
  tell(id: IntentId, outcome: IntentOutcome): void;
  /** The journal is broken, or the program is wrong: nothing more is done. */
  fail(fault: Fault): void;
}

type Kept = Extract<LaneEffect, { readonly type: 'keep' }>;

/** Intents of one account that wait; at one transaction a block, half a day of Ethereum. */
const WAITING_MAX = 4_096;
/** Octets of a call; pools take 128 KiB with the rest of the transaction (geth, `txMaxSize`). */
const CALL_BYTES_MAX = 120_000;
/** Events between two snapshots: some megabytes of journal at most, and tens of milliseconds of replay. */
const SNAPSHOT_EVENTS = 512;

/** From the journal. Rejects with `ACTORS_ENTRY_UNREADABLE`, or with the fault of the journal. */
export async function openLane(options: LaneOptions): Promise<LedgerLane> {
  const { journal, stream, account } = options;
  const initial = () => newLane(account);
  const replayed = await replayMachine({ machine: intentMachine, journal, stream, initial, ...laneCodecs });
  return new LedgerLane(options, replayed.state, replayed.events);
}

export class LedgerLane {
  readonly #options: LaneOptions;
  readonly #lane: Lane;
  #sinceSnapshot: number;
  /** Out of the lane and not on the disk yet; `null` for what will be told when it is there. */
  readonly #keeping = new Map<IntentId, IntentOutcome | null>();
  #isLooking = false;
  #isBusy = false;
  /** The head of the last look that found nothing new and nothing to do: that comes with the next block. */
  #quietAt: ChainHash | undefined;
  /** What fails now, by topic: people are told once, not at each look. */
  readonly #failing = new Map<string, string>();

  constructor(options: LaneOptions, lane: Lane, sinceSnapshot: number) {
    this.#options = options;
    this.#lane = lane;
    this.#sinceSnapshot = sinceSnapshot;
  }

  /** `null` while it is under way, `undefined` where it is not known here. */
  outcome(id: IntentId): IntentOutcome | null | undefined {
    const found = outcomeIn(this.#lane, id);
    return found === undefined ? this.#keeping.get(id) : found;
  }

  /** Resolves when it is durable. */
  async accept({ id, call }: Intent): Promise<void> {
    const { signer, account, wake } = this.#options;
    if (signer === undefined) throw resourceErrors.RESOURCE_SIGNER_MISSING({ account });
    if (this.#lane.waiting.length >= WAITING_MAX) {
      throw resourceErrors.RESOURCE_LEDGER_FULL({ account, intents: WAITING_MAX });
    }
    validate(id, call, this.#options);
    await this.#apply([{ type: 'accepted', id, call }]);
    wake();
  }

  /** Never rejects for what the chain does: it is looked at again. */
  async turn(sight: ChainSight): Promise<void> {
    if (this.#isLooking || this.#hasNothingToSee(sight)) return;
    this.#isLooking = true;
    try {
      const isQuiet = await this.#look(sight);
      this.#quietAt = isQuiet ? sight.head.hash : undefined;
      this.#failing.delete('ledger.look-failed');
    } catch (thrown) {
      this.#forgive(thrown, 'ledger.look-failed');
    } finally {
      this.#isLooking = false;
    }
  }

  #hasNothingToSee({ head }: ChainSight): boolean {
    const { flights, waiting } = this.#lane;
    return waiting.length === 0 && (flights.length === 0 || this.#quietAt === head.hash);
  }

  async #look(sight: ChainSight): Promise<boolean> {
    const { policy, endpoints, closed } = this.#options;
    const seen = await lookAtLane(this.#lane, sight, closed);
    const facts = proven(this.#lane, seen, policy);
    await this.#apply(facts);
    const sent = inTheAir(this.#lane);
    for (const raw of sent) await endpoints.broadcast(raw, closed);
    const task = due(this.#lane, seen, policy);
    if (task !== undefined && !this.#isBusy) void this.#handle(task, sight);
    return facts.length + sent.length === 0 && task === undefined;
  }

  async #handle(task: LaneTask, sight: ChainSight): Promise<void> {
    const { signer, wake } = this.#options;
    if (signer === undefined) return;
    this.#isBusy = true;
    try {
      const found = await carryOut(task, this.#lane, sight, { ...this.#options, signer });
      // The flight may have moved to another block meanwhile, and have come to another end there.
      const isPast = task.type === 'explain' && task.flight.mined !== task.mined;
      const events = isPast ? [] : found.filter((event) => fits(this.#lane, event));
      await this.#apply(events);
      this.#failing.delete('ledger.hand-failed');
      if (events.some(({ type }) => type !== 'rejected')) wake();
    } catch (thrown) {
      this.#forgive(thrown, 'ledger.hand-failed');
    } finally {
      this.#isBusy = false;
    }
  }

  /** Steps, makes durable, then performs. */
  async #apply(events: readonly LaneEvent[]): Promise<void> {
    const { closed, clock, journal, fail } = this.#options;
    if (events.length === 0) return;
    closed.throwIfAborted();
    const now = clock.now();
    const encoded = events.map(laneCodecs.encodeEvent);
    const effects: LaneEffect[] = [];
    for (const event of events) {
      this.#report(event);
      effects.push(...intentMachine.step(this.#lane, event, now).effects);
    }
    const kept = effects.filter((effect) => effect.type === 'keep');
    const told = new Set(effects.flatMap((effect) => (effect.type === 'tell' ? effect.id : [])));
    for (const { id, outcome } of kept) this.#keeping.set(id, told.has(id) ? null : outcome);
    try {
      await journal.commit(this.#commitOf(encodeTurn(now, encoded), encoded.length, kept));
    } catch (thrown) {
      const fault = toFault(thrown, resourceErrors.RESOURCE_LEDGER_BROKEN);
      fail(fault);
      throw fault;
    }
    for (const { id } of kept) this.#keeping.delete(id);
    for (const effect of effects) await this.#perform(effect);
  }

  #commitOf(entry: Uint8Array, events: number, kept: readonly Kept[]): JournalCommit {
    const { stream, outcomeKey } = this.#options;
    const puts = kept.map(({ id, outcome }) => ({
      key: outcomeKey(id),
      value: encode(encodeOutcome(outcome)),
    }));
    this.#sinceSnapshot += events;
    if (this.#sinceSnapshot < SNAPSHOT_EVENTS) return { puts, entries: [{ stream, entry }] };
    this.#sinceSnapshot = 0;
    return { puts, snapshots: [{ stream, state: encode(laneCodecs.encodeState(this.#lane)) }] };
  }

  async #perform(effect: LaneEffect): Promise<void> {
    const { endpoints, closed, tell } = this.#options;
    if (closed.aborted) return;
    if (effect.type === 'send') await endpoints.broadcast(effect.raw, closed);
    else if (effect.type === 'tell') tell(effect.id, effect.outcome);
    else assert(effect.type === 'keep', 'what is kept was written with the event');
  }

  /** What was told as done and is not any more is the one thing that nobody may overlook. */
  #report(event: LaneEvent): void {
    const { inspect, account } = this.#options;
    const flight = 'nonce' in event ? flightOf(this.#lane, event.nonce) : undefined;
    const intent = 'id' in event ? event.id : (flight?.intent?.id ?? null);
    const isUndone = (event.type === 'vanished' || event.type === 'mined') && flight?.outcome != null;
    const isOdd = event.type === 'vanished' || event.type === 'displaced' || event.type === 'refused';
    const topic = isUndone ? 'ledger.undone' : `ledger.${event.type}`;
    const level = isUndone ? 'error' : isOdd ? 'warn' : 'debug';
    inspect({ topic, level, details: { account, intent, nonce: flight?.nonce ?? null } });
  }

  /** The chain, its nodes and the signer may fail; this program and its journal may not. */
  #forgive(thrown: unknown, topic: string): void {
    const { closed, account, inspect, fail } = this.#options;
    if (closed.aborted) return;
    const fault = toFault(thrown, resourceErrors.RESOURCE_LEDGER_BROKEN);
    const isOurs = !(thrown instanceof Fault) || fault.code.startsWith('ACTORS_');
    if (isOurs) {
      fail(fault);
      return;
    }
    const level = this.#failing.get(topic) === fault.message ? 'debug' : 'warn';
    this.#failing.set(topic, fault.message);
    inspect({ topic, level, details: { account }, fault: fault.toWire() });
  }
}

/** Throws `RESOURCE_INTENT_INVALID` on what journal, contracts or pools have no room for. */
function validate(id: IntentId, call: LedgerCall, { account, contracts }: LaneOptions): void {
  const invalid = (reason: string, cause?: unknown) =>
    resourceErrors.RESOURCE_INTENT_INVALID({ intent: id, reason }, cause);
  let bytes: number;
  try {
    laneCodecs.encodeEvent({ type: 'accepted', id, call });
    bytes = callRequest(account, call, contracts).data.length / 2;
  } catch (thrown) {
    throw invalid(`it is not of the form of ${call.type}`, thrown);
  }
  if (bytes > CALL_BYTES_MAX) throw invalid(`no pool takes a transaction of ${bytes} bytes`);
}
