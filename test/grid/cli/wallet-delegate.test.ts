import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import t from 'tap';
import {
  delegationFlaw,
  delegationSchema,
  keyOfWords,
  loadHotKey,
  loadKeyFile,
  newIdentity,
} from '../../../src/connectivity/index.ts';
import { conun } from '../cli-fixture.ts';
import { FIRST, SECOND, WORDS, walletHome } from '../wallet-fixture.ts';

t.test('this node is allowed to act, with the hot key it has', async (t) => {
  const { home, passphraseFile, add } = await walletHome(t.teardown);
  await add('main', 0);
  const words = ['wallet', 'delegate', '--home', home, '--passphrase-file', passphraseFile, '--json'];
  const told = await conun(words);
  t.equal(told.code, 0, told.err);
  const delegation = delegationSchema.parse(JSON.parse(told.out));
  const { peer } = await loadKeyFile(join(home, 'node.key'));
  const worker = await loadHotKey({ path: join(home, 'worker.key'), create: false });
  t.match(delegation, { account: FIRST, peer, roles: ['provider', 'broker'], worker: worker.account });
  t.equal(delegationFlaw(delegation, peer, Date.now() + 89 * 86_400_000), undefined);
  t.match(delegationFlaw(delegation, peer, Date.now() + 91 * 86_400_000), /expired/);
  t.same(JSON.parse(await readFile(join(home, 'delegation.json'), 'utf8')), JSON.parse(told.out));
});

t.test('a hardware wallet signs what was printed, and the signature comes back', async (t) => {
  const { home } = await walletHome(t.teardown);
  const { peer } = newIdentity();
  const words = ['wallet', 'delegate', '--home', home];
  const printed = await conun([...words, FIRST, '--peer', peer, '--roles', 'broker', '--typed-data']);
  t.equal(printed.code, 0, printed.err);
  const { EIP712Domain: _, ...types } = JSON.parse(printed.out).types;
  const { domain, message } = JSON.parse(printed.out);
  const signature = await (await keyOfWords(WORDS, 0)).signTyped({ domain, types, message });
  const wrong = await (await keyOfWords(WORDS, 1)).signTyped({ domain, types, message });
  const back = (text: string) =>
    conun([...words, '--signature', '-', '--json'], { stdin: Readable.from([`${text}\n`]) });
  t.match(await back(wrong), { code: 1, err: /GRID_DELEGATION_REFUSED.*not signed/ });
  t.match(await back('0x12'), { code: 2, err: /--signature/ });
  const told = await back(signature);
  t.match(JSON.parse(told.out), { account: FIRST, peer, roles: ['broker'], signature });
  t.match(await back(signature), { code: 1, err: /no draft/ });
  await writeFile(join(home, 'signature'), signature);
  await conun([...words, FIRST, '--peer', peer, '--typed-data']);
  const filed = await conun([...words, '--signature', 'signature'], { folder: home });
  t.match(filed, { code: 1, err: /not signed/ }, 'another draft');
});

t.test('what a peer would not understand is refused', async (t) => {
  const { home, passphraseFile, add } = await walletHome(t.teardown);
  await add('main', 0);
  const words = ['wallet', 'delegate', '--home', home, '--passphrase-file', passphraseFile];
  for (const wrong of [
    ['--roles', 'owner'],
    ['--roles', 'broker,broker'],
    ['--days', '0'],
    ['--days', '366'],
    ['--worker', 'me'],
  ]) {
    t.match(await conun([...words, ...wrong]), { code: 2, err: /GRID_ARGUMENT_INVALID/ }, wrong.join(' '));
  }
  t.match(await conun([...words, '--peer', 'somebody']), { code: 1, err: /PEER_ID_INVALID/ });
  const other = await conun([...words, '--worker', SECOND, '--json']);
  t.equal(JSON.parse(other.out).worker, SECOND);
});
