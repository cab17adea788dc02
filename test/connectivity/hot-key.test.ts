import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmod, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { loadHotKey } from '../../src/connectivity/index.ts';

t.test('a hot key is made once, with mode 600, and signs as the same account ever after', async (t) => {
  const path = join(t.testdir(), 'worker.key');
  await t.rejects(loadHotKey({ path, create: false }), { code: 'CONNECTIVITY_KEY_MISSING' });
  const all = await Promise.all(Array.from({ length: 8 }, () => loadHotKey({ path, create: true })));
  t.equal(new Set(all.map(({ account }) => account)).size, 1);
  t.equal((await stat(path)).mode & 0o777, 0o600);
  t.equal((await loadHotKey({ path, create: false })).account, all[0]!.account);
});

t.test('what openssl made is as good, whatever zeros its number begins with', async (t) => {
  const folder = t.testdir();
  // ECPrivateKey (RFC 5915) of the key 1, whose account is known to everybody; then the curve's name.
  const der = `302e020101${'0420'}${'1'.padStart(64, '0')}${'a00706052b8104000a'}`;
  const path = join(folder, 'one.key');
  const pem = execFileSync('openssl', ['pkcs8', '-topk8', '-nocrypt', '-inform', 'DER'], {
    input: Buffer.from(der, 'hex'),
  });
  await writeFile(path, pem, { mode: 0o600 });
  const { account } = await loadHotKey({ path, create: false });
  t.equal(account, '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf');
});

t.test('another kind of key, none at all, and one that others can read are refused', async (t) => {
  const path = join(t.testdir(), 'worker.key');
  const ed25519 = generateKeyPairSync('ed25519').privateKey;
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  for (const key of [ed25519, p256]) {
    await writeFile(path, key.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
    await t.rejects(loadHotKey({ path, create: true }), {
      code: 'CONNECTIVITY_KEY_INVALID',
      message: /kind/,
    });
  }
  await writeFile(path, 'no key');
  await t.rejects(loadHotKey({ path, create: true }), {
    code: 'CONNECTIVITY_KEY_INVALID',
    message: /parsed/,
  });
  await chmod(path, 0o640);
  await t.rejects(loadHotKey({ path, create: true }), { code: 'CONNECTIVITY_KEY_MODE' });
});
