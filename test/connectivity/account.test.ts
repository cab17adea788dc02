import { inspect } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { seededRandom, systemRandom } from '../../src/actors/index.ts';
import {
  type AccountKey,
  keyOfHex,
  keyOfWords,
  newWords,
  recoverTyped,
  type TypedData,
} from '../../src/connectivity/index.ts';

/** The words that every development chain funds. */
const JUNK = 'test test test test test test test test test test test junk';

t.test('words give the accounts that other wallets derive from them', async (t) => {
  t.equal((await keyOfWords(JUNK, 0)).account, '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266');
  t.equal((await keyOfWords(JUNK, 1)).account, '0x70997970C51812dc3A010C7d01b50e0d17dc79C8');
  const spaced = await keyOfWords(`  ${JUNK.toUpperCase().replaceAll(' ', '\n ')}\n`, 1);
  t.same(spaced.reveal().origin, { words: JUNK, index: 1 });
  const abandon = `${'abandon '.repeat(11)}about`;
  t.equal((await keyOfWords(abandon, 0)).account, '0x9858EfFD232B4033E47d90003D41EC34EcaEda94');
});

t.test('new words are as many as asked for, from the chance that was given', async (t) => {
  for (const count of [12, 24] as const) {
    const words = await newWords(systemRandom(), count);
    t.equal(words.split(' ').length, count);
    t.ok(await keyOfWords(words, 0));
  }
  t.equal(await newWords(seededRandom('7'), 12), await newWords(seededRandom('7'), 12));
  t.not(await newWords(systemRandom(), 12), await newWords(systemRandom(), 12));
});

t.test('what is no secret of an account is refused without being repeated', async (t) => {
  const wrongs = ['test '.repeat(12), JUNK.replace('junk', 'secretword'), JUNK.slice(5), ''];
  for (const wrong of wrongs) {
    const fault = await keyOfWords(wrong, 0).catch((thrown: Error) => thrown);
    t.match(fault, { code: 'CONNECTIVITY_ACCOUNT_INVALID', cause: undefined });
    t.notMatch(inspect(fault), /junk|secretword|test test/);
  }
  const order = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';
  for (const wrong of [order, '0'.repeat(64), order.slice(1), `${order}0`, 'no key']) {
    t.throws(() => keyOfHex(wrong), { code: 'CONNECTIVITY_ACCOUNT_INVALID', cause: undefined });
  }
  await t.rejects(keyOfWords(JUNK, -1), { code: 'ACTORS_ASSERTION' });
  await t.rejects(keyOfWords(JUNK, 2 ** 31), { code: 'ACTORS_ASSERTION' });
});

t.test('a key that is printed, inspected or serialised shows its address only', async (t) => {
  const key = await keyOfWords(JUNK, 0);
  const { privateKey } = key.reveal();
  for (const shown of [inspect(key, { depth: 9, showHidden: true }), JSON.stringify(key), `${key}`]) {
    t.notMatch(shown, privateKey.slice(2));
    t.notMatch(shown, /junk/);
  }
  t.match(JSON.stringify(key), key.account);
});

const message: TypedData = {
  domain: { name: 'any', version: '1', chainId: 1n, verifyingContract: `0x${'11'.repeat(20)}` as never },
  types: { Word: [{ name: 'text', type: 'string' }] },
  message: { text: 'hello' },
};

t.test('each private key has one account, which its signatures name', async (t) => {
  const octets = fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .filter((key) => key[0]! < 255 && key[31]! > 0);
  await fc.assert(
    fc.asyncProperty(octets, fc.boolean(), async (octetsOfKey, prefixed) => {
      const digits = Buffer.from(octetsOfKey).toString('hex');
      const key: AccountKey = keyOfHex(prefixed ? `0x${digits}` : ` ${digits.toUpperCase()}\n`);
      t.equal(key.reveal().privateKey, `0x${digits}`);
      t.equal(recoverTyped(message, await key.signTyped(message)), key.account);
    }),
    { numRuns: 20 },
  );
});
