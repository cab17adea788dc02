import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { createKeyFile, loadIdentity, loadKeyFile, verifySignature } from '../../src/connectivity/index.ts';

const pathIn = (t: Test) => join(t.testdir(), 'keys', 'node.pem');

t.test('a key is created once, with mode 600, and is the same ever after', async (t) => {
  const path = pathIn(t);
  const created = await loadIdentity({ path, create: true });
  t.equal((await stat(path)).mode & 0o777, 0o600);
  const loaded = await loadIdentity({ path, create: true });
  t.equal(loaded.peer, created.peer);
  const bytes = Buffer.from('hello');
  t.ok(verifySignature(created.peer, bytes, loaded.signer.sign(bytes)));
  t.equal(loaded.signer.peer, created.peer);
  t.same(await readdir(join(path, '..')), ['node.pem'], 'no draft is left behind');
});

t.test('two processes that create at the same time end with one key', async (t) => {
  const path = pathIn(t);
  const identities = await Promise.all(Array.from({ length: 8 }, () => loadIdentity({ path, create: true })));
  t.equal(new Set(identities.map(({ peer }) => peer)).size, 1);
});

t.test('a key is never overwritten, and never made unasked', async (t) => {
  const path = pathIn(t);
  await t.rejects(loadIdentity({ path, create: false }), { code: 'CONNECTIVITY_KEY_MISSING' });
  const { peer } = await createKeyFile(path);
  await t.rejects(createKeyFile(path), { code: 'CONNECTIVITY_KEY_EXISTS' });
  t.equal((await loadKeyFile(path)).peer, peer);
});

t.test('a key that others may read is refused, with the command that repairs it', async (t) => {
  const path = pathIn(t);
  await createKeyFile(path);
  await chmod(path, 0o644);
  await t.rejects(loadKeyFile(path), {
    code: 'CONNECTIVITY_KEY_MODE',
    message: new RegExp(`mode 644.*chmod 600 ${path} `),
  });
  await chmod(path, 0o400);
  t.ok(await loadKeyFile(path), 'stricter than needed is fine');
});

t.test('a symbolic link, a directory and a file of somebody else are refused', async (t) => {
  const path = pathIn(t);
  await createKeyFile(path);
  const link = join(t.testdirName, 'link.pem');
  await symlink(path, link);
  await t.rejects(loadKeyFile(link), { code: 'CONNECTIVITY_KEY_OWNER', message: /symbolic link/ });
  const directory = join(t.testdirName, 'directory.pem');
  await mkdir(directory);
  await t.rejects(loadKeyFile(directory), { code: 'CONNECTIVITY_KEY_OWNER' });
  const uid = process.getuid!();
  t.intercept(process, 'getuid', { value: () => uid + 1 });
  await t.rejects(loadKeyFile(path), { code: 'CONNECTIVITY_KEY_OWNER', message: new RegExp(`user ${uid}`) });
});

t.test('a file that holds no Ed25519 key is refused', async (t) => {
  const path = join(t.testdir(), 'node.pem');
  const mode = 0o600;
  const rsa = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const contents = [
    '',
    'no key at all',
    rsa.export({ format: 'pem', type: 'pkcs8' }),
    Buffer.alloc(100_000, 65),
  ];
  for (const content of contents) {
    await writeFile(path, content, { mode });
    await t.rejects(loadKeyFile(path), { code: 'CONNECTIVITY_KEY_INVALID' });
  }
});

t.test('a place where no key can be made is a fault, not a crash', async (t) => {
  const file = join(t.testdir(), 'file');
  await writeFile(file, '');
  await t.rejects(createKeyFile(join(file, 'node.pem')), { code: 'CONNECTIVITY_KEY_UNREADABLE' });
  await t.rejects(loadKeyFile(join(file, 'node.pem')), { code: 'CONNECTIVITY_KEY_UNREADABLE' });
});

t.test('the file is what openssl understands', async (t) => {
  const path = pathIn(t);
  await createKeyFile(path);
  t.match(await readFile(path, 'utf8'), /^-----BEGIN PRIVATE KEY-----\n/);
});
