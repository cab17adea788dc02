/**
 * `conun wallet import`: an account from elsewhere, given as words, as a private key or as a keystore; which
 * of them it is, its form says. Read from a file that nobody else can read, from standard input, or from the
 * keyboard: what stands on a command line can be seen by others.
 */

import { resolve } from 'node:path';
import { systemRandom } from '../../actors/index.ts';
import {
  type AccountKey,
  isIndex,
  keyOfHex,
  keyOfWords,
  openKeystore,
  readSecretFile,
} from '../../connectivity/index.ts';
import { checkAccountName, storeAccount } from '../accounts.ts';
import { gridErrors } from '../errors.ts';
import { readAll } from './input.ts';
import type { Invocation, Run } from './invocation.ts';
import { newPassphrase, passphraseFor } from './passphrase.ts';
import { ask, canAsk } from './question.ts';
import { openWallet } from './wallet.ts';

/** A keystore is the longest of them, with less than 1 KB. */
const SECRET_BYTES_MAX = 16_384;

export const run: Run = async (call) => {
  const [name = 'main'] = call.arguments;
  checkAccountName(name);
  const { folder } = await openWallet(call);
  const { key, passphrase } = await imported(call, name, await given(call));
  const stored = await storeAccount(folder, name, key, { passphrase, random: systemRandom() });
  await call.answer(stored, () => `${stored.account}  ${name}`);
  return undefined;
};

/** The index of an account among those of its words. Throws `GRID_ARGUMENT_INVALID`. */
export function indexOf(call: Invocation, otherwise = 0): number {
  const text = call.text('index');
  if (text === undefined) return otherwise;
  const index = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (isIndex(index)) return index;
  throw gridErrors.GRID_ARGUMENT_INVALID({ argument: '--index', reason: 'a number from 0' });
}

/** A keystore keeps its passphrase, which has to be typed in any case. */
async function imported(
  call: Invocation,
  name: string,
  secret: string,
): Promise<{ readonly key: AccountKey; readonly passphrase: string }> {
  if (secret.startsWith('{')) {
    const passphrase = await passphraseFor(call, 'the keystore');
    return { key: await openKeystore(secret, passphrase), passphrase };
  }
  const isKey = /^(?:0x)?[0-9a-f]+$/i.test(secret);
  const key = isKey ? keyOfHex(secret) : await keyOfWords(secret, indexOf(call));
  return { key, passphrase: await newPassphrase(call, name) };
}

async function given(call: Invocation): Promise<string> {
  const from = call.text('from');
  if (from === '-') return (await readAll(call.io, SECRET_BYTES_MAX)).trim();
  if (from !== undefined) {
    const bytes = await readSecretFile(resolve(call.io.folder, from), SECRET_BYTES_MAX);
    return bytes.toString('utf8').trim();
  }
  if (!canAsk(call.io)) {
    const reason = 'give a file, or - for standard input';
    throw gridErrors.GRID_ARGUMENT_INVALID({ argument: '--from', reason });
  }
  const [typed = ''] = await ask(call.io, ['Words, or private key: '], { secret: true });
  return typed.trim();
}
