/** All contracts on a real chain, each with the others' addresses in its code. */

import { Contract, JsonRpcProvider } from 'ethers';
import t from 'tap';
import { startAnvil } from '../../contracts/anvil.ts';
import { artifactOf, type ContractName } from '../../contracts/artifacts.ts';
import { deployContracts } from '../../contracts/deploy.ts';
import type { Account } from '../../src/connectivity/index.ts';

const anvil = await startAnvil();
const provider = new JsonRpcProvider(anvil.url, undefined, { cacheTimeout: -1 });
t.teardown(async () => {
  provider.destroy();
  await anvil.stop();
});

const [deployer, treasury, guardian, ...attesters] = (await provider.listAccounts()).map(
  ({ address }) => address as Account,
);

t.test('every contract is where the others expect it', async (t) => {
  const signer = await provider.getSigner(deployer);
  const genesis = 100n * 10n ** 24n;
  const options = { treasury: treasury!, guardian: guardian!, genesis, attesters, threshold: 2 };
  const at = await deployContracts(signer, options);
  const ask = async (name: ContractName, view: string, ...words: unknown[]) =>
    new Contract(at[name], artifactOf(name).abi as [], provider).getFunction(view)(...words);

  t.equal(await ask('GridToken', 'balanceOf', treasury), genesis);
  t.equal(await ask('GridToken', 'minter'), at.Emission);
  t.equal(await ask('ProviderRegistry', 'token'), at.GridToken);
  t.equal(await ask('ProviderRegistry', 'market'), at.JobMarket);
  t.equal(await ask('ProviderRegistry', 'guardian'), guardian);
  t.equal(await ask('JobMarket', 'token'), at.GridToken);
  t.equal(await ask('JobMarket', 'registry'), at.ProviderRegistry);
  t.equal(await ask('JobMarket', 'reputation'), at.Reputation);
  t.equal(await ask('JobMarket', 'guardian'), guardian);
  t.equal(await ask('Reputation', 'market'), at.JobMarket);
  t.equal(await ask('Emission', 'token'), at.GridToken);
  for (const name of ['AppRegistry', 'ResultAnchor'] as const) {
    t.not(await provider.getCode(at[name]), '0x', name);
  }
});
