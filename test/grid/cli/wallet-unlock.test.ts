import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { conun } from '../cli-fixture.ts';
import { FIRST, PASSPHRASE, walletHome } from '../wallet-fixture.ts';

t.test('unlocked once, an account signs without its passphrase, until it is locked', async (t) => {
  const { home, add } = await walletHome(t.teardown);
  await add('main', 0);
  const folder = await mkdtemp(join(tmpdir(), 'conun-agent-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const env = { CONUN_WALLET_AGENT: join(folder, 'wallet.sock') };
  const wallet = (words: string[], typed?: string[]) =>
    conun(['wallet', ...words, '--home', home], { env, ...(typed && { typed }) });
  t.teardown(() => wallet(['lock']));

  t.match(await wallet(['unlock'], ['wrong one']), { code: 1, err: /PASSPHRASE_WRONG/ });
  t.match(await wallet(['delegate']), { code: 1, err: /GRID_PASSPHRASE_MISSING/ });
  const told = await wallet(['unlock', '--minutes', '2'], [PASSPHRASE]);
  t.match(told, { code: 0, out: 'main is unlocked for 2 minutes.\n' });
  t.match(await wallet(['list']), { out: new RegExp(`${FIRST}  unlocked`) });
  t.match(await wallet(['delegate']), { code: 0, out: new RegExp(FIRST) });
  t.match(await wallet(['lock']), { code: 0, out: 'Everything is locked.\n' });
  t.match(await wallet(['delegate']), { code: 1, err: /GRID_PASSPHRASE_MISSING/ });
});

t.test('for a while only', async (t) => {
  const { home, add } = await walletHome(t.teardown);
  await add('main', 0);
  for (const minutes of ['0', '1441', 'long', '1.5']) {
    const told = await conun(['wallet', 'unlock', '--home', home, '--minutes', minutes], { typed: [] });
    t.match(told, { code: 2, err: /--minutes: a number from 1 to 1440/ });
  }
});
