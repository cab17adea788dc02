/**
 * What the contracts remember, as tables in memory, and how a refused call leaves no trace.
 *
 * A law writes rows as it goes and stops with a refusal at whatever point, exactly as Solidity reverts; the
 * writes of that call are then undone, newest first. So laws read like the contracts, in their order of
 * checks.
 */

import type { Account, TypedDomain } from '../connectivity/index.ts';
import type { Bytes32, CaseView, DealView, LedgerNews, Seconds, ShareView } from './ledger.ts';

/** A contract's no, by the name of its error. */
class Refusal {
  readonly error: string;

  constructor(error: string) {
    this.error = error;
  }
}

/** Ends a call as `revert` does. */
export function refuse(error: string): never {
  throw new Refusal(error);
}

export function requireThat(isSo: boolean, error: string): void {
  if (!isSo) refuse(error);
}

/** Where the contracts keep nothing, they read zero. */
export const NOTHING = `0x${'0'.repeat(64)}` as Bytes32;

export const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);

export interface ProviderRow {
  /** Undefined: nobody has registered. */
  readonly payout: Account | undefined;
  readonly workers: number;
  readonly staked: bigint;
  readonly locked: bigint;
  readonly unbonding: bigint;
  readonly readyAt: Seconds;
}

/** A key stays bound to its provider until every deal is over in which it may have given its word. */
export interface WorkerRow {
  /** Undefined: nobody's. */
  readonly provider: Account | undefined;
  /** 0 while it works. */
  readonly removedAt: Seconds;
}

export interface DealRow extends DealView {
  readonly openedAt: Seconds;
}

/** As `Reputation` keeps it: what it was worth when it last changed, with 18 decimals. */
export interface ScoreRow {
  readonly value: bigint;
  readonly since: Seconds;
}

/** The seal of a commitment, or its root once it is revealed. */
export interface BundleRow {
  readonly seal: Bytes32;
  readonly isRevealed: boolean;
}

/** One call's doing: who says what, when, and what comes of it. */
export interface Turn {
  readonly from: Account;
  readonly time: Seconds;
  readonly news: LedgerNews[];
}

type Undo = (() => void)[];

const NEVER = 0 as Seconds;
const NO_WORKER: WorkerRow = { provider: undefined, removedAt: NEVER };
const NO_DEAL: DealRow = { state: 'none', remaining: 0n, promised: 0n, openedAt: NEVER };

const NOBODY: ProviderRow = {
  payout: undefined,
  workers: 0,
  staked: 0n,
  locked: 0n,
  unbonding: 0n,
  readyAt: NEVER,
};

const NO_SHARE: ShareView = {
  allocated: 0n,
  paid: 0n,
  committed: 0,
  revealed: 0,
  openCases: 0,
  state: 'none',
};

/** Rows by key; one that was never written reads as the blank. */
class Table<Row> {
  readonly #rows = new Map<string, Row>();
  readonly #undo: Undo;
  readonly #blank: Row;

  constructor(undo: Undo, blank: Row) {
    this.#undo = undo;
    this.#blank = blank;
  }

  get(...key: readonly (string | number)[]): Row {
    return this.#rows.get(key.join()) ?? this.#blank;
  }

  set(row: Row, ...key: readonly (string | number)[]): void {
    const name = key.join();
    const before = this.#rows.get(name);
    this.#undo.push(() => (before === undefined ? this.#rows.delete(name) : this.#rows.set(name, before)));
    this.#rows.set(name, row);
  }
}

export interface LedgerGenesis {
  /** Names the chain and the market. */
  readonly domain: TypedDomain;
  readonly registry: Account;
  readonly tokens: ReadonlyMap<Account, bigint>;
  /** In wei; nothing costs gas here. */
  readonly ether?: ReadonlyMap<Account, bigint>;
}

export class LedgerState {
  readonly domain: TypedDomain;
  readonly market: Account;
  readonly registry: Account;
  readonly #undo: Undo = [];
  readonly ether = new Table<bigint>(this.#undo, 0n);
  readonly tokens = new Table<bigint>(this.#undo, 0n);
  /** By owner and spender. */
  readonly allowances = new Table<bigint>(this.#undo, 0n);
  readonly balances = new Table<bigint>(this.#undo, 0n);
  readonly providers = new Table<ProviderRow>(this.#undo, NOBODY);
  readonly workers = new Table<WorkerRow>(this.#undo, NO_WORKER);
  readonly deals = new Table<DealRow>(this.#undo, NO_DEAL);
  /** By deal and provider. */
  readonly shares = new Table<ShareView>(this.#undo, NO_SHARE);
  /** By deal, provider and number. */
  readonly bundles = new Table<BundleRow | undefined>(this.#undo, undefined);
  /** By deal and unit. */
  readonly cases = new Table<CaseView>(this.#undo, { testimonies: [], settled: false });
  readonly scores = new Table<ScoreRow>(this.#undo, { value: 0n, since: NEVER });
  /** By publisher and subject. */
  readonly anchors = new Table<Bytes32 | undefined>(this.#undo, undefined);

  constructor({ domain, registry, tokens, ether = new Map() }: LedgerGenesis) {
    this.domain = domain;
    this.market = domain.verifyingContract;
    this.registry = registry;
    for (const [account, amount] of tokens) this.tokens.set(amount, account);
    for (const [account, amount] of ether) this.ether.set(amount, account);
  }

  /** Does all of it or nothing; then returns the error's name. */
  attempt(action: () => void): string | undefined {
    this.#undo.length = 0;
    try {
      action();
      return undefined;
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      for (const undo of this.#undo.reverse()) undo();
      return thrown.error;
    }
  }
}
