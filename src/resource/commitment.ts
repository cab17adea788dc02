/**
 * A worker's sealed word on one bundle of results, as `JobMarket` opens and judges it.
 *
 * The seal is bound to deal, provider and number, so a copied one is worthless to anybody else, and salted,
 * so a small answer cannot be found by trying. The root is over one leaf for each unit; a leaf with its proof
 * says what a provider said of that unit, and nothing of its other units.
 */

import { AbiCoder } from 'ethers/abi';
import { keccak256 } from 'ethers/crypto';
import {
  type Account,
  type HotSigner,
  recoverTyped,
  type TypedDomain,
  type TypedSignature,
} from '../connectivity/index.ts';
import { commitmentData } from './deal.ts';
import type { Bytes32, Commitment, DealId } from './ledger.ts';

export interface SignedCommitment {
  readonly commitment: Commitment;
  readonly signature: TypedSignature;
}

/** What opens a seal. */
export interface Opening {
  readonly deal: DealId;
  readonly provider: Account;
  readonly number: number;
  readonly root: Bytes32;
  /** 32 octets of chance. */
  readonly salt: Bytes32;
}

export function sealOf({ deal, provider, number, root, salt }: Opening): Bytes32 {
  const types = ['bytes32', 'address', 'uint24', 'bytes32', 'bytes32'];
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, [deal, provider, number, root, salt])) as Bytes32;
}

/** A leaf of a bundle's tree. Two words of 32 octets are their own ABI encoding. */
export function bundleLeaf(unit: Bytes32, digest: Bytes32): Bytes32 {
  return keccak256(keccak256(unit + digest.slice(2))) as Bytes32;
}

export function signCommitment(
  commitment: Commitment,
  signer: HotSigner,
  domain: TypedDomain,
): SignedCommitment {
  return { commitment, signature: signer.signTyped(commitmentData(commitment, domain)) };
}

/** Why a broker does not take this as the word of `worker` for its bundle `number`; undefined if it does. */
export function commitmentFlaw(
  { commitment, signature }: SignedCommitment,
  expected: Pick<Commitment, 'deal' | 'provider' | 'number'>,
  worker: Account,
  domain: TypedDomain,
): string | undefined {
  if (commitment.deal !== expected.deal) return 'it is for another deal';
  if (commitment.provider !== expected.provider) return 'it is of another provider';
  if (commitment.number !== expected.number) return 'it has another number';
  const signer = recoverTyped(commitmentData(commitment, domain), signature);
  return signer === worker ? undefined : 'its worker did not sign it';
}
