/**
 * Where a passphrase comes from: a file that nobody else can read, or the person at the keyboard. Never the
 * command line or the environment, which others can look at.
 */

import { resolve } from 'node:path';
import { readSecretFile } from '../../connectivity/index.ts';
import { gridErrors } from '../errors.ts';
import type { Invocation } from './invocation.ts';
import { ask, canAsk } from './question.ts';

/** NIST SP 800-63B asks for this many characters of what people choose; scrypt makes each guess dear. */
const PASSPHRASE_CHARACTERS_MIN = 8;

/** A file of a passphrase has one line. */
const FILE_BYTES_MAX = 1_024;

/**
 * For what is encrypted already. Rejects with `GRID_PASSPHRASE_MISSING` when there is nobody to ask, or as
 * `readSecretFile` does.
 */
export async function passphraseFor(call: Invocation, what: string): Promise<string> {
  const given = await fromFile(call);
  if (given !== undefined) return given;
  const [typed = ''] = await ask(call.io, [`Passphrase of ${what}: `], { secret: true });
  return typed;
}

/** For what is to be encrypted: typed twice. Rejects also with `GRID_PASSPHRASE_UNFIT`. */
export async function newPassphrase(call: Invocation, what: string): Promise<string> {
  const given = await fromFile(call);
  if (given !== undefined) return longEnough(given);
  const questions = [`New passphrase for ${what}: `, 'Once more: '];
  const [first = '', second = ''] = await ask(call.io, questions, { secret: true });
  if (first !== second) throw gridErrors.GRID_PASSPHRASE_UNFIT({ reason: 'the two are not the same' });
  return longEnough(first);
}

async function fromFile(call: Invocation): Promise<string | undefined> {
  const file = call.text('passphraseFile');
  if (file !== undefined) {
    const bytes = await readSecretFile(resolve(call.io.folder, file), FILE_BYTES_MAX);
    const [line = ''] = bytes.toString('utf8').split(/\r?\n/, 1);
    return line;
  }
  if (!canAsk(call.io)) throw gridErrors.GRID_PASSPHRASE_MISSING();
  return undefined;
}

function longEnough(passphrase: string): string {
  if ([...passphrase].length >= PASSPHRASE_CHARACTERS_MIN) return passphrase;
  const reason = `it has fewer than ${PASSPHRASE_CHARACTERS_MIN} characters`;
  throw gridErrors.GRID_PASSPHRASE_UNFIT({ reason });
}
