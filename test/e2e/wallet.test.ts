/**
 * Money as a person meets it: the real command line and a real chain. An account is made and funded, pays,
 * deposits, stakes, and takes back what is free; and no secret is in anything that was printed.
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Contract, JsonRpcProvider } from 'ethers';
import t from 'tap';
import { startAnvil } from '../../contracts/anvil.ts';
import { artifactOf } from '../../contracts/artifacts.ts';
import { deployContracts } from '../../contracts/deploy.ts';
import type { Account } from '../../src/connectivity/index.ts';
import { conun, type Told } from '../grid/cli-fixture.ts';
import { temporaryFolder } from '../grid/api-fixture.ts';
import { FIRST, FIRST_KEY, PASSPHRASE, SECOND, walletHome } from '../grid/wallet-fixture.ts';
import { FILE_MS_MAX } from './ground.ts';

t.setTimeout(FILE_MS_MAX);

const TOKEN = 10n ** 18n;
/** Of nobody. */
const HOT_KEY = '0x000000000000000000000000000000000000dEaD';
const COOL_DOWN_S = 31 * 86_400;

const anvil = await startAnvil(['--block-time', '1']);
const provider = new JsonRpcProvider(anvil.url, undefined, { cacheTimeout: -1, pollingInterval: 50 });
const treasury = await provider.getSigner(SECOND);
const contracts = await deployContracts(treasury, {
  treasury: SECOND as Account,
  guardian: SECOND as Account,
  genesis: 1_000n * TOKEN,
  attesters: [SECOND as Account],
  threshold: 1,
});
t.teardown(async () => {
  provider.destroy();
  await anvil.stop();
});

const addresses = join(await temporaryFolder(t.teardown), 'addresses.json');
await writeFile(addresses, JSON.stringify(contracts));
const onChain = (home: string) => ({
  CONUN_HOME: home,
  CONUN_CHAIN_RPC: anvil.url,
  CONUN_CHAIN_ID: '31337',
  CONUN_CHAIN_CONTRACTS: addresses,
  CONUN_CHAIN_CONFIRMATIONS: '1',
  CONUN_CHAIN_POLL_MS: '200',
});

t.test('without ether nothing is sent, and it is said why', async (t) => {
  const { home, passphraseFile, add } = await walletHome(t.teardown);
  await add('poor', 30);
  const told = await conun(['deposit', '1', '--passphrase-file', passphraseFile], { env: onChain(home) });
  t.match(told, { code: 1, err: /GRID_GAS_MISSING/ });
});

t.test('an account pays, deposits, stakes, and has back what is free', async (t) => {
  const { home, passphraseFile, add } = await walletHome(t.teardown);
  await add('main', 0);
  const env = onChain(home);
  const printed: string[] = [];
  const told = async (...words: string[]): Promise<Told> => {
    const result = await conun(words, { env });
    printed.push(result.out, result.err);
    return result;
  };
  const paid = async (...words: string[]) => {
    const { code, out, err } = await told(...words, '--passphrase-file', passphraseFile, '--json');
    t.equal(code, 0, `${words.join(' ')} ${err}`);
    return JSON.parse(out).calls.map(({ call }: { call: string }) => call);
  };
  const balance = async () => JSON.parse((await told('wallet', 'balance', '--json')).out);

  t.match(await balance(), { account: FIRST, tokens: '0', market: '0', staked: '0' });
  const broke = await told('deposit', '1', '--passphrase-file', passphraseFile);
  t.match(broke, { code: 1, err: /GRID_FUNDS_TOO_LOW/ });

  const token = new Contract(contracts.GridToken, artifactOf('GridToken').abi as [], treasury);
  await (await token.getFunction('transfer').send(FIRST, 100n * TOKEN)).wait();
  t.same(await paid('wallet', 'send', SECOND, '0.000000000000000001'), ['transfer']);
  t.same(await paid('wallet', 'send', HOT_KEY, '0.25', '--ether'), ['sendEther']);
  t.match(JSON.parse((await told('wallet', 'balance', HOT_KEY, '--json')).out), {
    ether: '0.25',
    tokens: '0',
  });
  t.same(await paid('deposit', '40.5'), ['approve', 'deposit']);
  t.same(await paid('withdraw', '10.5'), ['withdraw']);
  t.same(await paid('stake', '20'), ['register', 'approve', 'stake']);
  t.match(await balance(), { tokens: '49.999999999999999999', market: '30', staked: '20', locked: '0' });
  const earnings = await told('earnings', '--json');
  t.match(JSON.parse(earnings.out), { credit: null, money: { market: '30', staked: '20' } });

  t.same(await paid('unstake', '5'), ['requestUnstake']);
  const early = await told('unstake', '--passphrase-file', passphraseFile);
  t.match(early, { code: 1, err: /GRID_LEDGER_REFUSED.*CoolingDown|CoolingDown/ });
  await provider.send('evm_increaseTime', [COOL_DOWN_S + 1]);
  await provider.send('evm_mine', []);
  t.same(await paid('unstake'), ['unstake']);
  t.match(await balance(), { tokens: '54.999999999999999999', staked: '15' });

  const history = JSON.parse((await told('wallet', 'history', '--json')).out).transfers;
  t.same(
    history.map(({ amount, other }: { amount: string; other: string }) => [amount, other]),
    [
      ['+5', 'ProviderRegistry'],
      ['-20', 'ProviderRegistry'],
      ['+10.5', 'JobMarket'],
      ['-40.5', 'JobMarket'],
      ['-0.000000000000000001', SECOND],
      ['+100', SECOND],
    ],
  );
  for (const secret of [PASSPHRASE, FIRST_KEY, 'junk']) t.notOk(printed.join('').includes(secret));
});
