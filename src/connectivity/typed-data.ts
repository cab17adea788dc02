/**
 * Ethereum accounts and what they sign: EIP-712 typed data, so that a hardware wallet can show a person what
 * they agree to, and a contract can check it; and transactions, which pay for themselves.
 *
 * The private key stays behind the signer.
 */

import { getAddress } from 'ethers/address';
import { Signature, SigningKey } from 'ethers/crypto';
import { type TypedDataField, TypedDataEncoder } from 'ethers/hash';
import { computeAddress, recoverAddress, Transaction } from 'ethers/transaction';
import { assert, type Brand } from '../actors/index.ts';

/** An Ethereum address with its checksum (EIP-55). */
export type Account = Brand<string, 'Account'>;

/** `0x` and hex digits: 65 octets of secp256k1, or whatever a contract wallet takes (ERC-1271). */
export type TypedSignature = Brand<string, 'TypedSignature'>;

/** Bound to one contract on one chain: a signature for another is worthless here. */
export interface TypedDomain {
  readonly name: string;
  readonly version: string;
  readonly chainId: bigint;
  readonly verifyingContract: Account;
}

/** `0x` and hex digits: a transaction as EIP-2718 writes it, with a signature or still without one. */
export type RawTransaction = Brand<string, 'RawTransaction'>;

export interface TypedData {
  /** A statement that moves nothing is bound to no contract. */
  readonly domain: TypedDomain | Pick<TypedDomain, 'name' | 'version'>;
  /** The primary type first named; each a list of members in order. */
  readonly types: Readonly<Record<string, readonly TypedDataField[]>>;
  readonly message: Readonly<Record<string, unknown>>;
}

/** A key that may be in another process, or have to ask a person or a device. */
export interface AccountSigner {
  readonly account: Account;
  signTyped(data: TypedData): Promise<TypedSignature>;
  /** Takes it unsigned and gives it back signed. It names its chain: on another one it is worthless. */
  signTransaction(unsigned: RawTransaction): Promise<RawTransaction>;
}

/** A key in memory: agents and workers, which sign without asking. */
export interface HotSigner {
  readonly account: Account;
  signTyped(data: TypedData): TypedSignature;
  signTransaction(unsigned: RawTransaction): RawTransaction;
}

/** The signer of a private key of 32 octets. Throws a `TypeError` if it is none. */
export function hotSigner(privateKey: Uint8Array): HotSigner {
  const key = new SigningKey(privateKey);
  return {
    account: computeAddress(key) as Account,
    signTyped: (data) => key.sign(typedDigest(data)).serialized as TypedSignature,
    signTransaction(unsigned) {
      const transaction = Transaction.from(unsigned);
      assert(transaction.chainId !== 0n, 'a transaction is bound to one chain (EIP-155)');
      transaction.signature = key.sign(transaction.unsignedHash);
      return transaction.serialized as RawTransaction;
    },
  };
}

/** The digest that is signed, `0x…`. */
export function typedDigest({ domain, types, message }: TypedData): string {
  return TypedDataEncoder.hash({ ...domain }, mutable(types), { ...message });
}

/** What other wallets sign, as JSON: the second parameter of `eth_signTypedData_v4`. */
export function typedPayload({ domain, types, message }: TypedData): object {
  return TypedDataEncoder.getPayload({ ...domain }, mutable(types), { ...message });
}

/**
 * Who signed, or undefined if this is no signature of a key. Exactly what contracts take: 65 octets, the
 * lower `s` of the two, `v` of 27 or 28. A shorter form would be believed here and be worth nothing there.
 */
export function recoverTyped(data: TypedData, signature: TypedSignature): Account | undefined {
  try {
    const parsed = Signature.from(signature);
    if (!parsed.isValid() || parsed.serialized !== signature.toLowerCase()) return undefined;
    return recoverAddress(typedDigest(data), parsed) as Account;
  } catch {
    return undefined;
  }
}

/** The address with its checksum, or undefined if the text is none. */
export function parseAccount(text: string): Account | undefined {
  try {
    return getAddress(text) as Account;
  } catch {
    return undefined;
  }
}

function mutable(types: TypedData['types']): Record<string, TypedDataField[]> {
  return Object.fromEntries(Object.entries(types).map(([name, fields]) => [name, [...fields]]));
}
