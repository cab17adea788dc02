/**
 * The deployment of all contracts: seven transactions of one account, one after the other.
 *
 * Contracts that know one another have one another's address from the beginning, in code that nobody can
 * change: an address follows from the deployer and its nonce, so all are known before the first is there. If
 * anything else is sent from that account meanwhile, the deployment fails, and what it made is useless but
 * harmless: nothing holds a token yet but the treasury.
 */

import { ContractFactory, getCreateAddress, type Signer } from 'ethers';
import type { Account } from '../src/connectivity/index.ts';
import { artifactOf, CONTRACTS, type ContractName } from './artifacts.ts';

/** Where each contract is. As JSON, it is the file that `chain.contracts` of the configuration names. */
export type Deployment = Readonly<Record<ContractName, Account>>;

export interface DeployOptions {
  /** Gets the genesis amount. */
  readonly treasury: Account;
  /** In the token's smallest unit, at most its cap. */
  readonly genesis: bigint;
  /** May stop intake with a notice of 31 days; the zero address, where nobody shall. */
  readonly guardian: Account;
  /** Who divides emission. */
  readonly attesters: readonly Account[];
  readonly threshold: number;
}

/** The signer needs a provider, and gas for about ten million units. Rejects with what ethers says. */
export async function deployContracts(signer: Signer, options: DeployOptions): Promise<Deployment> {
  const from = await signer.getAddress();
  const first = await signer.getNonce('pending');
  const at = Object.fromEntries(
    CONTRACTS.map((name, index) => [name, getCreateAddress({ from, nonce: first + index }) as Account]),
  ) as Record<ContractName, Account>;
  for (const [index, name] of CONTRACTS.entries()) {
    const { abi, bytecode } = artifactOf(name);
    const factory = new ContractFactory(abi, bytecode, signer);
    const contract = await factory.deploy(...constructorOf(name, at, options), { nonce: first + index });
    await contract.waitForDeployment();
  }
  return at;
}

function constructorOf(
  name: ContractName,
  at: Deployment,
  { treasury, genesis, guardian, attesters, threshold }: DeployOptions,
): readonly unknown[] {
  switch (name) {
    case 'GridToken':
      return [at.Emission, treasury, genesis];
    case 'ProviderRegistry':
      return [at.GridToken, at.JobMarket, guardian];
    case 'JobMarket':
      return [at.GridToken, at.ProviderRegistry, at.Reputation, guardian];
    case 'Reputation':
      return [at.JobMarket];
    case 'Emission':
      return [at.GridToken, byValue(attesters), threshold];
    case 'AppRegistry':
    case 'ResultAnchor':
      return [];
  }
}

/** As `Emission` wants them: rising, so that it sees at a glance that they are distinct. */
function byValue(accounts: readonly Account[]): Account[] {
  return [...accounts].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
}
