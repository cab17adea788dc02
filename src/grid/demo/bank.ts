/**
 * Who takes part in the demonstration's money: an account for the researcher and for each provider, all with
 * as many tokens, and with what a person would have made with `conun wallet`, `deposit` and `stake` laid into
 * the homes of their nodes. What happens on the chain is followed here, for the script to wait on.
 */

import { mkdir } from 'node:fs/promises';
import { MINUTE_MS, memoryJournal, type Random, systemClock, systemRandom } from '../../actors/index.ts';
import { withinTime } from '../../application/index.ts';
import { type Account, type AccountKey, keyAgent, keyOfHex } from '../../connectivity/index.ts';
import {
  type Ledger,
  type LedgerNews,
  openEvmLedger,
  parseAmount,
  type Seconds,
} from '../../resource/index.ts';
import { agentSocket, storeAccount } from '../accounts.ts';
import { type ConfigPaths, loadConfig } from '../config.ts';
import { gridErrors } from '../errors.ts';
import { accountsFolder, nodeHotKey } from '../node-files.ts';
import { addStake, balancesOf, deposit, type Purse, transfer } from '../purse.ts';
import { delegateHome } from './delegated-home.ts';
import { LocalChain } from './local-chain.ts';

const TOKENS = parseAmount('1000')!;
const DEPOSIT = parseAmount('500')!;
const STAKE = parseAmount('50')!;
const POLL_MS = 200;
/** The terms of the deal are signed once, in the first seconds. */
const UNLOCKED_MS = 5 * MINUTE_MS;
/** Each step takes a second or two here. */
const PATIENCE_MS = 60_000;

/** An account, and all its tokens: in hand, in the market, and at stake. */
export interface Holding {
  readonly name: string;
  readonly tokens: bigint;
}

type News<Type extends LedgerNews['type']> = Extract<LedgerNews, { readonly type: Type }>;

export class Bank {
  readonly #chain: LocalChain;
  readonly #ledger: Ledger;
  readonly #keys: ReadonlyMap<string, AccountKey>;
  readonly #news: LedgerNews[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #locks: (() => Promise<unknown>)[] = [];
  readonly #closed = new AbortController();
  readonly #random: Random = systemRandom();

  private constructor(chain: LocalChain, ledger: Ledger, keys: ReadonlyMap<string, AccountKey>) {
    this.#chain = chain;
    this.#ledger = ledger;
    this.#keys = keys;
    ledger.follow((news) => {
      this.#news.push(news);
      for (const wake of this.#waiting) wake();
      this.#waiting.clear();
    });
  }

  /** For these people; the first of them brings the tokens of all. */
  static async open(folder: string, people: readonly string[]): Promise<Bank> {
    const random = systemRandom();
    const newKey = () => keyOfHex(Buffer.from(random.bytes(32)).toString('hex'));
    const keys = new Map(people.map((name) => [name, newKey()]));
    const [first, ...others] = [...keys.values()].map(({ account }) => account) as [Account, ...Account[]];
    const chain = await LocalChain.start(folder, first, TOKENS * BigInt(people.length));
    for (const account of [first, ...others]) await chain.giveEther(account);
    const { url, chainId, contracts } = chain;
    const ledger = await openEvmLedger({
      rpc: [url],
      chainId,
      contracts,
      confirmations: 1,
      journal: memoryJournal(),
      signers: [...keys.values()],
      clock: systemClock(),
      pollMs: POLL_MS,
    });
    const bank = new Bank(chain, ledger, keys);
    for (const to of others) await transfer(bank.#purseOf(people[0]!), to, TOKENS);
    return bank;
  }

  /** Members of the configuration that every node needs. */
  get settings(): Readonly<Record<string, string>> {
    const { url, chainId, file } = this.#chain;
    return {
      'chain.rpc': url,
      'chain.id': String(chainId),
      'chain.contracts': file,
      'chain.confirmations': '1',
      'chain.pollMs': String(POLL_MS),
    };
  }

  /** As after `conun wallet import`, `wallet unlock` and `deposit`, at the broker's home. */
  async enrolResearcher(name: string, home: string): Promise<void> {
    const key = this.#keyOf(name);
    const { paths } = await pathsOf(home);
    const random = this.#random;
    const passphrase = Buffer.from(random.bytes(16)).toString('hex');
    await storeAccount(accountsFolder(paths), name, key, { passphrase, random });
    const agent = keyAgent(agentSocket(paths));
    await agent.unlock(key, UNLOCKED_MS);
    this.#locks.push(() => agent.lock());
    await this.#chain.giveEther((await nodeHotKey(paths)).account);
    await deposit(this.#purseOf(name), DEPOSIT);
  }

  /** As after `conun wallet import`, `wallet delegate` and `stake`, at the home of the account's machine. */
  async enrolProvider(name: string, home: string): Promise<void> {
    const key = this.#keyOf(name);
    const { paths } = await pathsOf(home);
    const worker = await delegateHome(paths, key);
    await this.#chain.giveEther(worker);
    await addStake(this.#purseOf(name), STAKE, { worker, payout: key.account });
  }

  heard<Type extends LedgerNews['type']>(type: Type): readonly News<Type>[] {
    return this.#news.filter((it): it is News<Type> => it.type === type);
  }

  /**
   * Resolves when it is so; looked at whenever something has happened on the chain. Rejects when nothing has
   * for so long that nothing will.
   */
  async until(what: string, isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      const patience = AbortSignal.timeout(PATIENCE_MS);
      await new Promise<void>((resolve, reject) => {
        this.#waiting.add(resolve);
        const reason = `the chain never told that ${what}`;
        patience.addEventListener('abort', () => reject(gridErrors.GRID_NODE_FAILED({ reason })));
      });
    }
  }

  forwardTo(time: Seconds): Promise<void> {
    return this.#chain.forwardTo(time);
  }

  /** Resolves when what so many providers said has been brought to the chain. */
  testified(times: number): Promise<void> {
    return withinTime(systemClock(), PATIENCE_MS, (signal) => this.#chain.told('Testified', times, signal));
  }

  accountOf(name: string): Account {
    return this.#keyOf(name).account;
  }

  nameOf(account: Account): string {
    for (const [name, key] of this.#keys) if (key.account === account) return name;
    return account;
  }

  async holdings(): Promise<readonly Holding[]> {
    return Promise.all(
      [...this.#keys].map(async ([name, { account }]) => {
        const { tokens, market, stake } = await balancesOf(this.#ledger, account);
        return { name, tokens: tokens + market + stake.staked };
      }),
    );
  }

  supply(): Promise<bigint> {
    return this.#chain.supply();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    for (const lock of this.#locks) await lock();
    await this.#ledger.close();
    await this.#chain.stop();
  }

  #keyOf(name: string): AccountKey {
    return this.#keys.get(name)!;
  }

  #purseOf(name: string): Purse {
    const { account } = this.#keyOf(name);
    return { ledger: this.#ledger, account, random: this.#random, signal: this.#closed.signal };
  }
}

async function pathsOf(home: string): Promise<{ readonly paths: ConfigPaths }> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const { config } = await loadConfig({ home, env: {} });
  return config;
}
