import { inspect } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { systemRandom } from '../../src/actors/index.ts';
import {
  accountOfKeystore,
  KEYSTORE_COST,
  keyOfHex,
  keyOfWords,
  openKeystore,
  sealKey,
} from '../../src/connectivity/index.ts';

const random = systemRandom();
/** As little as scrypt takes: what is tried here is not its strength. */
const CHEAP = { N: 2, r: 1, p: 1 };
const JUNK = 'test test test test test test test test test test test junk';

/** The example of the Web3 Secret Storage definition, and its key. */
const KEY = '0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d';
const PBKDF2 = {
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '6087dab2f9fdbbfaddc31a909735c1e6' },
    ciphertext: '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
    kdf: 'pbkdf2',
    kdfparams: {
      c: 262144,
      dklen: 32,
      prf: 'hmac-sha256',
      salt: 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd',
    },
    mac: '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
  },
  id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
  version: 3,
};
/** As geth and foundry write them: of the first account of `JUNK`. */
const SCRYPT = {
  address: 'f39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '27f2444b8bfd4b13eeb89843ca857e6e' },
    ciphertext: '121498fa631ea0bbaf027808fa79115692860ecae5db2a73d4cf7dd56209d045',
    kdf: 'scrypt',
    kdfparams: { dklen: 32, n: 262144, r: 8, p: 1, salt: 'c6113dae558dcd445bb99c3a47c6198e' },
    mac: 'c29d0c74e3462191091e7ae5fcbf2b219492d9cb6e469b6abbdd540eab72710e',
  },
  id: '6b480f64-c657-4924-928d-00256e3e6a1d',
  version: 3,
};

t.test('what other wallets wrote is opened', async (t) => {
  const example = await openKeystore(JSON.stringify(PBKDF2), 'testpassword');
  t.same(example.reveal(), { privateKey: KEY, origin: undefined });
  t.equal(accountOfKeystore(JSON.stringify(PBKDF2)), undefined, 'it does not say whose it is');
  const { account } = await openKeystore(JSON.stringify(SCRYPT), 'testpassword123');
  t.equal(account, (await keyOfWords(JUNK, 0)).account);
  t.equal(accountOfKeystore(JSON.stringify(SCRYPT)), account);
});

t.test('at its real cost a keystore is opened by its passphrase, words included', async (t) => {
  t.ok(KEYSTORE_COST.N >= 2 ** 17);
  const key = await keyOfWords(JUNK, 3);
  const text = await sealKey(key, 'correct horse', random);
  t.match(JSON.parse(text), { version: 3, Crypto: { kdfparams: { n: KEYSTORE_COST.N, r: 8, p: 1 } } });
  t.equal(accountOfKeystore(text), key.account);
  t.same((await openKeystore(text, 'correct horse')).reveal(), key.reveal());
  await t.rejects(openKeystore(text, 'Correct horse'), {
    code: 'CONNECTIVITY_PASSPHRASE_WRONG',
    cause: undefined,
  });
});

t.test('whatever key and passphrase: that one opens, no other does, nothing shows', async (t) => {
  const secret = fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .filter((key) => key[0]! < 255 && key[31]! > 0);
  const passphrase = fc.string({ unit: 'binary', minLength: 1 });
  await fc.assert(
    fc.asyncProperty(secret, passphrase, passphrase, async (octets, right, wrong) => {
      const key = keyOfHex(Buffer.from(octets).toString('hex'));
      const text = await sealKey(key, right, random, CHEAP);
      t.notMatch(text, key.reveal().privateKey.slice(2));
      t.equal((await openKeystore(text, right)).account, key.account);
      t.equal((await openKeystore(text, right.normalize('NFKC'))).account, key.account);
      if (wrong.normalize('NFKC') === right.normalize('NFKC')) return;
      await t.rejects(openKeystore(text, wrong), { code: 'CONNECTIVITY_PASSPHRASE_WRONG' });
    }),
    { numRuns: 20 },
  );
});

t.test('two keystores of one key have nothing in common but their address', async (t) => {
  const key = await keyOfWords(JUNK, 0);
  const [one, two] = await Promise.all([1, 2].map(() => sealKey(key, 'same', random, CHEAP)));
  const { Crypto: a } = JSON.parse(one!);
  const { Crypto: b } = JSON.parse(two!);
  t.not(a.ciphertext, b.ciphertext);
  t.not(a.kdfparams.salt, b.kdfparams.salt);
  t.not(a.cipherparams.iv, b.cipherparams.iv);
});

t.test('a keystore that was changed is not opened', async (t) => {
  const text = await sealKey(await keyOfWords(JUNK, 0), 'same', random, CHEAP);
  const sealed = JSON.parse(text);
  const bent = (change: (copy: typeof sealed) => void) => {
    const copy = structuredClone(sealed);
    change(copy);
    return openKeystore(JSON.stringify(copy), 'same');
  };
  const flip = (hex: string) => hex.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
  await t.rejects(
    bent((it) => (it.Crypto.ciphertext = flip(it.Crypto.ciphertext))),
    { code: 'CONNECTIVITY_PASSPHRASE_WRONG' },
  );
  const invalid = { code: 'CONNECTIVITY_KEYSTORE_INVALID', cause: undefined };
  await t.rejects(
    bent((it) => (it.address = flip(it.address))),
    invalid,
  );
  const words = (it: typeof sealed) => it['x-ethers'];
  await t.rejects(
    bent((it) => (words(it).mnemonicCiphertext = flip(words(it).mnemonicCiphertext))),
    invalid,
  );
  await t.rejects(
    bent((it) => (words(it).path = "m/44'/60'/0'/0/1")),
    invalid,
  );
  const foreign = await bent((it) => (words(it).path = "m/44'/1'/0'/0/1"));
  t.equal(foreign.reveal().origin, undefined, 'words of another path are left alone');
});

t.test('what is no keystore, or would take too much to open, is refused before it is tried', async (t) => {
  const invalid = { code: 'CONNECTIVITY_KEYSTORE_INVALID', cause: undefined };
  const withParams = (params: object) =>
    JSON.stringify({
      ...SCRYPT,
      crypto: { ...SCRYPT.crypto, kdfparams: { ...SCRYPT.crypto.kdfparams, ...params } },
    });
  const wrongs = [
    '',
    'no JSON',
    'null',
    '[]',
    '{}',
    JSON.stringify({ ...SCRYPT, version: 4 }),
    JSON.stringify({ ...SCRYPT, address: 'me' }),
    withParams({ n: 2 ** 30 }),
    withParams({ n: 0 }),
    withParams({ n: 3 }),
    // A second member in other letters, of which one reader would see this and another that.
    withParams({ N: 2 ** 30 }),
    JSON.stringify({ ...PBKDF2, crypto: { ...PBKDF2.crypto, kdfparams: { c: 2 ** 40 } } }),
    JSON.stringify({ ...SCRYPT, filler: 'x'.repeat(20_000) }),
  ];
  for (const wrong of wrongs) {
    const fault = await openKeystore(wrong, 'testpassword').catch((thrown: Error) => thrown);
    t.match(fault, invalid, wrong.slice(0, 200));
    t.notMatch(inspect(fault), /testpassword/);
  }
});
