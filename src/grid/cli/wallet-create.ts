/**
 * `conun wallet create`: a new account from fresh words, or the next one from the words of another. The words
 * stay in its keystore, encrypted, until `conun wallet export --words` writes them down.
 */

import { systemRandom } from '../../actors/index.ts';
import { type AccountKey, keyOfWords, newWords, type WordCount } from '../../connectivity/index.ts';
import { checkAccountName, storeAccount, unlockAccount } from '../accounts.ts';
import { gridErrors } from '../errors.ts';
import type { Invocation, Run } from './invocation.ts';
import { newPassphrase, passphraseFor } from './passphrase.ts';
import { indexOf } from './wallet-import.ts';
import { openWallet, type Wallet } from './wallet.ts';

export const run: Run = async (call) => {
  const [name = 'main'] = call.arguments;
  checkAccountName(name);
  const wallet = await openWallet(call);
  const random = systemRandom();
  const derived = await derivedKey(call, wallet);
  const key = derived?.key ?? (await keyOfWords(await newWords(random, wordCount(call)), indexOf(call)));
  const passphrase = derived?.passphrase ?? (await newPassphrase(call, name));
  const stored = await storeAccount(wallet.folder, name, key, { passphrase, random });
  await call.answer(stored, () => {
    const keep = `→ conun wallet export ${name} --words --out FILE writes down the words that bring it back`;
    return `${stored.account}  ${name}\n${keep}`;
  });
  return undefined;
};

/** From the words of another account, and under its passphrase: they are one secret. */
async function derivedKey(
  call: Invocation,
  wallet: Wallet,
): Promise<{ readonly key: AccountKey; readonly passphrase: string } | undefined> {
  const from = call.text('from');
  if (from === undefined) return undefined;
  const source = await wallet.find(from);
  const passphrase = await passphraseFor(call, source.name);
  const { origin } = (await unlockAccount(source, passphrase)).reveal();
  if (origin === undefined) {
    const reason = `${source.name} has no words: it came as a key`;
    throw gridErrors.GRID_ARGUMENT_INVALID({ argument: '--from', reason });
  }
  return { key: await keyOfWords(origin.words, indexOf(call, origin.index + 1)), passphrase };
}

function wordCount(call: Invocation): WordCount {
  const count = call.text('words') ?? '12';
  if (count === '12' || count === '24') return Number(count) as WordCount;
  throw gridErrors.GRID_ARGUMENT_INVALID({ argument: '--words', reason: '12 or 24' });
}
