/**
 * The accounts of this node: a folder of encrypted keystores, each in a file named like the account. Which
 * one is meant follows from its name, its address, or from there being no other.
 */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../actors/index.ts';
import {
  type Account,
  type AccountKey,
  accountOfKeystore,
  createSecretFile,
  type KeystoreCost,
  openKeystore,
  parseAccount,
  readSecretFile,
  sealKey,
} from '../connectivity/index.ts';
import type { ConfigPaths } from './config.ts';
import { gridErrors } from './errors.ts';

export interface StoredAccount {
  readonly name: string;
  readonly account: Account;
  readonly file: string;
}

/** Safe as a file name everywhere, and never to be taken for an address. */
const NAME = /^(?!0x)[a-z0-9][a-z0-9-]{0,31}$/;

/** A keystore takes 500 to 900 bytes; one more than is taken shows that there is more. */
const FILE_BYTES_MAX = 16_385;

/** By name. Rejects with `GRID_ACCOUNT_UNREADABLE` when one of the files is none of ours. */
export async function listAccounts(folder: string): Promise<readonly StoredAccount[]> {
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw gridErrors.GRID_ACCOUNT_UNREADABLE({ file: folder, reason: error.message }, error);
  });
  const names = files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -5));
  return Promise.all(names.sort().map((name) => stored(folder, name)));
}

/**
 * The account of that name or address; `null` means the only one. Rejects with `GRID_ACCOUNT_UNKNOWN` or
 * `GRID_ACCOUNT_UNCLEAR`.
 */
export async function findAccount(folder: string, wanted: string | null): Promise<StoredAccount> {
  const all = await listAccounts(folder);
  if (wanted === null) {
    const [only, ...others] = all;
    if (only !== undefined && others.length === 0) return only;
    throw gridErrors.GRID_ACCOUNT_UNCLEAR({ count: all.length });
  }
  const address = parseAccount(wanted);
  const found = all.find(({ name, account }) => name === wanted || account === address);
  if (found === undefined) throw gridErrors.GRID_ACCOUNT_UNKNOWN({ account: wanted });
  return found;
}

/** Rejects with `GRID_ARGUMENT_INVALID` for a name that is none, or as `createSecretFile` does. */
export async function storeAccount(
  folder: string,
  name: string,
  key: AccountKey,
  sealing: { readonly passphrase: string; readonly random: Random; readonly cost?: KeystoreCost },
): Promise<StoredAccount> {
  checkAccountName(name);
  const file = join(folder, `${name}.json`);
  const text = await sealKey(key, sealing.passphrase, sealing.random, sealing.cost);
  await createSecretFile(file, `${text}\n`, Buffer.from(sealing.random.bytes(6)).toString('hex'));
  return { name, account: key.account, file };
}

/** Asked before the trouble of a passphrase. */
export function checkAccountName(name: string): void {
  if (NAME.test(name)) return;
  const reason = 'up to 32 small letters, digits and hyphens, beginning with a letter or a digit';
  throw gridErrors.GRID_ARGUMENT_INVALID({ argument: 'name', reason });
}

/** Rejects as `openKeystore` does. */
export async function unlockAccount(
  { file, account }: StoredAccount,
  passphrase: string,
): Promise<AccountKey> {
  const key = await openKeystore(await keystoreText(file), passphrase);
  if (key.account === account) return key;
  throw gridErrors.GRID_ACCOUNT_UNREADABLE({ file, reason: 'it has changed meanwhile' });
}

/** Where the agent that holds unlocked keys is found. */
export function agentSocket(
  { runtime }: ConfigPaths,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  return env['CONUN_WALLET_AGENT'] || join(runtime, 'wallet.sock');
}

/** The encrypted keystore as it is. */
export async function keystoreText(file: string): Promise<string> {
  return (await readSecretFile(file, FILE_BYTES_MAX)).toString('utf8');
}

async function stored(folder: string, name: string): Promise<StoredAccount> {
  const file = join(folder, `${name}.json`);
  const text = await keystoreText(file);
  try {
    const account = accountOfKeystore(text);
    if (account !== undefined) return { name, account, file };
  } catch (thrown) {
    throw gridErrors.GRID_ACCOUNT_UNREADABLE({ file, reason: (thrown as Error).message }, thrown);
  }
  throw gridErrors.GRID_ACCOUNT_UNREADABLE({ file, reason: 'it does not say whose it is' });
}
