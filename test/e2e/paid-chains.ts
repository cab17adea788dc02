/**
 * What a grid with money can stand on in a test: a chain in memory, or a real one in a process of its own.
 * Their clocks can be put forward, because a deal takes forty minutes at least.
 */

import { type Clock, memoryJournal, SECOND_MS, systemClock } from '../../src/actors/index.ts';
import { type Account, type AccountKey, hotSigner } from '../../src/connectivity/index.ts';
import { openChainLedger } from '../../src/grid/chain-ledger.ts';
import type { ContractAddresses } from '../../src/grid/chain.ts';
import type { OpenLedger } from '../../src/grid/money.ts';
import {
  createMemoryChain,
  type IntentId,
  type Ledger,
  type LedgerCall,
  marketDomain,
  openEvmLedger,
} from '../../src/resource/index.ts';
import { CHAIN_ID, startChain } from '../resource/anvil.ts';

export interface TestChain {
  readonly url: string;
  readonly contracts: ContractAddresses;
  /** On which all persons can act. */
  readonly people: Ledger;
  readonly openLedger: OpenLedger;
  /** What a key needs that sends calls. */
  fuel(account: Account): Promise<void>;
  forwardTo(seconds: number): Promise<void>;
  stop(): Promise<void>;
}

/** Makes a chain on which each of these has so many tokens. */
export type MakeChain = (people: readonly AccountKey[], tokens: bigint) => Promise<TestChain>;

export const memoryChain: MakeChain = async (people, tokens) => {
  const own = systemClock();
  let aheadMs = 0;
  const clock: Clock = { ...own, now: () => own.now() + aheadMs };
  const at = (seed: number): Account => hotSigner(new Uint8Array(32).fill(seed)).account;
  const contracts: ContractAddresses = {
    GridToken: at(201),
    ProviderRegistry: at(202),
    JobMarket: at(203),
    Reputation: at(204),
    Emission: at(205),
    AppRegistry: at(206),
    ResultAnchor: at(207),
  };
  const chain = createMemoryChain({
    clock,
    domain: marketDomain(CHAIN_ID, contracts.JobMarket),
    registry: contracts.ProviderRegistry,
    tokens: new Map(people.map(({ account }) => [account, tokens])),
  });
  return {
    url: 'http://127.0.0.1:1',
    contracts,
    people: chain.connect('people'),
    openLedger: async ({ config }) => chain.connect(config.name),
    fuel: async () => undefined,
    forwardTo: async (seconds) => {
      aheadMs = Math.max(aheadMs, seconds * SECOND_MS - own.now());
    },
    stop: async () => undefined,
  };
};

const ETHER = `0x${(10n ** 18n).toString(16)}`;

export const anvilChain: MakeChain = async (people, tokens) => {
  const clock = systemClock();
  const { url, contracts, rpc, stop } = await startChain(people, tokens, Math.floor(clock.now() / SECOND_MS));
  const ledger = await openEvmLedger({
    rpc: [url],
    chainId: CHAIN_ID,
    contracts,
    confirmations: 1,
    journal: memoryJournal(),
    signers: people,
    clock,
    pollMs: 50,
  });
  return {
    url,
    contracts,
    people: ledger,
    openLedger: openChainLedger,
    fuel: async (account) => void (await rpc('anvil_setBalance', account, ETHER)),
    async forwardTo(seconds) {
      await rpc('evm_setNextBlockTimestamp', seconds);
      await rpc('evm_mine');
    },
    async stop() {
      await ledger.close();
      await stop();
    },
  };
};

let calls = 0;

/** Rejects when the contracts say no. */
export async function carryOut(ledger: Ledger, from: Account, call: LedgerCall): Promise<void> {
  calls += 1;
  const id = `call ${calls}` as IntentId;
  await ledger.intend({ id, from, call });
  const outcome = await ledger.outcome(id, new AbortController().signal);
  if (outcome.type !== 'done') throw new RangeError(`${call.type}: ${outcome.error}`);
}
