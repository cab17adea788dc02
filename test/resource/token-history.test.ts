import { Contract, JsonRpcProvider } from 'ethers';
import t from 'tap';
import { startAnvil } from '../../contracts/anvil.ts';
import { artifactOf } from '../../contracts/artifacts.ts';
import { deployContracts } from '../../contracts/deploy.ts';
import { systemClock } from '../../src/actors/index.ts';
import type { Account } from '../../src/connectivity/index.ts';
import { tokenTransfers } from '../../src/resource/index.ts';

const anvil = await startAnvil();
const provider = new JsonRpcProvider(anvil.url, undefined, { cacheTimeout: -1, pollingInterval: 20 });
t.teardown(async () => {
  provider.destroy();
  await anvil.stop();
});

const [ada, berta, nobody] = (await provider.listAccounts()).map(({ address }) => address as Account) as [
  Account,
  Account,
  Account,
];
const signer = await provider.getSigner(ada);
const contracts = await deployContracts(signer, {
  treasury: ada,
  guardian: nobody,
  genesis: 10n ** 24n,
  attesters: [nobody],
  threshold: 1,
});
const token = new Contract(contracts.GridToken, artifactOf('GridToken').abi as [], signer);
const send = async (to: Account, amount: bigint) =>
  (await token.getFunction('transfer').send(to, amount)).wait();
const options = {
  rpc: [anvil.url],
  chainId: 31_337n,
  token: contracts.GridToken,
  limit: 100,
  rangeBlocks: 5,
  clock: systemClock(),
  signal: new AbortController().signal,
};

t.test('what came and went is told newest first, from both sides', async (t) => {
  for (const amount of [1n, 2n]) await send(berta, amount);
  await send(ada, 3n);
  await provider.send('anvil_mine', ['0x10']);
  await send(berta, 4n);
  const of = (account: Account, limit = 100) => tokenTransfers({ ...options, account, limit });
  const all = await of(ada);
  t.same(
    all.map(({ amount }) => amount),
    [4n, 3n, 2n, 1n, 10n ** 24n],
    'to oneself is told once, and over more blocks than one question covers',
  );
  t.match(all[0], { from: ada, to: berta, transaction: /^0x[0-9a-f]{64}$/ });
  t.ok(all[0]!.time >= all[4]!.time && all[4]!.time > 1_700_000_000);
  t.same(
    (await of(berta, 2)).map(({ amount }) => amount),
    [4n, 2n],
  );
  t.same(await of(nobody), []);
});

t.test('the first node that answers for the chain is asked', async (t) => {
  const account = berta;
  const rpc = ['http://127.0.0.1:1', anvil.url];
  t.ok((await tokenTransfers({ ...options, rpc, account })).length > 0);
  const silent = { code: 'RESOURCE_CHAIN_SILENT' };
  await t.rejects(tokenTransfers({ ...options, rpc: ['http://127.0.0.1:1'], account }), silent);
  await t.rejects(tokenTransfers({ ...options, chainId: 1n, account }), { ...silent, message: /another/ });
  await t.rejects(tokenTransfers({ ...options, rpc: [], account }), silent);
});
