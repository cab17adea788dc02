/**
 * An Ethereum chain of one process with all contracts on it, for the demonstration: real blocks, real gas,
 * and a clock that can be put forward, because a deal's deadlines are ten minutes apart at least.
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Contract, JsonRpcProvider } from 'ethers';
import { type Anvil, startAnvil } from '../../../contracts/anvil.ts';
import { artifactOf, type ContractName } from '../../../contracts/artifacts.ts';
import { deployContracts, type Deployment } from '../../../contracts/deploy.ts';
import type { Account } from '../../connectivity/index.ts';
import type { Seconds } from '../../resource/index.ts';
import { gridErrors } from '../errors.ts';

/** Anvil's own. */
const CHAIN_ID = 31_337n;
/** For the gas of some thousand transactions. */
const ETHER = 10n ** 18n;

export class LocalChain {
  readonly chainId = CHAIN_ID;
  readonly contracts: Deployment;
  /** Names them, as the configuration wants it. */
  readonly file: string;
  readonly #anvil: Anvil;
  readonly #rpc: JsonRpcProvider;

  private constructor(anvil: Anvil, rpc: JsonRpcProvider, contracts: Deployment, file: string) {
    this.#anvil = anvil;
    this.#rpc = rpc;
    this.contracts = contracts;
    this.file = file;
  }

  /** The first tokens are `treasury`'s. */
  static async start(folder: string, treasury: Account, genesis: bigint): Promise<LocalChain> {
    const anvil = await startAnvil(['--chain-id', String(CHAIN_ID)]);
    // Without its memory of answers: what is looked at because something has happened has to be as it is now.
    const always = { staticNetwork: true, cacheTimeout: -1 };
    const rpc = new JsonRpcProvider(anvil.url, CHAIN_ID, { ...always, pollingInterval: 100 });
    try {
      const deployer = await rpc.getSigner();
      const attesters = [(await deployer.getAddress()) as Account];
      const guardian = attesters[0]!;
      const contracts = await deployContracts(deployer, {
        treasury,
        genesis,
        guardian,
        attesters,
        threshold: 1,
      });
      const file = join(folder, 'contracts.json');
      await writeFile(file, `${JSON.stringify(contracts, null, 2)}\n`);
      return new LocalChain(anvil, rpc, contracts, file);
    } catch (error) {
      rpc.destroy();
      await anvil.stop();
      throw error;
    }
  }

  get url(): string {
    return this.#anvil.url;
  }

  async giveEther(account: Account): Promise<void> {
    await this.#rpc.send('anvil_setBalance', [account, `0x${ETHER.toString(16)}`]);
  }

  /** Mines a block of that time. Rejects when the clock is past it. */
  async forwardTo(time: Seconds): Promise<void> {
    await this.#rpc.send('evm_setNextBlockTimestamp', [time]);
    await this.#rpc.send('evm_mine', []);
  }

  /** All tokens that there are. */
  supply(): Promise<bigint> {
    return this.#contract('GridToken').getFunction('totalSupply')();
  }

  /** Resolves when the market has told of this so often. Rejects when `signal` aborts before. */
  async told(event: 'Testified', times: number, signal: AbortSignal): Promise<void> {
    const market = this.#contract('JobMarket');
    const enough = Promise.withResolvers<void>();
    const look = async () => {
      if ((await market.queryFilter(event)).length >= times) enough.resolve();
    };
    const looks = () => void look().catch(enough.reject);
    const reason = `the market never told of ${times} times ${event}`;
    signal.addEventListener('abort', () => enough.reject(gridErrors.GRID_NODE_FAILED({ reason })));
    await market.on(event, looks);
    looks();
    try {
      await enough.promise;
    } finally {
      await market.off(event, looks);
    }
  }

  #contract(name: ContractName): Contract {
    return new Contract(this.contracts[name], artifactOf(name).abi, this.#rpc);
  }

  async stop(): Promise<void> {
    this.#rpc.destroy();
    await this.#anvil.stop();
  }
}
