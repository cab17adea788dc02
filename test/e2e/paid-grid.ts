/**
 * A grid with money in this process: whole nodes with the keys that `conun wallet` makes, on a chain in
 * memory whose clock can be put forward, because a deal takes forty minutes at least.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, MINUTE_MS, SECOND_MS, systemClock, systemRandom } from '../../src/actors/index.ts';
import { buildApp, signManifest } from '../../src/application/index.ts';
import {
  type Account,
  type AccountKey,
  delegate,
  hotSigner,
  keyAgent,
  keyOfHex,
  loadHotKey,
  loadIdentity,
  newIdentity,
  ownerIdOf,
} from '../../src/connectivity/index.ts';
import { agentSocket, storeAccount } from '../../src/grid/accounts.ts';
import { type NodeParts, startNode } from '../../src/grid/compose.ts';
import { type Config, loadConfig } from '../../src/grid/config.ts';
import type { GridNode } from '../../src/grid/node.ts';
import {
  createMemoryChain,
  type IntentId,
  type IntentOutcome,
  type Ledger,
  type LedgerCall,
  type LedgerNews,
  marketDomain,
  parseAmount,
} from '../../src/resource/index.ts';

export const tokens = (text: string): bigint => parseAmount(text)!;

const CHAIN_ID = 31_337n;
const accountOf = (seed: number): Account => hotSigner(new Uint8Array(32).fill(seed)).account;
const CONTRACTS = [
  'GridToken',
  'ProviderRegistry',
  'JobMarket',
  'Reputation',
  'Emission',
  'AppRegistry',
  'ResultAnchor',
];
const PLACES = Object.fromEntries(CONTRACTS.map((name, at) => [name, accountOf(200 + at)]));
const domain = marketDomain(CHAIN_ID, PLACES['JobMarket']!);

/** What everybody begins with. */
export const TOKENS = tokens('1000');
const PASSPHRASE = 'a passphrase for tests';

export interface Person {
  readonly key: AccountKey;
  readonly account: Account;
}

function person(seed: number): Person {
  const key = keyOfHex(seed.toString(16).padStart(64, '0'));
  return { key, account: key.account };
}

export class PaidGrid {
  readonly folder: string;
  readonly requester = person(1);
  readonly vendors: Readonly<Record<'ada' | 'berta' | 'liar', Person>> = {
    ada: person(2),
    berta: person(3),
    liar: person(4),
  };
  readonly news: LedgerNews[] = [];
  /** Of all nodes, once they have an outcome. */
  readonly calls: { readonly call: LedgerCall; readonly outcome: IntentOutcome }[] = [];
  readonly nodes: GridNode[] = [];
  readonly people: Ledger;
  #aheadMs = 0;
  readonly #chain;
  readonly #waiting = new Set<() => void>();
  #intents = 0;

  constructor(folder: string) {
    this.folder = folder;
    const own = systemClock();
    const clock: Clock = { ...own, now: () => own.now() + this.#aheadMs };
    const everybody = [this.requester, ...Object.values(this.vendors)];
    this.#chain = createMemoryChain({
      clock,
      domain,
      registry: PLACES['ProviderRegistry']!,
      tokens: new Map(everybody.map(({ account }) => [account, TOKENS])),
    });
    this.people = this.#chain.connect('people');
    this.people.follow((news) => {
      this.news.push(news);
      this.#happened();
    });
  }

  /** Resolves when it is so; looked at whenever anything has happened on the chain. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  count(type: LedgerCall['type']): number {
    return this.calls.filter(({ call, outcome }) => call.type === type && outcome.type === 'done').length;
  }

  heard<Type extends LedgerNews['type']>(type: Type): Extract<LedgerNews, { type: Type }>[] {
    return this.news.filter((it): it is Extract<LedgerNews, { type: Type }> => it.type === type);
  }

  async forwardTo(seconds: number): Promise<void> {
    const { time } = await this.people.health();
    this.#aheadMs += (seconds - time) * SECOND_MS;
  }

  async call(from: Person, call: LedgerCall): Promise<void> {
    this.#intents += 1;
    const id = `call ${this.#intents}` as IntentId;
    await this.people.intend({ id, from: from.account, call });
    const outcome = await this.people.outcome(id, new AbortController().signal);
    if (outcome.type !== 'done') throw new RangeError(`${call.type}: ${outcome.error}`);
  }

  /** A broker whose requester has a keystore and a deposit; its key is locked. */
  async broker(flags: Readonly<Record<string, string>> = {}): Promise<{ node: GridNode; config: Config }> {
    const { requester } = this;
    await this.call(requester, { type: 'approve', spender: 'market', amount: TOKENS });
    await this.call(requester, { type: 'deposit', amount: tokens('500') });
    const config = await this.#config('broker', { roles: 'broker', ...flags });
    const random = systemRandom();
    const folder = join(config.paths.config, 'accounts');
    await storeAccount(folder, 'purse', requester.key, {
      passphrase: PASSPHRASE,
      random,
      cost: { N: 1_024, r: 8, p: 1 },
    });
    return { config, node: await this.#start('broker', config) };
  }

  /** Gives the requester's key to the agent of the node, as `conun wallet unlock` does. */
  async unlock({ paths }: Config): Promise<() => Promise<boolean>> {
    const agent = keyAgent(agentSocket(paths, {}));
    await agent.unlock(this.requester.key, 5 * MINUTE_MS);
    return () => agent.lock();
  }

  /** A machine that works for a registered account with stake. */
  async provider(
    name: keyof PaidGrid['vendors'],
    broker: GridNode,
    parts: NodeParts = {},
  ): Promise<GridNode> {
    const vendor = this.vendors[name];
    const config = await this.#config(name, {
      roles: 'provider',
      'provider.slots': '1',
      'provider.brokers': addressOf(broker),
      'provider.pay.tariff': '100',
      'provider.pay.redeemCost': '0.000001',
    });
    const home = config.paths.config;
    const { peer } = await loadIdentity({ path: join(home, 'node.key'), create: true });
    const worker = await loadHotKey({ path: join(home, 'worker.key'), create: true });
    const { account, key } = vendor;
    const validUntil = Math.floor(systemClock().now() / SECOND_MS) + 86_400;
    const terms = { account, peer, roles: ['provider'] as const, validUntil, worker: worker.account };
    await writeFile(join(home, 'delegation.json'), JSON.stringify(await delegate(terms, key)));
    await this.call(vendor, { type: 'register', payout: account, workers: [worker.account] });
    await this.call(vendor, { type: 'approve', spender: 'registry', amount: TOKENS });
    await this.call(vendor, { type: 'stake', amount: tokens('50') });
    return this.#start(name, config, parts);
  }

  /** All tokens that there are, wherever they lie. */
  async supply(): Promise<bigint> {
    let sum = 0n;
    for (const { account } of [this.requester, ...Object.values(this.vendors)]) {
      sum += await this.people.tokens(account);
      sum += await this.people.balance(account);
      sum += (await this.people.stake(account)).staked;
    }
    for (const { deal } of this.heard('dealOpened')) sum += (await this.people.deal(deal)).remaining;
    return sum;
  }

  async end(): Promise<void> {
    for (const node of this.nodes.reverse()) await node.stop();
  }

  async #config(name: string, flags: Readonly<Record<string, string>>): Promise<Config> {
    const home = join(this.folder, name);
    await mkdir(home, { recursive: true, mode: 0o700 });
    const contracts = join(home, 'contracts.json');
    await writeFile(contracts, JSON.stringify(PLACES));
    const { config } = await loadConfig({
      home,
      env: {},
      flags: {
        name,
        'network.listen': '/ip4/127.0.0.1/tcp/0',
        'network.mdns': 'false',
        'network.dht': 'false',
        'chain.rpc': 'http://127.0.0.1:1',
        'chain.id': String(CHAIN_ID),
        'chain.contracts': contracts,
        'chain.pollMs': '100',
        ...flags,
      },
    });
    return config;
  }

  async #start(name: string, config: Config, parts: NodeParts = {}): Promise<GridNode> {
    const openLedger = async () => this.#watched(this.#chain.connect(name));
    const node = await startNode(config, { ...parts, openLedger });
    this.nodes.push(node);
    return node;
  }

  /** What nodes do on the chain is seen here. */
  #watched(ledger: Ledger): Ledger {
    const intended = new Map<IntentId, LedgerCall>();
    const intend: Ledger['intend'] = (intent) => {
      intended.set(intent.id, intent.call);
      return ledger.intend(intent);
    };
    const outcome: Ledger['outcome'] = async (id, signal) => {
      const outcome = await ledger.outcome(id, signal);
      this.calls.push({ call: intended.get(id)!, outcome });
      this.#happened();
      return outcome;
    };
    const own: Partial<Ledger> = { intend, outcome };
    return new Proxy(ledger, {
      // Whoever awaits it looks for a `then`, which it does not have.
      get: (of, name: keyof Ledger) => own[name] ?? (of[name] as (() => unknown) | undefined)?.bind(of),
    });
  }

  #happened(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

export async function publishAt(node: GridNode, folder: string): Promise<void> {
  const author = newIdentity();
  const { manifest } = await buildApp(folder, (bytes) => node.content.put(bytes));
  await node.api.publish(
    signManifest(manifest, ownerIdOf(author.peer), (bytes) => author.signer.sign(bytes)),
  );
}

function addressOf(node: GridNode): string {
  const { addresses, peer } = node.identity();
  const [address] = addresses;
  return `${address}`.includes('/p2p/') ? `${address}` : `${address}/p2p/${peer}`;
}
