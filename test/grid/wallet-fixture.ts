/** Accounts for tests of the command line: made with real keystores, with secrets that are known. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemRandom } from '../../src/actors/index.ts';
import { keyOfWords } from '../../src/connectivity/index.ts';
import { type StoredAccount, storeAccount } from '../../src/grid/accounts.ts';
import { temporaryFolder } from './api-fixture.ts';

/** The words that every development chain funds. */
export const WORDS = 'test test test test test test test test test test test junk';
export const FIRST = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
export const SECOND = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
export const FIRST_KEY = 'ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
export const PASSPHRASE = 'correct horse battery';

/** As little as scrypt takes. */
const CHEAP = { N: 2, r: 1, p: 1 };

export interface WalletHome {
  readonly home: string;
  /** Holds the passphrase. */
  readonly passphraseFile: string;
  add(name: string, index: number): Promise<StoredAccount>;
}

export async function walletHome(teardown: (end: () => unknown) => void): Promise<WalletHome> {
  const home = await temporaryFolder(teardown);
  const passphraseFile = join(home, 'passphrase');
  await writeFile(passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 });
  return {
    home,
    passphraseFile,
    add: async (name, index) => {
      const sealing = { passphrase: PASSPHRASE, random: systemRandom(), cost: CHEAP };
      return storeAccount(join(home, 'accounts'), name, await keyOfWords(WORDS, index), sealing);
    },
  };
}
