/**
 * All contracts on a chain of one process, spoken to in the words of the ledger port: one call after the
 * other at a time of choice, each from whomever one likes, and everything that can be read afterwards.
 *
 * A call that would be refused is not sent: a refusal changes nothing.
 */

import { concat, Interface, JsonRpcProvider, type Log, toBeHex, zeroPadValue } from 'ethers';
import { startAnvil } from '../../contracts/anvil.ts';
import { artifactOf, type ContractName } from '../../contracts/artifacts.ts';
import { type Deployment, deployContracts } from '../../contracts/deploy.ts';
import { type Account, parseAccount, type TypedDomain } from '../../src/connectivity/index.ts';
import { marketDomain } from '../../src/resource/deal.ts';
import type { LedgerCall } from '../../src/resource/ledger.ts';

/** It signs for everybody, and nobody pays for gas. */
const ANVIL = ['--auto-impersonate', '--base-fee', '0', '--gas-price', '0'];
const GAS = '0x989680';

/** A view of one contract. */
export type Question = readonly [contract: ContractName, view: string, ...words: readonly unknown[]];

export interface Attempt {
  /** The name of the error. */
  readonly refusal: string | undefined;
  readonly events: readonly ChainEvent[];
}

/** Of the market. */
export interface ChainEvent {
  readonly name: string;
  readonly words: Readonly<Record<string, unknown>>;
}

export class MarketChain {
  readonly at: Deployment;
  readonly domain: TypedDomain;
  readonly #url: string;
  readonly #stop: () => Promise<void>;

  private constructor(url: string, at: Deployment, stop: () => Promise<void>) {
    this.#url = url;
    this.at = at;
    this.domain = marketDomain(31_337n, at.JobMarket);
    this.#stop = stop;
  }

  /** The first block has the time `genesis`; each holder has so many tokens. */
  static async start(genesis: number, holders: readonly Account[], tokens: bigint): Promise<MarketChain> {
    const anvil = await startAnvil([...ANVIL, '--timestamp', `${genesis}`]);
    const provider = new JsonRpcProvider(anvil.url, undefined, { cacheTimeout: -1, staticNetwork: true });
    const signer = await provider.getSigner(0);
    const treasury = signer.address as Account;
    const options = {
      treasury,
      guardian: treasury,
      genesis: 10n ** 24n,
      attesters: [treasury],
      threshold: 1,
    };
    const at = await deployContracts(signer, options);
    provider.destroy();
    const chain = new MarketChain(anvil.url, at, () => anvil.stop());
    for (const [index, to] of holders.entries()) {
      await chain.attempt(treasury, { type: 'transfer', to, amount: tokens }, genesis + 100 + index);
    }
    return chain;
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  /** Returns what `reset` takes. */
  async keep(): Promise<unknown> {
    return await this.#ask('evm_snapshot');
  }

  /** Everything is as it was then. Can be done once. */
  async reset(kept: unknown): Promise<void> {
    await this.#ask('evm_revert', kept);
  }

  /** `time` is later than any before. */
  async attempt(from: Account, call: LedgerCall, time: number): Promise<Attempt> {
    const transaction = { from, gas: GAS, gasPrice: '0x0', ...this.#transactionOf(call) };
    const refusal = await this.#refusalOf(transaction, time);
    if (refusal !== undefined) return { refusal, events: [] };
    await this.#ask('evm_setNextBlockTimestamp', time);
    const receipt = (await this.#ask('eth_sendTransactionSync', transaction)) as Receipt;
    if (receipt.status !== '0x1') throw new TypeError(`${call.type} was foretold to succeed, and did not`);
    return { refusal: undefined, events: receipt.logs.flatMap((log) => this.#eventOf(log)) };
  }

  /** What asks all of it at once, at a time of choice; each answer is the list of what the view returns. */
  reader(questions: readonly Question[]): (time: number) => Promise<readonly (readonly unknown[])[]> {
    const records = questions.map(([contract, view, ...words]) => {
      const { to, data } = this.#encoded(contract, view, words);
      return concat([toBeHex((data.length - 2) / 2, 32), zeroPadValue(to, 32), data]);
    });
    const call = { to: READER, data: concat(records), gas: READ_GAS };
    const override = { [READER]: { code: READER_CODE } };
    return async (time) => {
      const answer = String(await this.#ask('eth_call', call, 'latest', override, { time: hex(time) }));
      let place = 2;
      return questions.map(([contract, view]) => {
        const size = 2 * Number(`0x${answer.slice(place, place + 64)}`);
        const data = `0x${answer.slice(place + 64, place + 64 + size)}`;
        place += 64 + size;
        return INTERFACES[contract].decodeFunctionResult(view, data).toArray();
      });
    };
  }

  async #refusalOf(transaction: object, time: number): Promise<string | undefined> {
    const answer = await this.#rpc('eth_call', [transaction, 'latest', {}, { time: hex(time) }]);
    if (!('error' in answer)) return undefined;
    const data = 'data' in answer.error ? String(answer.error.data) : '';
    for (const known of Object.values(INTERFACES)) {
      const error = data.startsWith('0x') ? known.parseError(data) : null;
      if (error !== null) return error.name;
    }
    throw new TypeError(`an error without a name: ${JSON.stringify(answer.error)}`);
  }

  #transactionOf(call: LedgerCall): { readonly to: Account; readonly data: string } {
    const { type, ...words } = call;
    if (call.type === 'approve') {
      const spender = call.spender === 'market' ? this.at.JobMarket : this.at.ProviderRegistry;
      return this.#encoded('GridToken', type, [spender, call.amount]);
    }
    if (call.type === 'transfer') return this.#encoded('GridToken', type, [call.to, call.amount]);
    const elsewhere = ['ProviderRegistry', 'ResultAnchor'] as const;
    const contract = elsewhere.find((name) => INTERFACES[name].hasFunction(type)) ?? 'JobMarket';
    const { inputs } = INTERFACES[contract].getFunction(type)!;
    const named: Readonly<Record<string, unknown>> = words;
    const ordered = inputs.map(({ name }) => named[name]);
    return this.#encoded(contract, type, ordered);
  }

  #encoded(contract: ContractName, name: string, words: readonly unknown[]) {
    return { to: this.at[contract], data: INTERFACES[contract].encodeFunctionData(name, words) };
  }

  #eventOf(log: Log): ChainEvent[] {
    if (parseAccount(log.address) !== this.at.JobMarket) return [];
    const parsed = INTERFACES.JobMarket.parseLog(log);
    return parsed === null ? [] : [{ name: parsed.name, words: parsed.args.toObject() }];
  }

  async #ask(method: string, ...params: readonly unknown[]): Promise<unknown> {
    const answer = await this.#rpc(method, params);
    if ('error' in answer) throw new TypeError(`${method}: ${JSON.stringify(answer.error)}`);
    return answer.result;
  }

  async #rpc(method: string, params: readonly unknown[]): Promise<{ result: unknown } | { error: object }> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 0, method, params });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(this.#url, { method: 'POST', headers, body });
    return (await response.json()) as { result: unknown } | { error: object };
  }
}

interface Receipt {
  readonly status: string;
  readonly logs: readonly Log[];
}

const hex = (value: number): string => `0x${value.toString(16)}`;

/** An address that nobody has. Its code exists only in the question that names it. */
const READER = `0x${'ee'.repeat(20)}`;
const READ_GAS = hex(500_000_000);

/**
 * Asks many views in one call, for a call costs anvil a millisecond and a view some microseconds. What comes
 * in is, for each view, the size of its call data, its contract, and the data; what goes out, for each, the
 * size of its answer and the answer. On the stack are `out`, where the next answer is written, and `in`, the
 * record.
 */
const READER_CODE = concat([
  '0x5f5f', // out = in = 0
  '0x5b368110600c57', // 02: while in < calldatasize go to 0c
  '0x505ff3', // return all before out
  '0x5b8035', // 0c: size
  '0x80826040018437', // copy the data to out
  '0x5f5f828585602001355afa', // staticcall
  '0x15603a57', // where it failed go to 3a
  '0x01604001', // in is the next record
  '0x903d8152602001', // its answer's size to out
  '0x3d5f823e3d01', // and the answer
  '0x90600256', // go to 02
  '0x5b5f5ffd', // 3a: revert
]);

const INTERFACES = {
  GridToken: interfaceOf('GridToken'),
  ProviderRegistry: interfaceOf('ProviderRegistry'),
  JobMarket: interfaceOf('JobMarket'),
  Reputation: interfaceOf('Reputation'),
  Emission: interfaceOf('Emission'),
  AppRegistry: interfaceOf('AppRegistry'),
  ResultAnchor: interfaceOf('ResultAnchor'),
} satisfies Record<ContractName, Interface>;

/** Every error that one of these contracts declares. */
export function errorsOf(...contracts: readonly ContractName[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const contract of contracts) INTERFACES[contract].forEachError(({ name }) => names.add(name));
  return names;
}

function interfaceOf(name: ContractName): Interface {
  return new Interface(artifactOf(name).abi);
}
