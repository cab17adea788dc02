/**
 * A chain that does its worst, as simply as it can be said, and one account's intents on it: what the
 * property test of the machine plays with. Blocks are rewritten, pools forget, strangers use the same key,
 * looks lag, and the process dies between any two steps. The oracle is the list of blocks: what is in it was
 * paid.
 */

import { encode, decode } from '../../src/actors/index.ts';
import type { Account, RawTransaction } from '../../src/connectivity/index.ts';
import { laneCodecs } from '../../src/resource/intent-codec.ts';
import {
  fits,
  intentMachine,
  type Lane,
  type LaneEffect,
  type LaneEvent,
  type Mined,
  newLane,
} from '../../src/resource/intent-machine.ts';
import {
  due,
  inTheAir,
  isUnmoved,
  type LanePolicy,
  type LaneSight,
  type LaneTask,
  proven,
  rejected,
} from '../../src/resource/intent-watch.ts';
import type { IntentId } from '../../src/resource/ledger.ts';
import { type Fee, feeAt } from '../../src/resource/transaction-fee.ts';
import { requester, word } from './deal-papers.ts';

export const policy: LanePolicy = { confirmations: 2, finality: 6, feeCap: 1_000_000n };
export const account: Account = requester.account;
export const STRANGER = 'stranger';

/** Where the process dies in a step of work, if it does. */
export type Crash = 'never' | 'before it is durable' | 'before it is done';

interface Transaction {
  readonly hash: string;
  readonly nonce: number;
  readonly fee: Fee;
  /** What it pays: an intent, nothing, or what a stranger wants. */
  readonly pays: string | null;
}

interface Block {
  readonly hash: string;
  readonly transactions: readonly Transaction[];
}

export class LaneWorld {
  blocks: Block[] = [{ hash: word(1n << 200n), transactions: [] }];
  baseFee = 100n;
  /** The node that is asked says nothing of what waits in pools. */
  isBlind = false;
  lane: Lane = newLane(account);
  /** Outcomes as the journal has them, when the machine has forgotten the intent. */
  readonly kept = new Map<IntentId, string>();
  readonly refused = new Set<string>();
  displaced = 0;
  #pool = new Map<number, Transaction>();
  /** Encoded events: what a new process finds. */
  #journal: Uint8Array[] = [];
  /** Every transaction ever signed, by its raw form. */
  readonly #signed = new Map<RawTransaction, Transaction>();
  /** Every transaction that a pool ever saw. */
  readonly #sent: Transaction[] = [];
  #serial = 0;

  accept(id: IntentId, crash: Crash): void {
    this.#apply([{ type: 'accepted', id, call: { type: 'unstake' } }], crash);
  }

  /** Looks, `lag` blocks behind the head, and does what is due. */
  work(lag: number, crash: Crash): void {
    const sight = this.#sight(Math.max(1, this.blocks.length - lag));
    if (this.#apply(proven(this.lane, sight, policy), crash)) return;
    for (const raw of inTheAir(this.lane)) this.#send(raw);
    const task = due(this.lane, sight, policy);
    if (task === undefined) return;
    const facts = this.#carryOut(task, sight).filter((event) => fits(this.lane, event));
    this.#apply(facts, crash);
  }

  /** All that the pool has and the base fee allows, or nothing. */
  mine(isFull: boolean): void {
    const transactions: Transaction[] = [];
    for (let nonce = this.#count(this.blocks.length); isFull; nonce += 1) {
      const next = this.#pool.get(nonce);
      if (next === undefined || next.fee.maxFee < this.baseFee) break;
      transactions.push(next);
    }
    this.#append(transactions);
  }

  forget(): void {
    this.#pool.clear();
  }

  /** Some node kept what all others forgot: it comes back, if it can still be mined. */
  recall(which: number): void {
    const transaction = this.#sent[which % this.#sent.length];
    if (transaction !== undefined) this.#offer(transaction);
  }

  /** A stranger uses the key: past the pools, into the next block, or as one more that waits. */
  intrude(isMined: boolean): void {
    const latest = this.#count(this.blocks.length);
    const nonce = isMined ? latest : latest + this.#waiting(latest);
    const taken = this.#transaction(nonce, { maxFee: this.baseFee * 2n, tip: 1n }, STRANGER);
    if (isMined) this.#append([taken]);
    else this.#pool.set(nonce, taken);
  }

  /** The last blocks are others now, one more than before; what was in them waits again, or is forgotten. */
  rewrite(depth: number, isKept: boolean): void {
    const kept = Math.max(1, this.blocks.length - Math.min(depth, policy.finality - 1));
    const gone = this.blocks.splice(kept);
    for (const { transactions } of gone) {
      for (const transaction of transactions) {
        if (isKept) this.#pool.set(transaction.nonce, transaction);
      }
    }
    for (let count = gone.length + 1; count > 0; count -= 1) this.#append([]);
  }

  /** What the machine would tell as done, and does not see on the chain. */
  unfounded(): boolean {
    return this.lane.flights.some(({ mined, outcome }) => mined === null && outcome !== null);
  }

  /** How often each thing was paid, on the chain as it is. */
  paid(): Map<string, number> {
    const paid = new Map<string, number>();
    for (const { transactions } of this.blocks) {
      for (const { pays } of transactions) {
        if (pays !== null) paid.set(pays, (paid.get(pays) ?? 0) + 1);
      }
    }
    return paid;
  }

  order(): string[] {
    const all = this.blocks.flatMap(({ transactions }) => transactions.map(({ pays }) => pays));
    return all.filter((pays) => pays !== null && pays !== STRANGER) as string[];
  }

  crash(): void {
    this.lane = newLane(account);
    for (const entry of this.#journal) {
      intentMachine.step(this.lane, laneCodecs.decodeEvent(decode(entry)), 0);
    }
    // What a snapshot holds is all that a replay leads to.
    this.lane = laneCodecs.decodeState(decode(encode(laneCodecs.encodeState(this.lane))));
  }

  /** Whether the process died. */
  #apply(events: readonly LaneEvent[], crash: Crash): boolean {
    if (events.length === 0) return false;
    const effects: LaneEffect[] = [];
    const entries = events.map((event) => encode(laneCodecs.encodeEvent(event)));
    for (const event of events) {
      if (event.type === 'displaced') this.displaced += 1;
      effects.push(...intentMachine.step(this.lane, event, 0).effects);
    }
    if (crash !== 'before it is durable') {
      this.#journal.push(...entries);
      for (const effect of effects) {
        if (effect.type === 'keep') this.kept.set(effect.id, effect.outcome.type);
      }
    }
    if (crash !== 'never') {
      this.crash();
      return true;
    }
    for (const effect of effects) {
      if (effect.type === 'send') this.#send(effect.raw);
    }
    return false;
  }

  #carryOut(task: LaneTask, { head, count }: LaneSight): LaneEvent[] {
    switch (task.type) {
      case 'prepare': {
        if (this.refused.has(task.id)) return rejected(this.lane, task.id, 'No', head.number, policy);
        const nonce = Math.max(this.lane.nonceFloor, count + (this.isBlind ? 0 : this.#waiting(count)));
        return [this.#sign(task.id, nonce, feeAt(head.fee, policy.feeCap), head.number)];
      }
      case 'bump':
        return [this.#sign(task.flight.intent?.id ?? null, task.flight.nonce, task.fee, head.number)];
      case 'fill':
        return [this.#sign(null, task.nonce, feeAt(head.fee, policy.feeCap), head.number)];
      case 'trace':
        return this.#trace(task.flight.nonce, head.number - policy.finality + 1);
      case 'explain':
        throw new TypeError('nothing reverts here');
    }
  }

  #trace(nonce: number, deep: number): LaneEvent[] {
    const taken = this.blocks.slice(0, Math.max(0, deep + 1)).flatMap(({ transactions }) => transactions);
    const by = taken.find((transaction) => transaction.nonce === nonce);
    const isOurs = by !== undefined && [...this.#signed.values()].some(({ hash }) => hash === by.hash);
    return by === undefined || isOurs ? [] : [{ type: 'displaced', nonce, by: by.hash }];
  }

  #sign(id: IntentId | null, nonce: number, fee: Fee, block: number): LaneEvent {
    const transaction = this.#transaction(nonce, fee, id);
    const raw = transaction.hash as RawTransaction;
    this.#signed.set(raw, transaction);
    return { type: 'signed', id, nonce, gas: 1n, raw, attempt: { hash: transaction.hash, fee }, block };
  }

  #transaction(nonce: number, fee: Fee, pays: string | null): Transaction {
    this.#serial += 1;
    return { hash: word(this.#serial), nonce, fee, pays };
  }

  #send(raw: RawTransaction): void {
    const transaction = this.#signed.get(raw)!;
    this.#sent.push(transaction);
    this.#offer(transaction);
  }

  /** As a pool takes it: not what is past, and over another one only for a tenth more. */
  #offer(transaction: Transaction): void {
    const there = this.#pool.get(transaction.nonce);
    if (transaction.nonce < this.#count(this.blocks.length)) return;
    if (there === undefined || transaction.fee.maxFee * 10n >= there.fee.maxFee * 11n) {
      this.#pool.set(transaction.nonce, transaction);
    }
  }

  #append(transactions: readonly Transaction[]): void {
    this.#serial += 1;
    this.blocks.push({ hash: word((1n << 200n) + BigInt(this.#serial)), transactions });
    const count = this.#count(this.blocks.length);
    for (const nonce of this.#pool.keys()) if (nonce < count) this.#pool.delete(nonce);
  }

  #count(length: number): number {
    return this.blocks.slice(0, length).reduce((sum, { transactions }) => sum + transactions.length, 0);
  }

  #waiting(from: number): number {
    let nonce = from;
    while (this.#pool.has(nonce)) nonce += 1;
    return nonce - from;
  }

  #sight(length: number): LaneSight {
    const receipts = new Map<string, Mined>();
    const absent = new Set<string>();
    for (const flight of this.lane.flights.toReversed()) {
      for (const { hash } of flight.attempts) {
        const mined = this.#receipt(hash, length);
        if (mined === undefined) absent.add(hash);
        else receipts.set(hash, mined);
      }
      if (isUnmoved(flight, receipts)) break;
    }
    const number = length - 1;
    const fee = { baseFee: this.baseFee, tip: 1n };
    const head = { number, hash: this.blocks[number]!.hash, timeMs: 0, fee };
    return { head, count: this.#count(length), receipts, absent };
  }

  #receipt(hash: string, length: number): Mined | undefined {
    const isIn = ({ transactions }: Block) => transactions.some((transaction) => transaction.hash === hash);
    const block = this.blocks.slice(0, length).findIndex(isIn);
    const blockHash = this.blocks[block]?.hash;
    return blockHash === undefined ? undefined : { hash, block, blockHash, succeeded: true, gasUsed: 1n };
  }
}
