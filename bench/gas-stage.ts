/**
 * A chain with the contracts, a requester and providers, on which every call is a real transaction: its
 * receipt says what it costs, calldata and the transaction itself included.
 */

import { Contract, HDNodeWallet, type JsonRpcApiProvider, JsonRpcProvider, Mnemonic } from 'ethers';
import { type Anvil, startAnvil } from '../contracts/anvil.ts';
import { artifactOf, type ContractName } from '../contracts/artifacts.ts';
import { type Deployment, deployContracts } from '../contracts/deploy.ts';
import { type Account, type HotSigner, hotSigner, type TypedDomain } from '../src/connectivity/index.ts';
import {
  type Bytes32,
  dealIdOf,
  marketDomain,
  type Seconds,
  type Terms,
  termsData,
} from '../src/resource/index.ts';

export const PROVIDERS = 20;
const WORDS = 'test test test test test test test test test test test junk';
const COIN = 10n ** 18n;
const HOUR = 3_600;

/** Somebody with a key, and with ether to pay for gas. */
export interface Party {
  readonly account: Account;
  readonly signer: HotSigner;
  readonly worker: HotSigner;
}

export class GasStage {
  readonly requester: Party;
  readonly providers: readonly Party[];
  readonly domain: TypedDomain;
  readonly #anvil: Anvil;
  readonly #chain: JsonRpcApiProvider;
  readonly #at: Deployment;
  #salt = 0n;

  private constructor(anvil: Anvil, chain: JsonRpcApiProvider, at: Deployment, parties: readonly Party[]) {
    this.#anvil = anvil;
    this.#chain = chain;
    this.#at = at;
    [this.requester, ...this.providers] = parties as [Party, ...Party[]];
    this.domain = marketDomain(31_337n, at.JobMarket);
  }

  static async open(): Promise<GasStage> {
    // A known first second makes the same signatures, and so the same calldata, in every run.
    const anvil = await startAnvil(['--accounts', `${PROVIDERS + 1}`, '--timestamp', '1800000000']);
    const chain = new JsonRpcProvider(anvil.url, undefined, { cacheTimeout: -1, pollingInterval: 5 });
    const parties = Array.from({ length: PROVIDERS + 1 }, (_, index) => party(index));
    const treasury = parties[0]!.account;
    const at = await deployContracts(await chain.getSigner(treasury), {
      treasury,
      genesis: 1_000_000n * COIN,
      guardian: treasury,
      attesters: [treasury],
      threshold: 1,
    });
    return new GasStage(anvil, chain, at, parties);
  }

  /** Sends it and waits for its receipt. The gas it used. */
  async send(from: Party, name: ContractName, call: string, ...words: unknown[]): Promise<number> {
    const signer = await this.#chain.getSigner(from.account);
    const contract = new Contract(this.#at[name], artifactOf(name).abi as [], signer);
    const sent = await contract.getFunction(call).send(...words);
    return Number((await sent.wait())!.gasUsed);
  }

  addressOf(name: ContractName): Account {
    return this.#at[name];
  }

  /** Terms that begin now; no two are the same. */
  async terms(stakeLock: bigint): Promise<Terms> {
    const now = (await this.#chain.getBlock('latest'))!.timestamp;
    const [workUntil, revealUntil, disputeUntil, redeemUntil] = [1, 2, 3, 4].map(
      (hours) => (now + hours * HOUR) as Seconds,
    ) as [Seconds, Seconds, Seconds, Seconds];
    const salt = `0x${(++this.#salt).toString(16).padStart(64, '0')}` as Bytes32;
    const { account } = this.requester;
    const spec = `0x${'5e'.repeat(32)}` as Bytes32;
    const ends = { workUntil, revealUntil, disputeUntil, redeemUntil };
    return {
      requester: account,
      agent: account,
      spec,
      budget: 1_000n * COIN,
      stakeLock,
      minQuorum: 2,
      ...ends,
      salt,
    };
  }

  async openDeal(terms: Terms): Promise<number> {
    const signature = this.requester.signer.signTyped(termsData(terms, this.domain));
    return this.send(this.requester, 'JobMarket', 'open', terms, signature);
  }

  dealOf(terms: Terms) {
    return dealIdOf(terms, this.domain);
  }

  /** The next block is later than `time`. */
  async passes(time: Seconds): Promise<void> {
    await this.#chain.send('evm_setNextBlockTimestamp', [time + 1]);
    await this.#chain.send('evm_mine', []);
  }

  async close(): Promise<void> {
    this.#chain.destroy();
    await this.#anvil.stop();
  }
}

function party(index: number): Party {
  const wallet = (path: string) =>
    HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(WORDS), `m/44'/60'/${path}/${index}`);
  const key = (path: string) => hotSigner(Buffer.from(wallet(path).privateKey.slice(2), 'hex'));
  const signer = key("0'/0");
  return { account: signer.account, signer, worker: key("1'/0") };
}
