/** A grid with money in this process: whole nodes with keys as `conun wallet` makes them, on either chain. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MINUTE_MS, systemRandom } from '../../src/actors/index.ts';
import { buildApp, signManifest } from '../../src/application/index.ts';
import { type AccountKey, keyAgent, keyOfHex, newIdentity, ownerIdOf } from '../../src/connectivity/index.ts';
import { agentSocket, storeAccount } from '../../src/grid/accounts.ts';
import { type NodeParts, startNode } from '../../src/grid/compose.ts';
import { type Config, loadConfig } from '../../src/grid/config.ts';
import { delegateHome } from '../../src/grid/demo/delegated-home.ts';
import type { OpenLedger } from '../../src/grid/money.ts';
import type { GridNode } from '../../src/grid/node.ts';
import { accountsFolder, nodeHotKey } from '../../src/grid/node-files.ts';
import {
  type IntentId,
  type IntentOutcome,
  type Ledger,
  type LedgerCall,
  type LedgerNews,
  parseAmount,
} from '../../src/resource/index.ts';
import { CHAIN_ID } from '../resource/anvil.ts';
import { carryOut, type MakeChain, type TestChain } from './paid-chains.ts';

export const tokens = (text: string): bigint => parseAmount(text)!;

/** What everybody begins with. */
export const TOKENS = tokens('1000');
const PASSPHRASE = 'a passphrase for tests';

const person = (seed: number): AccountKey => keyOfHex(seed.toString(16).padStart(64, '0'));

export const PEOPLE = {
  requester: person(11),
  ada: person(12),
  berta: person(13),
  liar: person(14),
};

export class PaidGrid {
  readonly folder: string;
  readonly people: Ledger;
  readonly news: LedgerNews[] = [];
  /** Of all nodes, once they have an outcome. */
  readonly calls: { readonly call: LedgerCall; readonly outcome: IntentOutcome }[] = [];
  readonly #chain: TestChain;
  readonly #nodes = new Map<string, GridNode>();
  readonly #waiting = new Set<() => void>();

  private constructor(folder: string, chain: TestChain) {
    this.folder = folder;
    this.#chain = chain;
    this.people = chain.people;
    this.people.follow((news) => {
      this.news.push(news);
      this.#happened();
    });
  }

  static async on(makeChain: MakeChain, folder: string): Promise<PaidGrid> {
    return new PaidGrid(folder, await makeChain(Object.values(PEOPLE), TOKENS));
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

  forwardTo(seconds: number): Promise<void> {
    return this.#chain.forwardTo(seconds);
  }

  /** A broker whose requester has a keystore and a deposit; its key is locked. */
  async broker(): Promise<{ node: GridNode; config: Config }> {
    const { requester } = PEOPLE;
    const call = (it: LedgerCall) => carryOut(this.people, requester.account, it);
    await call({ type: 'approve', spender: 'market', amount: TOKENS });
    await call({ type: 'deposit', amount: tokens('500') });
    const config = await this.#config('broker', { roles: 'broker' });
    const sealing = { passphrase: PASSPHRASE, random: systemRandom(), cost: { N: 1_024, r: 8, p: 1 } };
    await storeAccount(accountsFolder(config.paths), 'purse', requester, sealing);
    await this.#chain.fuel((await nodeHotKey(config.paths)).account);
    return { config, node: await this.#start(config) };
  }

  /** Stopped, and started again on the same disk. */
  async restart(config: Config): Promise<GridNode> {
    await this.#nodes.get(config.name)?.stop();
    return this.#start(config);
  }

  /** Gives the requester's key to the agent of the node, as `conun wallet unlock` does. */
  async unlock({ paths }: Config): Promise<() => Promise<boolean>> {
    const agent = keyAgent(agentSocket(paths, {}));
    await agent.unlock(PEOPLE.requester, 5 * MINUTE_MS);
    return () => agent.lock();
  }

  /** A machine that works for a registered account with stake. */
  async provider(name: 'ada' | 'berta' | 'liar', broker: GridNode, parts: NodeParts = {}): Promise<GridNode> {
    const vendor = PEOPLE[name];
    const { account } = vendor;
    const config = await this.#config(name, {
      roles: 'provider',
      'provider.slots': '1',
      'provider.brokers': addressOf(broker),
      'provider.pay.tariff': '100',
      'provider.pay.redeemCost': '0.000001',
    });
    const worker = await delegateHome(config.paths, vendor);
    await this.#chain.fuel(worker);
    const call = (it: LedgerCall) => carryOut(this.people, account, it);
    await call({ type: 'register', payout: account, workers: [worker] });
    await call({ type: 'approve', spender: 'registry', amount: TOKENS });
    await call({ type: 'stake', amount: tokens('50') });
    return this.#start(config, parts);
  }

  /** All tokens that there are, wherever they lie. */
  async supply(): Promise<bigint> {
    let sum = 0n;
    for (const { account } of Object.values(PEOPLE)) {
      sum += await this.people.tokens(account);
      sum += await this.people.balance(account);
      sum += (await this.people.stake(account)).staked;
    }
    for (const { deal } of this.heard('dealOpened')) sum += (await this.people.deal(deal)).remaining;
    return sum;
  }

  async end(): Promise<void> {
    for (const node of [...this.#nodes.values()].reverse()) await node.stop();
    await this.#chain.stop();
  }

  async #config(name: string, flags: Readonly<Record<string, string>>): Promise<Config> {
    const home = join(this.folder, name);
    await mkdir(home, { recursive: true, mode: 0o700 });
    const contracts = join(home, 'contracts.json');
    await writeFile(contracts, JSON.stringify(this.#chain.contracts));
    const { config } = await loadConfig({
      home,
      env: {},
      flags: {
        name,
        'network.listen': '/ip4/127.0.0.1/tcp/0',
        'network.mdns': 'false',
        'network.dht': 'false',
        'chain.rpc': this.#chain.url,
        'chain.id': String(CHAIN_ID),
        'chain.contracts': contracts,
        'chain.confirmations': '1',
        'chain.pollMs': '100',
        ...flags,
      },
    });
    return config;
  }

  async #start(config: Config, parts: NodeParts = {}): Promise<GridNode> {
    const openLedger: OpenLedger = async (base, chain) =>
      this.#watched(await this.#chain.openLedger(base, chain));
    const node = await startNode(config, { ...parts, openLedger });
    this.#nodes.set(config.name, node);
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
