/** The calls of one deal, signed by whom they should be, or by another key where a test wants that. */

import type { HotSigner, TypedDomain } from '../../src/connectivity/index.ts';
import { bundleLeaf, sealOf, signCommitment } from '../../src/resource/commitment.ts';
import { acceptanceData, dealIdOf, termsData } from '../../src/resource/deal.ts';
import { treeProof, treeRoot } from '../../src/resource/keccak-tree.ts';
import type { Bytes32, CallOf, DealId, Terms } from '../../src/resource/ledger.ts';
import { signVoucher } from '../../src/resource/voucher.ts';
import { agent, provider, requester, word, worker } from './deal-papers.ts';

/** What a provider says of the units of one bundle: digests by index. */
export type Words = readonly (readonly [index: number, digest: number])[];

const SALT = word(0x5a17);

export class DealCalls {
  readonly deal: DealId;
  readonly domain: TypedDomain;
  readonly terms: Terms;

  constructor(domain: TypedDomain, terms: Terms) {
    this.domain = domain;
    this.terms = terms;
    this.deal = dealIdOf(terms, domain);
  }

  open(key: HotSigner = requester): CallOf<'open'> {
    const { terms, domain } = this;
    return { type: 'open', terms, signature: key.signTyped(termsData(terms, domain)) };
  }

  allocate(amount: bigint, owner = provider, key: HotSigner = worker): CallOf<'allocate'> {
    const { terms, deal, domain } = this;
    const paper = { deal, provider: owner.account, lock: terms.stakeLock };
    const acceptance = key.signTyped(acceptanceData(paper, domain));
    return { type: 'allocate', terms, allocations: [{ provider: owner.account, amount, acceptance }] };
  }

  redeem(amount: bigint, bundles = 0, owner = provider, key: HotSigner = agent): CallOf<'redeemMany'> {
    const { terms, deal, domain } = this;
    const paper = { deal, provider: owner.account, amount, bundles };
    const { voucher, signature } = signVoucher(paper, key, domain);
    return { type: 'redeemMany', terms, vouchers: [voucher], signatures: [signature] };
  }

  commit(number: number, words: Words, owner = provider, key: HotSigner = worker): CallOf<'commit'> {
    const { terms, deal, domain } = this;
    const seal = sealOf({ deal, provider: owner.account, number, root: this.rootOf(words), salt: SALT });
    const paper = { deal, provider: owner.account, number, seal };
    return { type: 'commit', terms, ...signCommitment(paper, key, domain) };
  }

  reveal(number: number, words: Words, owner = provider): CallOf<'reveal'> {
    const root = this.rootOf(words);
    return { type: 'reveal', terms: this.terms, provider: owner.account, number, root, salt: SALT };
  }

  /** What was said of the unit at `place` of the bundle. */
  testify(number: number, words: Words, place = 0, owner = provider): CallOf<'testify'> {
    const leaves = this.#leavesOf(words);
    const [index, digest] = words[place]!;
    const testimony = {
      provider: owner.account,
      number,
      unit: this.unit(index),
      digest: word(digest),
      proof: treeProof(leaves, leaves[place]!),
    };
    return { type: 'testify', terms: this.terms, testimony };
  }

  settle(index: number): CallOf<'settle'> {
    return { type: 'settle', terms: this.terms, unit: this.unit(index) };
  }

  /** Of calls that name a provider and nothing else. */
  of<Type extends 'relinquish' | 'expire' | 'release'>(type: Type, owner = provider) {
    return { type, terms: this.terms, provider: owner.account };
  }

  close(): CallOf<'close'> {
    return { type: 'close', terms: this.terms };
  }

  unit(index: number): Bytes32 {
    return word(0x1000 + index);
  }

  rootOf(words: Words): Bytes32 {
    return treeRoot(this.#leavesOf(words));
  }

  #leavesOf(words: Words): readonly Bytes32[] {
    return words.map(([index, digest]) => bundleLeaf(this.unit(index), word(digest)));
  }
}
