/**
 * A chain in memory, in the time of an injected clock, and the ledgers of the nodes that are connected to it:
 * the same port as the ledger on an Ethereum chain, held to the same conformance suite, and exact to repeat.
 *
 * The chain makes a block whenever a call comes, or one for all that came within `blockMs`. It can stop, as
 * chains do for their users when every RPC endpoint is down: calls then wait. What a node intended is
 * remembered under its name, as by a journal, so a node that crashed connects again and asks for the outcome.
 */

import { type Clock, type Milliseconds, SECOND_MS } from '../actors/index.ts';
import type { Account } from '../connectivity/index.ts';
import { resourceErrors } from './errors.ts';
import type {
  Bytes32,
  CaseView,
  DealId,
  DealView,
  Intent,
  IntentId,
  IntentOutcome,
  Ledger,
  LedgerHealth,
  LedgerNews,
  Seconds,
  ShareView,
  StakeView,
} from './ledger.ts';
import { stepLedger } from './ledger-machine.ts';
import { type LedgerGenesis, LedgerState } from './ledger-state.ts';
import { workerOf } from './registry-laws.ts';

export interface MemoryChainOptions extends LedgerGenesis {
  readonly clock: Clock;
  /** 0, if not given: each call has its block at once. */
  readonly blockMs?: Milliseconds;
}

export interface MemoryChain {
  /** The ledger of a node. It may close it, or crash, and connect again. */
  connect(node: string): Ledger;
  /** No block is made until `resume`. */
  halt(): void;
  resume(): void;
}

export function createMemoryChain(options: MemoryChainOptions): MemoryChain {
  const chain = new Chain(options);
  return {
    connect: (node) => new MemoryLedger(chain, node),
    halt: () => chain.halt(),
    resume: () => chain.resume(),
  };
}

/** What a node intended, and what became of it. */
interface Errand {
  readonly intent: Intent;
  outcome: IntentOutcome | undefined;
  readonly waiting: Set<(outcome: IntentOutcome) => void>;
}

class Chain {
  readonly clock: Clock;
  readonly state: LedgerState;
  readonly listeners = new Set<(news: LedgerNews) => void>();
  readonly #errands = new Map<string, Map<IntentId, Errand>>();
  readonly #blockMs: Milliseconds;
  #waiting: Errand[] = [];
  #block = 0;
  #blockAtMs: Milliseconds;
  #isHalted = false;
  #isDue = false;

  constructor({ clock, blockMs = 0, ...genesis }: MemoryChainOptions) {
    this.clock = clock;
    this.state = new LedgerState(genesis);
    this.#blockMs = blockMs;
    this.#blockAtMs = clock.now();
  }

  errandsOf(node: string): Map<IntentId, Errand> {
    const errands = this.#errands.get(node) ?? new Map<IntentId, Errand>();
    this.#errands.set(node, errands);
    return errands;
  }

  take(errand: Errand): void {
    this.#waiting.push(errand);
    this.#plan();
  }

  halt(): void {
    this.#isHalted = true;
  }

  resume(): void {
    this.#isHalted = false;
    this.#plan();
  }

  health(): LedgerHealth {
    const isHealthy = !this.#isHalted;
    return {
      chainId: this.state.domain.chainId,
      block: this.#block,
      // Chains make blocks without calls, too.
      time: this.#timeOf(isHealthy ? this.clock.now() : this.#blockAtMs),
      ageMs: isHealthy ? 0 : this.clock.now() - this.#blockAtMs,
      healthy: isHealthy,
      reason: isHealthy ? null : 'The chain has stopped making blocks.',
    };
  }

  #plan(): void {
    if (this.#isHalted || this.#isDue || this.#waiting.length === 0) return;
    if (this.#blockMs === 0) {
      this.#makeBlock();
      return;
    }
    this.#isDue = true;
    this.clock.after(this.#blockMs, () => {
      this.#isDue = false;
      if (!this.#isHalted) this.#makeBlock();
    });
  }

  #makeBlock(): void {
    const errands = this.#waiting;
    this.#waiting = [];
    this.#block += 1;
    this.#blockAtMs = this.clock.now();
    for (const [place, errand] of errands.entries()) this.#carryOut(errand, place);
  }

  #carryOut(errand: Errand, place: number): void {
    const { from, call } = errand.intent;
    const { refusal, news } = stepLedger(this.state, from, call, this.#timeOf(this.#blockAtMs));
    const transaction = `memory:${this.#block}:${place}`;
    errand.outcome =
      refusal === undefined
        ? { type: 'done', transaction, gasUsed: 0n, block: this.#block }
        : { type: 'refused', error: refusal };
    for (const told of news) for (const listener of [...this.listeners]) listener(told);
    for (const resolve of errand.waiting) resolve(errand.outcome);
    errand.waiting.clear();
  }

  #timeOf(ms: Milliseconds): Seconds {
    return Math.floor(ms / SECOND_MS) as Seconds;
  }
}

class MemoryLedger implements Ledger {
  readonly #chain: Chain;
  readonly #errands: Map<IntentId, Errand>;
  readonly #follows = new Set<() => void>();
  readonly #closed = new AbortController();

  constructor(chain: Chain, node: string) {
    this.#chain = chain;
    this.#errands = chain.errandsOf(node);
  }

  async intend(intent: Intent): Promise<void> {
    this.#closed.signal.throwIfAborted();
    if (this.#errands.has(intent.id)) return;
    const errand: Errand = { intent, outcome: undefined, waiting: new Set() };
    this.#errands.set(intent.id, errand);
    this.#chain.take(errand);
  }

  async outcome(id: IntentId, signal: AbortSignal): Promise<IntentOutcome> {
    const end = AbortSignal.any([signal, this.#closed.signal]);
    end.throwIfAborted();
    const errand = this.#errands.get(id);
    if (errand === undefined) throw resourceErrors.RESOURCE_INTENT_UNKNOWN({ intent: id });
    if (errand.outcome !== undefined) return errand.outcome;
    const { promise, resolve, reject } = Promise.withResolvers<IntentOutcome>();
    const abort = () => reject(end.reason);
    errand.waiting.add(resolve);
    end.addEventListener('abort', abort, { once: true });
    return promise.finally(() => {
      errand.waiting.delete(resolve);
      end.removeEventListener('abort', abort);
    });
  }

  async health(): Promise<LedgerHealth> {
    return this.#chain.health();
  }

  async ether(account: Account): Promise<bigint> {
    return this.#chain.state.ether.get(account);
  }

  async tokens(account: Account): Promise<bigint> {
    return this.#chain.state.tokens.get(account);
  }

  async balance(account: Account): Promise<bigint> {
    return this.#chain.state.balances.get(account);
  }

  async stake(provider: Account): Promise<StakeView> {
    const { staked, locked, unbonding, readyAt } = this.#chain.state.providers.get(provider);
    return { staked, locked, unbonding, readyAt };
  }

  async providerOf(worker: Account): Promise<Account | undefined> {
    return workerOf(this.#chain.state, worker);
  }

  async payoutOf(provider: Account): Promise<Account | undefined> {
    return this.#chain.state.providers.get(provider).payout;
  }

  async deal(deal: DealId): Promise<DealView> {
    const { state, remaining, promised } = this.#chain.state.deals.get(deal);
    return { state, remaining, promised };
  }

  async share(deal: DealId, provider: Account): Promise<ShareView> {
    return this.#chain.state.shares.get(deal, provider);
  }

  async caseOf(deal: DealId, unit: Bytes32): Promise<CaseView> {
    return this.#chain.state.cases.get(deal, unit);
  }

  async anchored(publisher: Account, subject: Bytes32): Promise<Bytes32 | undefined> {
    return this.#chain.state.anchors.get(publisher, subject);
  }

  follow(listener: (news: LedgerNews) => void): () => void {
    const told = (news: LedgerNews) => listener(news);
    this.#chain.listeners.add(told);
    const end = () => {
      this.#chain.listeners.delete(told);
      this.#follows.delete(end);
    };
    this.#follows.add(end);
    return end;
  }

  async close(): Promise<void> {
    for (const end of this.#follows) end();
    this.#closed.abort(resourceErrors.RESOURCE_LEDGER_CLOSED({}));
  }
}
