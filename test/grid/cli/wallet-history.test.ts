import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Contract, JsonRpcProvider } from 'ethers';
import t from 'tap';
import { startAnvil } from '../../../contracts/anvil.ts';
import { artifactOf } from '../../../contracts/artifacts.ts';
import { deployContracts } from '../../../contracts/deploy.ts';
import type { Account } from '../../../src/connectivity/index.ts';
import { conun } from '../cli-fixture.ts';
import { FIRST, SECOND, walletHome } from '../wallet-fixture.ts';

t.test('what came and went, with the contracts by their names', async (t) => {
  const anvil = await startAnvil();
  const provider = new JsonRpcProvider(anvil.url, undefined, { cacheTimeout: -1, pollingInterval: 20 });
  t.teardown(async () => {
    provider.destroy();
    await anvil.stop();
  });
  const signer = await provider.getSigner(FIRST);
  const account = FIRST as Account;
  const contracts = await deployContracts(signer, {
    treasury: account,
    guardian: account,
    genesis: 1_000n * 10n ** 18n,
    attesters: [account],
    threshold: 1,
  });
  const token = new Contract(contracts.GridToken, artifactOf('GridToken').abi as [], signer);
  const act = async (name: string, ...words: unknown[]) =>
    (await token.getFunction(name).send(...words)).wait();
  await act('transfer', SECOND, 25n * 10n ** 17n);
  await act('transfer', contracts.JobMarket, 1n);

  const { home, add } = await walletHome(t.teardown);
  await add('main', 0);
  await writeFile(join(home, 'addresses.json'), JSON.stringify(contracts));
  const env = {
    CONUN_CHAIN_RPC: anvil.url,
    CONUN_CHAIN_ID: '31337',
    CONUN_CHAIN_CONTRACTS: join(home, 'addresses.json'),
  };
  const history = (...words: string[]) =>
    conun(['wallet', 'history', ...words, '--home', home, '--json'], { env });
  const { transfers } = JSON.parse((await history()).out);
  t.match(transfers, [
    { amount: '-0.000000000000000001', other: 'JobMarket' },
    { amount: '-2.5', other: SECOND },
    { amount: '+1000', other: `0x${'0'.repeat(40)}` },
  ]);
  t.match(JSON.parse((await history(SECOND, '--limit', '1')).out).transfers, [
    { amount: '+2.5', other: FIRST },
  ]);
  const people = await conun(['wallet', 'history', '--home', home], { env });
  t.match(people.out, /^WHEN +AMOUNT +FROM OR TO +TRANSACTION\n\d{4}-\d\d-\d\d /);
  t.match(await history('--limit', '0'), { code: 2, err: /--limit/ });
});

t.test('without a chain it says how to name one', async (t) => {
  const { home, add } = await walletHome(t.teardown);
  await add('main', 0);
  t.match(await conun(['wallet', 'history', '--home', home]), {
    code: 1,
    err: /GRID_CHAIN_MISSING[\s\S]*chain\.rpc/,
  });
});
