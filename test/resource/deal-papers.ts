/** A deal with all its keys, for tests: who signs what is as in docs/money.md. */

import { type AccountSigner, type HotSigner, hotSigner } from '../../src/connectivity/index.ts';
import { dealIdOf, marketDomain } from '../../src/resource/deal.ts';
import type { Bytes32, Seconds, Terms } from '../../src/resource/ledger.ts';

export const signerOf = (seed: number): HotSigner => hotSigner(new Uint8Array(32).fill(seed));

/** The same key behind a door that takes its time. */
export const accountOf = (hot: HotSigner): AccountSigner => ({
  account: hot.account,
  signTyped: async (data) => hot.signTyped(data),
  signTransaction: async (unsigned) => hot.signTransaction(unsigned),
});

/** A word of 32 octets that ends in the digits of `value`. */
export const word = (value: number | bigint): Bytes32 =>
  `0x${value.toString(16).padStart(64, '0')}` as Bytes32;

export const requester = signerOf(1);
export const agent = signerOf(2);
export const provider = signerOf(3);
export const worker = signerOf(4);
export const stranger = signerOf(5);

export const domain = marketDomain(31_337n, signerOf(9).account);

/** The chain's clock at the beginning of everything: late enough that subtracting never reaches zero. */
export const GENESIS = 1_800_000_000;

export const seconds = (value: number): Seconds => value as Seconds;

export function termsOf(change: Partial<Terms> = {}): Terms {
  return {
    requester: requester.account,
    agent: agent.account,
    spec: word(0xabc),
    budget: 1_000n,
    stakeLock: 100n,
    minQuorum: 2,
    workUntil: seconds(GENESIS + 3_600),
    revealUntil: seconds(GENESIS + 7_200),
    disputeUntil: seconds(GENESIS + 10_800),
    redeemUntil: seconds(GENESIS + 14_400),
    salt: word(7),
    ...change,
  };
}

export const terms = termsOf();
export const deal = dealIdOf(terms, domain);
