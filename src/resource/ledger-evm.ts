/**
 * The ledger on an Ethereum chain.
 *
 * One loop looks at the chain, tells the news up to the confirmed block, and then gives the same sight to
 * the lane of each account; so the news of a block come before the outcomes in it. A lane that made progress
 * wakes the loop, otherwise it looks every `pollMs`. There is one process for a journal and an account's
 * intents: two that know nothing of one another would both do what both intend.
 *
 * Nothing here keeps anything but who waits: intents are in the lanes and the journal, and closing it and
 * losing it are the same.
 */

import {
  type Clock,
  decode,
  type Fault,
  type Inspector,
  type Journal,
  type Milliseconds,
  MINUTE_MS,
  SECOND_MS,
  toFault,
} from '../actors/index.ts';
import { type Account, parseAccount } from '../connectivity/index.ts';
import { type ChainEndpoints, type ChainSight, chainEndpoints } from './chain-endpoints.ts';
import type { EvmContracts } from './contract-calls.ts';
import { resourceErrors } from './errors.ts';
import { decodeOutcome } from './intent-codec.ts';
import type { TransactionSigner } from './intent-hand.ts';
import type { LanePolicy } from './intent-watch.ts';
import type { Intent, IntentId, IntentOutcome, Ledger, LedgerHealth, LedgerNews, Seconds } from './ledger.ts';
import { type LaneOptions, type LedgerLane, openLane } from './ledger-lane.ts';
import { NewsFeed } from './ledger-news.ts';
import { type LedgerViews, ledgerViews } from './ledger-views.ts';

export interface EvmLedgerOptions {
  readonly rpc: readonly string[];
  readonly chainId: bigint;
  readonly contracts: EvmContracts;
  /** Blocks, its own included, after which a transaction counts. */
  readonly confirmations: number;
  /** Blocks after which nothing is undone any more, if not as below; never less than `confirmations`. */
  readonly finality?: number;
  /** In wei for each unit of gas, if not as below; dearer chains are waited for. */
  readonly feeCap?: bigint;
  readonly journal: Journal;
  readonly signers: readonly TransactionSigner[];
  readonly clock: Clock;
  readonly inspect?: Inspector;
  readonly pollMs?: Milliseconds;
}

/** A third of Ethereum's block time: what is mined is known four seconds later, for 20 000 looks a day. */
const POLL_MS: Milliseconds = 4 * SECOND_MS;
/** Two epochs of Ethereum, after which its own validators consider a block final. */
const FINALITY_BLOCKS = 64;
/** 500 gwei: a redemption of 50 000 gas is then 0.025 ether, more than it is worth to anybody here. */
const FEE_CAP = 500_000_000_000n;
/** A chain or its node stands still: Ethereum missed no more than a few slots in a row, ever. */
const STALE_MS: Milliseconds = 5 * MINUTE_MS;

/** Rejects with `ACTORS_ENTRY_UNREADABLE`, or with the fault of the journal; the chain may be down. */
export async function openEvmLedger(options: EvmLedgerOptions): Promise<Ledger> {
  const ledger = new EvmLedger(options);
  await ledger.open();
  return ledger.port;
}

class EvmLedger {
  readonly #options: EvmLedgerOptions;
  readonly #policy: LanePolicy;
  readonly #prefix: string;
  readonly #inspect: Inspector;
  readonly #endpoints: ChainEndpoints;
  readonly #news: NewsFeed;
  readonly #views: LedgerViews;
  readonly #lanes = new Map<Account, LedgerLane>();
  readonly #closed = new AbortController();
  readonly #accepting = new Map<IntentId, Promise<void>>();
  readonly #waiting = new Map<IntentId, Set<(outcome: IntentOutcome) => void>>();
  #sight: ChainSight | undefined;
  /** Nothing that was told is older than this. */
  #toldBlock = 0;
  #turning: Promise<void> | undefined;
  #isWoken = false;
  #cancelTimer: () => void = () => {};

  constructor(options: EvmLedgerOptions) {
    const { rpc, chainId, contracts, confirmations, journal, clock } = options;
    const finality = Math.max(options.finality ?? FINALITY_BLOCKS, confirmations);
    const closed = this.#closed.signal;
    this.#options = options;
    this.#policy = { confirmations, finality, feeCap: options.feeCap ?? FEE_CAP };
    this.#prefix = `ledger/${chainId}/${contracts.JobMarket}`;
    this.#inspect = options.inspect ?? (() => {});
    const { GridToken, ProviderRegistry, JobMarket, ResultAnchor } = contracts;
    const asked = [GridToken, ProviderRegistry, JobMarket, ResultAnchor];
    this.#endpoints = chainEndpoints({ rpc, chainId, contracts: asked, clock, inspect: this.#inspect });
    const common = { contracts, policy: this.#policy, journal, inspect: this.#inspect, closed };
    this.#news = new NewsFeed({ ...common, prefix: `${this.#prefix}/news/` });
    const block = () => this.#confirmedBlock();
    this.#views = ledgerViews({ endpoints: this.#endpoints, contracts, block, closed });
  }

  get port(): Ledger {
    return {
      ...this.#views,
      intend: (intent) => this.#intend(intent),
      outcome: (id, signal) => this.#outcome(id, signal),
      health: () => this.#health(),
      follow: (listener) => this.#follow(listener),
      close: () => this.#close(),
    };
  }

  /** The lanes of all who sign, and of all who ever did: what they have in the air is followed to its end. */
  async open(): Promise<void> {
    const { signers, journal } = this.#options;
    const prefix = `${this.#prefix}/lane/`;
    const signing = new Map(signers.map((signer) => [signer.account, signer]));
    const names = (await journal.streams(prefix)).map((stream) => parseAccount(stream.slice(prefix.length)));
    const known = names.filter((account) => account !== undefined);
    for (const account of new Set([...signing.keys(), ...known])) {
      this.#lanes.set(account, await openLane(this.#laneOptions(account, signing.get(account))));
    }
    this.#wake();
  }

  #laneOptions(account: Account, signer: TransactionSigner | undefined): LaneOptions {
    const { chainId, contracts, journal, clock } = this.#options;
    return {
      account,
      signer,
      chainId,
      contracts,
      policy: this.#policy,
      journal,
      stream: `${this.#prefix}/lane/${account}`,
      outcomeKey: (id) => this.#outcomeKey(id),
      endpoints: this.#endpoints,
      clock,
      inspect: this.#inspect,
      closed: this.#closed.signal,
      wake: () => this.#wake(),
      tell: (id, outcome) => this.#tell(id, outcome),
      fail: (fault) => this.#end(fault),
    };
  }

  #outcomeKey(id: IntentId): string {
    return `${this.#prefix}/outcome/${id}`;
  }

  #wake(): void {
    if (this.#closed.signal.aborted) return;
    this.#isWoken = true;
    this.#cancelTimer();
    this.#turning ??= this.#turn().finally(() => {
      this.#turning = undefined;
      if (this.#closed.signal.aborted) return;
      if (this.#isWoken) this.#wake();
      else this.#cancelTimer = this.#options.clock.after(this.#options.pollMs ?? POLL_MS, () => this.#wake());
    });
  }

  async #turn(): Promise<void> {
    this.#isWoken = false;
    try {
      const sight = await this.#look();
      await this.#news.advance(sight).catch((thrown) => this.#forgive(thrown, 'ledger.news-failed'));
      await Promise.all([...this.#lanes.values()].map((lane) => lane.turn(sight)));
    } catch (thrown) {
      this.#forgive(thrown, 'ledger.silent');
    }
  }

  async #look(): Promise<ChainSight> {
    this.#closed.signal.throwIfAborted();
    this.#sight = await this.#endpoints.look(this.#closed.signal);
    return this.#sight;
  }

  #forgive(thrown: unknown, topic: string): void {
    if (this.#closed.signal.aborted) return;
    const fault = toFault(thrown, resourceErrors.RESOURCE_LEDGER_BROKEN);
    if (fault.retry) this.#inspect({ topic, level: 'debug', fault: fault.toWire() });
    else this.#end(fault);
  }

  async #intend(intent: Intent): Promise<void> {
    this.#closed.signal.throwIfAborted();
    const { id } = intent;
    const underWay = this.#accepting.get(id);
    if (underWay !== undefined) return underWay;
    if (this.#laneOutcome(id) !== undefined) return;
    const accepting = this.#accept(intent).finally(() => this.#accepting.delete(id));
    this.#accepting.set(id, accepting);
    return accepting;
  }

  async #accept(intent: Intent): Promise<void> {
    const lane = this.#lanes.get(intent.from);
    if (lane === undefined) throw resourceErrors.RESOURCE_SIGNER_MISSING({ account: intent.from });
    if ((await this.#options.journal.get(this.#outcomeKey(intent.id))) !== undefined) return;
    await lane.accept(intent);
  }

  #laneOutcome(id: IntentId): IntentOutcome | null | undefined {
    for (const lane of this.#lanes.values()) {
      const outcome = lane.outcome(id);
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  }

  async #outcome(id: IntentId, signal: AbortSignal): Promise<IntentOutcome> {
    const end = AbortSignal.any([signal, this.#closed.signal]);
    end.throwIfAborted();
    await this.#accepting.get(id)?.catch(() => {});
    const known = this.#laneOutcome(id);
    if (known === undefined) {
      const row = await this.#options.journal.get(this.#outcomeKey(id));
      if (row === undefined) throw resourceErrors.RESOURCE_INTENT_UNKNOWN({ intent: id });
      return decodeOutcome(decode(row));
    }
    end.throwIfAborted();
    return known ?? this.#wait(id, end);
  }

  #wait(id: IntentId, end: AbortSignal): Promise<IntentOutcome> {
    const { promise, resolve, reject } = Promise.withResolvers<IntentOutcome>();
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting.add(resolve));
    const abort = () => reject(end.reason);
    end.addEventListener('abort', abort, { once: true });
    return promise.finally(() => {
      end.removeEventListener('abort', abort);
      waiting.delete(resolve);
      if (waiting.size === 0) this.#waiting.delete(id);
    });
  }

  #tell(id: IntentId, outcome: IntentOutcome): void {
    if (outcome.type === 'done') this.#toldBlock = Math.max(this.#toldBlock, outcome.block);
    for (const resolve of this.#waiting.get(id) ?? []) resolve(outcome);
  }

  async #confirmedBlock(): Promise<number> {
    const { head } = this.#sight ?? (await this.#look());
    return Math.max(0, head.number - this.#policy.confirmations + 1, this.#toldBlock);
  }

  async #health(): Promise<LedgerHealth> {
    this.#closed.signal.throwIfAborted();
    let silence: Fault | undefined;
    const sight = await this.#look().catch((thrown) => {
      this.#closed.signal.throwIfAborted();
      silence = toFault(thrown, resourceErrors.RESOURCE_CHAIN_SILENT);
      return this.#sight;
    });
    const { chainId, clock } = this.#options;
    const timeMs = sight?.head.timeMs ?? 0;
    const ageMs = Math.max(0, clock.now() - timeMs);
    const old = ageMs > STALE_MS ? `The newest block is ${Math.round(ageMs / SECOND_MS)} s old.` : null;
    const reason = silence?.message ?? old;
    const time = Math.floor(timeMs / SECOND_MS) as Seconds;
    return { chainId, block: sight?.head.number ?? 0, time, ageMs, healthy: reason === null, reason };
  }

  #follow(listener: (news: LedgerNews) => void): () => void {
    const end = this.#news.follow(listener);
    this.#wake();
    return end;
  }

  #end(fault: Fault): void {
    if (this.#closed.signal.aborted) return;
    this.#cancelTimer();
    this.#inspect({ topic: 'ledger.ended', level: 'error', fault: fault.toWire() });
    this.#closed.abort(fault);
  }

  /** What is being written is written; what is being asked is not waited for. */
  async #close(): Promise<void> {
    this.#cancelTimer();
    this.#closed.abort(resourceErrors.RESOURCE_LEDGER_CLOSED({}));
    await this.#turning;
    await this.#options.journal.commit({}).catch(() => {});
  }
}
