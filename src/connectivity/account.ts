/**
 * The key of an account: made here from chance as words (BIP-39), derived from words (BIP-32, BIP-44), or
 * brought from elsewhere.
 *
 * What an `AccountKey` holds is private to it: printing, inspecting or serialising one shows the address and
 * nothing else. `reveal` is the only way out. No fault made here repeats what was given, nor carries a cause
 * that might.
 *
 * The part of ethers for this loads its network clients too: a daemon that holds no account never loads it.
 */

import type { Mnemonic } from 'ethers/wallet';
import { assert, type Random } from '../actors/index.ts';
import { connectivityErrors } from './errors.ts';
import { type Account, type AccountSigner, type HotSigner, hotSigner } from './typed-data.ts';

/** Words a new account is written down with: 128 or 256 bits of chance. */
export type WordCount = 12 | 24;

/** BIP-44: coin type 60 is Ether, and one person has one chain of addresses, as most wallets have it. */
const PATH = "m/44'/60'/0'/0";

/** Hardened indices begin after it (BIP-32). */
const INDEX_MAX = 0x7fff_ffff;

/** Where an account comes from, when it comes from words. */
export interface WordsOrigin {
  /** Words of the English list, separated by single spaces. */
  readonly words: string;
  readonly index: number;
}

/** The secret itself. */
export interface RevealedKey {
  /** `0x` and 64 hex digits. */
  readonly privateKey: string;
  readonly origin: WordsOrigin | undefined;
}

export class AccountKey implements AccountSigner {
  readonly account: Account;
  readonly #revealed: RevealedKey;
  readonly #signer: HotSigner;

  constructor(revealed: RevealedKey) {
    this.#revealed = revealed;
    this.#signer = hotSigner(Buffer.from(revealed.privateKey.slice(2), 'hex'));
    this.account = this.#signer.account;
  }

  async signTyped(data: Parameters<AccountSigner['signTyped']>[0]) {
    return this.#signer.signTyped(data);
  }

  async signTransaction(unsigned: Parameters<AccountSigner['signTransaction']>[0]) {
    return this.#signer.signTransaction(unsigned);
  }

  /** For a keystore, or for a file that the account's owner asked for; goes nowhere else. */
  reveal(): RevealedKey {
    return this.#revealed;
  }
}

/** Fresh words. `random` must be the edge's: who can foretell it owns the account. */
export async function newWords(random: Random, count: WordCount): Promise<string> {
  const { Mnemonic } = await import('ethers/wallet');
  return Mnemonic.fromEntropy(random.bytes((count / 3) * 4)).phrase;
}

/** `m/44'/60'/0'/0/index`. */
export function pathOfIndex(index: number): string {
  assert(isIndex(index), 'an address index is an integer below 2³¹');
  return `${PATH}/${index}`;
}

export function isIndex(index: number): boolean {
  return Number.isInteger(index) && index >= 0 && index <= INDEX_MAX;
}

/** The account with that index of words. Rejects with `CONNECTIVITY_ACCOUNT_INVALID`. */
export async function keyOfWords(words: string, index: number): Promise<AccountKey> {
  const { HDNodeWallet } = await import('ethers/wallet');
  const mnemonic = await mnemonicOf(words);
  const { privateKey } = HDNodeWallet.fromMnemonic(mnemonic, pathOfIndex(index));
  return new AccountKey({ privateKey, origin: { words: mnemonic.phrase, index } });
}

/** The account of a private key in hex, with or without `0x`. Throws `CONNECTIVITY_ACCOUNT_INVALID`. */
export function keyOfHex(text: string): AccountKey {
  const [, digits] = /^\s*(?:0x)?([0-9a-f]{64})\s*$/i.exec(text) ?? [];
  if (digits === undefined) throw noKey('a private key is 64 hex digits');
  try {
    return new AccountKey({ privateKey: `0x${digits.toLowerCase()}`, origin: undefined });
  } catch {
    throw noKey('it is outside the curve');
  }
}

async function mnemonicOf(words: string): Promise<Mnemonic> {
  const { Mnemonic } = await import('ethers/wallet');
  try {
    return Mnemonic.fromPhrase(words.trim().toLowerCase().replace(/\s+/g, ' '));
  } catch (thrown) {
    // Only ethers' short text, which counts words and repeats none.
    throw noKey((thrown as { readonly shortMessage?: string }).shortMessage ?? 'they cannot be read');
  }
}

function noKey(reason: string) {
  return connectivityErrors.CONNECTIVITY_ACCOUNT_INVALID({ reason });
}
