/**
 * Accounts at rest: one encrypted JSON keystore each (Web3 Secret Storage, version 3), as other wallets read
 * and write them; the words of an account are in it too, encrypted (the extension of ethers).
 *
 * Nothing is decrypted at a cost that the file's author chose freely, and what comes out is checked: the key
 * against the address, the words against the key.
 */

import type { KeystoreAccount } from 'ethers/wallet';
import { z } from 'zod';
import type { Random } from '../actors/index.ts';
import { AccountKey, isIndex, keyOfWords, pathOfIndex } from './account.ts';
import { connectivityErrors } from './errors.ts';
import { type Account, parseAccount } from './typed-data.ts';

/** scrypt's parameters: `N × r × 128` bytes of memory, and time in proportion, for each guess. */
export interface KeystoreCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** OWASP's first choice (2023), and ethers': 128 MiB and about a second for each guess at a passphrase. */
export const KEYSTORE_COST: KeystoreCost = { N: 2 ** 17, r: 8, p: 1 };

/** A keystore takes 500 to 900 bytes. */
const KEYSTORE_BYTES_MAX = 16_384;

/** Of a keystore from elsewhere; eight times our own. */
const MEMORY_BYTES_MAX = 2 ** 30;

/** Rounds of PBKDF2 in a keystore from elsewhere; wallets that use it take 262 144. */
const ROUNDS_MAX = 10_000_000;

const hex = z.string().max(256);
const addressText = z.string().regex(/^(?:0x)?[0-9a-f]{40}$/i);
const scryptSchema = z
  .looseObject({ n: z.int().positive(), r: z.int().positive(), p: z.int().positive() })
  .refine(({ n, r, p }) => 128 * n * r * p <= MEMORY_BYTES_MAX, 'it would take more than 1 GiB to open it');
const cryptoSchema = z.intersection(
  z.looseObject({ cipher: z.literal('aes-128-ctr'), ciphertext: hex.length(64), mac: hex }),
  z.discriminatedUnion('kdf', [
    z.looseObject({ kdf: z.literal('scrypt'), kdfparams: scryptSchema }),
    z.looseObject({
      kdf: z.literal('pbkdf2'),
      kdfparams: z.looseObject({ c: z.int().positive().max(ROUNDS_MAX) }),
    }),
  ]),
);
const keystoreSchema = z.looseObject({
  version: z.literal(3),
  address: addressText.optional(),
  crypto: cryptoSchema,
});
type Keystore = z.output<typeof keystoreSchema>;

/** The keystore of a key. `random` must be the edge's. */
export async function sealKey(
  key: AccountKey,
  passphrase: string,
  random: Random,
  cost: KeystoreCost = KEYSTORE_COST,
): Promise<string> {
  const { encryptKeystoreJson, Mnemonic } = await import('ethers/wallet');
  const { privateKey, origin } = key.reveal();
  const mnemonic = origin && {
    entropy: Mnemonic.phraseToEntropy(origin.words),
    path: pathOfIndex(origin.index),
    locale: 'en',
  };
  const uuid = `0x${Buffer.from(random.bytes(16)).toString('hex')}`;
  const options = { scrypt: cost, salt: random.bytes(32), iv: random.bytes(16), uuid };
  return encryptKeystoreJson(
    { address: key.account, privateKey, ...(mnemonic && { mnemonic }) },
    passphrase,
    options,
  );
}

/**
 * Rejects with `CONNECTIVITY_KEYSTORE_INVALID` when this is none, or one that is not in order, and with
 * `CONNECTIVITY_PASSPHRASE_WRONG`. Neither has a cause: those of ethers would quote what they were given.
 */
export async function openKeystore(text: string, passphrase: string): Promise<AccountKey> {
  const { privateKey, mnemonic } = await decrypted(checkKeystore(text), passphrase);
  const index = Number(mnemonic?.path?.split('/').at(-1));
  // Words of another path, or in another language, are those of another wallet: the key is enough.
  const ours = mnemonic?.locale === 'en' && isIndex(index) && mnemonic.path === pathOfIndex(index);
  if (!ours) return new AccountKey({ privateKey, origin: undefined });
  const key = await keyOfEntropy(mnemonic.entropy, index);
  // The words are not under the keystore's MAC: they are right when they give the key that is.
  if (key?.reveal().privateKey === privateKey) return key;
  throw invalid('its words are not those of its key');
}

/** Whose keystore it claims to be; undefined if it does not say. Throws `CONNECTIVITY_KEYSTORE_INVALID`. */
export function accountOfKeystore(text: string): Account | undefined {
  const { address } = checkKeystore(text);
  return address === undefined ? undefined : parseAccount(address.replace(/^(?:0x)?/, '0x').toLowerCase());
}

function checkKeystore(text: string): Keystore {
  if (text.length > KEYSTORE_BYTES_MAX) throw invalid('it is too long');
  const parsed = keystoreSchema.safeParse(lowered(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(`${issue?.path.join('.')}: ${issue?.message}`);
}

/** Some wallets write `Crypto`, and readers do not mind the case of keys. */
function lowered(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.toLowerCase(), inner]))
        : value,
    );
  } catch {
    throw invalid('it is not JSON');
  }
}

/** Given as it was checked: of two members that differ in case only, both see the same. */
async function decrypted(keystore: Keystore, passphrase: string): Promise<KeystoreAccount> {
  const { decryptKeystoreJson } = await import('ethers/wallet');
  try {
    return await decryptKeystoreJson(JSON.stringify(keystore), passphrase);
  } catch (thrown) {
    const reason = (thrown as { readonly shortMessage?: string }).shortMessage ?? 'it cannot be read';
    if (reason === 'incorrect password') throw connectivityErrors.CONNECTIVITY_PASSPHRASE_WRONG();
    throw invalid(reason);
  }
}

async function keyOfEntropy(entropy: string, index: number): Promise<AccountKey | undefined> {
  const { Mnemonic } = await import('ethers/wallet');
  try {
    return await keyOfWords(Mnemonic.entropyToPhrase(entropy), index);
  } catch {
    return undefined;
  }
}

function invalid(reason: string) {
  return connectivityErrors.CONNECTIVITY_KEYSTORE_INVALID({ reason });
}
