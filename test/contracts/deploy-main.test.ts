/** The deployment as a person does it: a keystore, a passphrase file, and a chain. */

import { execFile } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { JsonRpcProvider } from 'ethers';
import t from 'tap';
import { startAnvil } from '../../contracts/anvil.ts';
import { CONTRACTS } from '../../contracts/artifacts.ts';
import { systemRandom } from '../../src/actors/index.ts';
import { keyOfHex } from '../../src/connectivity/account.ts';
import { sealKey } from '../../src/connectivity/keystore.ts';

const PROGRAM = join(import.meta.dirname, '../../contracts/deploy-main.ts');
const SECRET = `0x${'42'.repeat(32)}`;
const PASSPHRASE = 'a sentence that nobody guesses';

const key = keyOfHex(SECRET);
const folder = t.testdir({ passphrase: `${PASSPHRASE}\n` });
const [keystore, passphrase, out] = ['deployer.json', 'passphrase', 'addresses.json'].map((it) =>
  join(folder, it),
);
const cost = { N: 2, r: 8, p: 1 };
await writeFile(keystore!, await sealKey(key, PASSPHRASE, systemRandom(), cost));
await chmod(passphrase!, 0o600);
const anvil = await startAnvil();
const provider = new JsonRpcProvider(anvil.url, undefined, { cacheTimeout: -1 });
t.teardown(async () => {
  provider.destroy();
  await anvil.stop();
});
const [treasury, ...attesters] = (await provider.listAccounts()).map(({ address }) => address);
await provider.send('anvil_setBalance', [key.account, '0x56bc75e2d63100000']);

function deploy(...more: string[]) {
  const words = ['--rpc', anvil.url, '--keystore', keystore!, '--passphrase-file', passphrase!];
  words.push('--treasury', treasury!, '--genesis', '1000', '--threshold', '1', '--attester', attesters[0]!);
  return promisify(execFile)(process.execPath, [PROGRAM, ...words, ...more]).catch((failed) => failed);
}

t.test('all contracts are there, and the file of addresses says where', async (t) => {
  const { stdout, stderr, message } = await deploy('--out', out!);
  t.equal(message, undefined, stderr);
  const at = JSON.parse(await readFile(out!, 'utf8'));
  t.same(Object.keys(at), CONTRACTS);
  for (const name of CONTRACTS) {
    t.not(await provider.getCode(at[name]), '0x', name);
    t.match(stdout, new RegExp(`${name} +${at[name]}`));
  }
  t.match(stderr, /deploying as 0x\w+ on chain 31337\ncost 0\.\d+ ether/);
  t.notMatch(`${stdout}${stderr}`, new RegExp(`${SECRET.slice(2)}|${PASSPHRASE}`));
  t.match((await deploy('--out', out!)).stderr, /exist/, 'addresses are never overwritten');
});

t.test('what is wrong is said in a sentence', async (t) => {
  t.match((await deploy()).stderr, /^deploy: --out is missing/);
  t.match((await deploy('--out', `${out}2`, '--guardian', '0x12')).stderr, /--guardian: 0x12 is no address/);
  await chmod(passphrase!, 0o644);
  const told = await deploy('--out', `${out}2`);
  t.match(told.stderr, /can be read by others: chmod 600/);
  t.notMatch(told.stderr, /at .*:\d+:\d+/, 'no stack trace at a person');
});
