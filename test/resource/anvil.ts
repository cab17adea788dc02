/**
 * A real chain for tests of the ledger: anvil with all contracts on it, and holders with tokens, and ether
 * for gas. It makes a block for each transaction until it is told otherwise.
 */

import { JsonRpcProvider } from 'ethers';
import type { Test } from 'tap';
import { type Anvil, startAnvil } from '../../contracts/anvil.ts';
import { type Deployment, deployContracts } from '../../contracts/deploy.ts';
import { marketDomain } from '../../src/resource/deal.ts';
import { callRequest } from '../../src/resource/contract-calls.ts';
import type { Account, HotSigner, TypedDomain } from '../../src/connectivity/index.ts';
import { GENESIS } from './deal-papers.ts';

export const CHAIN_ID = 31_337n;

export interface TestChain {
  readonly url: string;
  readonly contracts: Deployment;
  readonly domain: TypedDomain;
  rpc(method: string, ...params: readonly unknown[]): Promise<unknown>;
  /** So many blocks, now. */
  mine(blocks: number): Promise<void>;
  /** The last blocks are others now, and empty. */
  rewrite(blocks: number): Promise<void>;
  /** Anvil cannot take back a rewriting. */
  readonly isRewritten: boolean;
  /** What the chain itself says, asked past the ledger. */
  tokens(account: Account): Promise<bigint>;
  stop(): Promise<void>;
}

/** Why there is no chain to test with, or `undefined`. */
export async function anvilMissing(): Promise<string | undefined> {
  try {
    await (await startAnvil()).stop();
    return undefined;
  } catch (thrown) {
    return `anvil does not start here: ${thrown}`;
  }
}

/**
 * One chain for all tests of a file, which take it in turn: each finds it as it was in the beginning. To
 * start one takes a second, and that is most of what a test of the ledger takes.
 */
export function sharedChain(
  t: Test,
  holders: readonly HotSigner[],
  tokens: bigint,
): () => Promise<TestChain> {
  let chain: TestChain | undefined;
  let snapshot: unknown;
  t.teardown(() => chain?.stop());
  return async () => {
    if (chain === undefined || chain.isRewritten) {
      await chain?.stop();
      chain = await startChain(holders, tokens);
    } else {
      await chain.rpc('anvil_dropAllTransactions');
      await chain.rpc('evm_revert', snapshot);
      await chain.rpc('evm_setAutomine', true);
    }
    snapshot = await chain.rpc('evm_snapshot');
    return chain;
  };
}

/**
 * It begins where the deals of the papers do, far from the clock of the machine that runs the test, unless
 * told otherwise.
 */
export async function startChain(
  holders: readonly Pick<HotSigner, 'account'>[],
  tokens: bigint,
  begin = GENESIS,
): Promise<TestChain> {
  const anvil = await startAnvil(['--timestamp', String(begin)]);
  const provider = new JsonRpcProvider(anvil.url, CHAIN_ID, {
    staticNetwork: true,
    cacheTimeout: -1,
    pollingInterval: 10,
  });
  const rpc = (method: string, ...params: readonly unknown[]): Promise<unknown> =>
    provider.send(method, [...params]);
  const treasury = await provider.getSigner(0);
  const nobody = treasury.address as Account;
  const contracts = await deployContracts(treasury, {
    treasury: nobody,
    guardian: nobody,
    genesis: 10n ** 24n,
    attesters: [nobody],
    threshold: 1,
  });
  for (const { account } of holders) {
    await rpc('anvil_setBalance', account, '0x56bc75e2d63100000');
    const { data } = callRequest(nobody, { type: 'transfer', to: account, amount: tokens }, contracts);
    await rpc('eth_sendTransaction', { from: nobody, to: contracts.GridToken, data });
  }
  let isRewritten = false;
  return {
    url: anvil.url,
    contracts,
    domain: marketDomain(CHAIN_ID, contracts.JobMarket),
    rpc,
    async mine(blocks) {
      await rpc('anvil_mine', `0x${blocks.toString(16)}`);
    },
    async rewrite(blocks) {
      isRewritten = true;
      await rpc('anvil_reorg', blocks, []);
    },
    get isRewritten() {
      return isRewritten;
    },
    async tokens(account) {
      const data = `0x70a08231${account.slice(2).toLowerCase().padStart(64, '0')}`;
      return BigInt((await rpc('eth_call', { to: contracts.GridToken, data }, 'latest')) as string);
    },
    stop: () => stop(anvil, provider),
  };
}

async function stop(anvil: Anvil, provider: JsonRpcProvider): Promise<void> {
  provider.destroy();
  await anvil.stop();
}
