/**
 * What a look at the chain proves of an account's flights, and what is to be done next. Both pure.
 *
 * A look comes from one endpoint, which may lag, or stand on a branch that will not last. So a receipt is
 * believed for as deep as it lies; that there is none is believed only of an endpoint that has seen the block
 * it was in; and all that an absence ever leads to is the same nonce sent again, which is harmless if it was
 * wrong. The one step that could pay twice, another nonce for the same intent, needs the sight of a
 * stranger's transaction instead (`trace`).
 */

import type { Milliseconds } from '../actors/index.ts';
import type { Account, RawTransaction } from '../connectivity/index.ts';
import type { ChainHash, Flight, Lane, LaneEvent, Mined } from './intent-machine.ts';
import type { IntentId, LedgerCall } from './ledger.ts';
import { type Fee, type FeeSuggestion, feeAbove } from './transaction-fee.ts';

export interface Head {
  readonly number: number;
  readonly hash: ChainHash;
  /** Of the chain's clock. */
  readonly timeMs: Milliseconds;
  readonly fee: FeeSuggestion;
}

export interface LaneSight {
  readonly head: Head;
  /** Transactions of the account that are mined at the head: the nonce of its next. */
  readonly count: number;
  /** Of our transactions that were asked for, those that are mined. */
  readonly receipts: ReadonlyMap<ChainHash, Mined>;
  /** And those that are not. */
  readonly absent: ReadonlySet<ChainHash>;
}

export interface LanePolicy {
  /** Blocks that hold a transaction when it is told as done, its own included. */
  readonly confirmations: number;
  /** Blocks after which nothing is undone; at least `confirmations`. */
  readonly finality: number;
  /** In wei for each unit of gas. */
  readonly feeCap: bigint;
}

/** Blocks that may pass a transaction by: chance in one or two, not in three, when it pays what is asked. */
const PASSED_BLOCKS = 3;
/** A nonce below ours is a stranger's transaction in a pool; it gets this many blocks to be mined. */
const GAP_BLOCKS = 10;
/** Fees grow a hundredfold in 40 steps of an eighth, which no cap allows; each is asked for in each look. */
const ATTEMPTS_MAX = 40;

export type LaneTask =
  /** Sign it with the next nonce, or find out that the contracts refuse it. */
  | { readonly type: 'prepare'; readonly id: IntentId; readonly call: LedgerCall }
  | { readonly type: 'bump'; readonly flight: Flight; readonly fee: Fee }
  | { readonly type: 'fill'; readonly account: Account; readonly nonce: number }
  /** Find out who has the nonce. */
  | { readonly type: 'trace'; readonly flight: Flight }
  /** Find out by which error the contracts refused it. */
  | { readonly type: 'explain'; readonly flight: Flight; readonly mined: Mined };

/** Still in the block in which it was seen, and so is every one before it. */
export function isUnmoved(flight: Flight, receipts: LaneSight['receipts']): boolean {
  return flight.mined !== null && receipts.get(flight.mined.hash)?.blockHash === flight.mined.blockHash;
}

/**
 * The facts of a look, in the order in which they are to be stepped. What was not asked for is older than one
 * that was found unmoved.
 */
export function proven(lane: Lane, sight: LaneSight, policy: LanePolicy): LaneEvent[] {
  const facts: LaneEvent[] = [];
  let isSure = false;
  for (const flight of lane.flights.toReversed()) {
    const { nonce, mined } = flight;
    const found = receiptOf(flight, sight);
    if (found !== undefined) {
      if (isUnmoved(flight, sight.receipts)) isSure = true;
      else facts.push({ type: 'mined', nonce, mined: found });
      facts.push(...depthFacts(flight, found, sight, policy));
    } else if (mined !== null && isSure) {
      facts.push(...depthFacts(flight, mined, sight, policy));
    } else if (mined !== null && sight.absent.has(mined.hash) && sight.head.number >= mined.block) {
      facts.push({ type: 'vanished', nonce });
    }
  }
  return facts;
}

function receiptOf({ attempts }: Flight, { receipts }: LaneSight): Mined | undefined {
  for (const { hash } of attempts) {
    const found = receipts.get(hash);
    if (found !== undefined) return found;
  }
  return undefined;
}

function depthFacts(flight: Flight, mined: Mined, { head }: LaneSight, policy: LanePolicy): LaneEvent[] {
  const { nonce, intent } = flight;
  const depth = head.number - mined.block + 1;
  const isTold = flight.outcome !== null && flight.mined?.blockHash === mined.blockHash;
  if (isTold) return depth >= policy.finality ? [{ type: 'settled', nonce }] : [];
  if (depth < policy.confirmations) return [];
  // The name of an error needs a question of its own; a gap is closed by whatever has its nonce.
  if (!mined.succeeded && intent !== null) return [];
  const { hash, block, gasUsed } = mined;
  return [{ type: 'confirmed', nonce, outcome: { type: 'done', transaction: hash, gasUsed, block } }];
}

/** Transactions to be given to the pools (again): whatever is not mined, since pools forget. */
export function inTheAir(lane: Lane): readonly RawTransaction[] {
  return lane.flights.filter(({ mined }) => mined === null).map(({ raw }) => raw);
}

/** The most pressing thing, if there is any. One at a time: each of them may change what comes next. */
export function due(lane: Lane, sight: LaneSight, policy: LanePolicy): LaneTask | undefined {
  const reverted = lane.flights.find((flight) => isUnexplained(flight, sight, policy));
  if (reverted !== undefined) return { type: 'explain', flight: reverted, mined: reverted.mined! };
  const lowest = lane.flights.find(({ mined }) => mined === null);
  if (lowest !== undefined) return dueInTheAir(lane, lowest, sight, policy);
  const [next] = lane.waiting;
  return next === undefined ? undefined : { type: 'prepare', id: next.id, call: next.call };
}

function isUnexplained({ intent, mined, outcome }: Flight, { head }: LaneSight, policy: LanePolicy): boolean {
  if (intent === null || mined === null || mined.succeeded || outcome !== null) return false;
  return head.number - mined.block + 1 >= policy.confirmations;
}

function dueInTheAir(
  lane: Lane,
  flight: Flight,
  { head, count }: LaneSight,
  policy: LanePolicy,
): LaneTask | undefined {
  const passed = head.number - flight.signedAt;
  if (count > flight.nonce) return { type: 'trace', flight };
  if (count < flight.nonce) {
    const isGap =
      passed >= GAP_BLOCKS && !lane.flights.some(({ nonce }) => nonce >= count && nonce < flight.nonce);
    return isGap ? { type: 'fill', account: lane.account, nonce: count } : undefined;
  }
  if (passed < PASSED_BLOCKS || flight.attempts.length >= ATTEMPTS_MAX) return undefined;
  const fee = feeAbove(flight.attempts.at(-1)!.fee, head.fee, policy.feeCap);
  return fee === undefined ? undefined : { type: 'bump', flight, fee };
}

/** What a preflight's no comes to: it is as deep as a success before it is final. */
export function rejected(
  lane: Lane,
  id: IntentId,
  error: string,
  block: number,
  { confirmations }: LanePolicy,
): LaneEvent[] {
  const [first] = lane.waiting;
  if (first === undefined || first.id !== id) return [];
  const since = first.rejection?.block ?? block;
  if (block - since + 1 >= confirmations) return [{ type: 'refused', id, error }];
  return first.rejection?.error === error ? [] : [{ type: 'rejected', id, error, block: since }];
}
