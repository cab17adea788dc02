/**
 * `conun wallet export`: an account into a new file of mode 600. The encrypted keystore, or what is in it,
 * for which the passphrase is not enough: the account's name has to be typed as well.
 */

import { resolve } from 'node:path';
import { systemRandom } from '../../actors/index.ts';
import { createSecretFile } from '../../connectivity/index.ts';
import { keystoreText, type StoredAccount, unlockAccount } from '../accounts.ts';
import { gridErrors } from '../errors.ts';
import type { Invocation, Run } from './invocation.ts';
import { passphraseFor } from './passphrase.ts';
import { ask, canAsk } from './question.ts';
import { openWallet } from './wallet.ts';

export const run: Run = async (call) => {
  const stored = await (await openWallet(call)).find(call.arguments[0]);
  const plain = call.options['privateKey'] === true || call.options['words'] === true;
  const text = plain ? await revealed(call, stored) : await keystoreText(stored.file);
  const file = resolve(call.io.folder, call.text('out') ?? `${stored.name}.json`);
  const unique = Buffer.from(systemRandom().bytes(6)).toString('hex');
  await createSecretFile(file, `${text.trim()}\n`, unique);
  const { name, account } = stored;
  const warning = plain ? '\nWhoever reads it owns the account: keep it on paper, and remove the file.' : '';
  await call.answer({ name, account, file, encrypted: !plain }, () => `${file}${warning}`);
  return undefined;
};

async function revealed(call: Invocation, stored: StoredAccount): Promise<string> {
  if (call.text('out') === undefined) {
    throw gridErrors.GRID_ARGUMENT_INVALID({ argument: '--out', reason: 'say where to write it' });
  }
  await confirmed(call, stored);
  const { privateKey, origin } = (
    await unlockAccount(stored, await passphraseFor(call, stored.name))
  ).reveal();
  if (call.options['words'] !== true) return privateKey;
  if (origin !== undefined) return origin.words;
  const reason = `${stored.name} has no words: it came as a key`;
  throw gridErrors.GRID_ARGUMENT_INVALID({ argument: '--words', reason });
}

async function confirmed({ io }: Invocation, { name }: StoredAccount): Promise<void> {
  if (!canAsk(io)) throw gridErrors.GRID_CONFIRMATION_MISSING({ name });
  const [typed] = await ask(io, [`Type the name of the account, ${name}, to write its secret down: `], {
    secret: false,
  });
  if (typed !== name) throw gridErrors.GRID_CONFIRMATION_MISSING({ name });
}
