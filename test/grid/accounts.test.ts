import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { agentSocket, findAccount, listAccounts, unlockAccount } from '../../src/grid/accounts.ts';
import { loadConfig } from '../../src/grid/config.ts';
import { FIRST, PASSPHRASE, SECOND, walletHome } from './wallet-fixture.ts';

t.test('an account is found by name, by address, or because it is the only one', async (t) => {
  const wallet = await walletHome(t.teardown);
  const folder = join(wallet.home, 'accounts');
  t.same(await listAccounts(folder), [], 'no folder, no accounts');
  await t.rejects(findAccount(folder, null), { code: 'GRID_ACCOUNT_UNCLEAR', message: /0 accounts/ });
  const main = await wallet.add('main', 0);
  t.same(await findAccount(folder, null), main);
  const second = await wallet.add('a-second', 1);
  t.same(await listAccounts(folder), [second, main], 'by name');
  t.same(await findAccount(folder, 'main'), main);
  t.same(await findAccount(folder, SECOND.toLowerCase()), second);
  await t.rejects(findAccount(folder, null), { code: 'GRID_ACCOUNT_UNCLEAR', message: /2 accounts/ });
  await t.rejects(findAccount(folder, 'third'), { code: 'GRID_ACCOUNT_UNKNOWN' });
});

t.test('the agent is in the runtime folder, unless the environment names another place', async (t) => {
  const { paths } = (await loadConfig({ home: '/home/of/node', env: {} })).config;
  t.equal(agentSocket(paths, {}), '/home/of/node/run/wallet.sock');
  t.equal(agentSocket(paths, { CONUN_WALLET_AGENT: '/run/agent' }), '/run/agent');
});

t.test('an account is opened by its passphrase, and never overwritten', async (t) => {
  const wallet = await walletHome(t.teardown);
  const main = await wallet.add('main', 0);
  t.equal((await unlockAccount(main, PASSPHRASE)).account, FIRST);
  await t.rejects(unlockAccount(main, 'another'), { code: 'CONNECTIVITY_PASSPHRASE_WRONG' });
  await t.rejects(wallet.add('main', 1), { code: 'CONNECTIVITY_KEY_EXISTS' });
  t.same(await readdir(join(wallet.home, 'accounts')), ['main.json']);
  const second = await wallet.add('second', 1);
  await writeFile(main.file, await readFile(second.file));
  await t.rejects(unlockAccount(main, PASSPHRASE), { code: 'GRID_ACCOUNT_UNREADABLE' }, 'exchanged');
});

t.test('a name is one that every file system takes, and no address', async (t) => {
  const wallet = await walletHome(t.teardown);
  for (const name of ['', '../main', 'Main', '0xabc', 'a b', '-a', 'x'.repeat(33), 'a.json']) {
    await t.rejects(wallet.add(name, 0), { code: 'GRID_ARGUMENT_INVALID' }, name);
  }
});

t.test('a file that is no account of ours is named', async (t) => {
  const wallet = await walletHome(t.teardown);
  const { file } = await wallet.add('main', 0);
  const folder = join(wallet.home, 'accounts');
  await writeFile(join(folder, 'notes.txt'), 'is no keystore and no matter');
  t.equal((await listAccounts(folder)).length, 1);
  await writeFile(join(folder, 'other.json'), '{}', { mode: 0o600 });
  await t.rejects(listAccounts(folder), { code: 'GRID_ACCOUNT_UNREADABLE', message: /other\.json/ });
  await writeFile(join(folder, 'other.json'), (await readFile(file, 'utf8')).replace(/"address":"\w+",/, ''));
  await t.rejects(listAccounts(folder), { code: 'GRID_ACCOUNT_UNREADABLE', message: /whose/ });
  await chmod(file, 0o644);
  await t.rejects(listAccounts(folder), { code: 'CONNECTIVITY_KEY_MODE' });
});
