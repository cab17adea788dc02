/**
 * Random histories of three deals: who calls what, when, with which papers.
 *
 * A move is a name and some dice. Dice at zero choose what is regular, and so a failing history shrinks to
 * one that is regular except where it matters. Histories are led through the phases of a deal, with what is
 * usual in each, because nearly all of what is purely random would be refused for its time.
 */

import type { Account, HotSigner, TypedDomain, TypedSignature } from '../../src/connectivity/index.ts';
import { COMMITMENTS_MAX } from '../../src/resource/dispute-laws.ts';
import type { CallOf, LedgerCall } from '../../src/resource/ledger.ts';
import { COOL_DOWN_S } from '../../src/resource/registry-laws.ts';
import { DealCalls, type Words } from '../resource/deal-calls.ts';
import {
  agent,
  GENESIS,
  provider,
  requester,
  seconds,
  signerOf,
  stranger,
  termsOf,
  word,
  worker,
} from '../resource/deal-papers.ts';
import { Dice } from './dice.ts';

/** Ether is no business of the contracts. */
type Name = Exclude<LedgerCall['type'], 'sendEther'>;
type MoneyName = 'approve' | 'transfer' | 'deposit' | 'withdraw' | 'anchor';
type PromiseName = 'open' | 'close' | 'allocate' | 'redeemMany' | 'relinquish';
type WordName = 'commit' | 'reveal' | 'testify' | 'settle' | 'expire' | 'release';

export interface Move {
  /** To wait is to wait for the next deadline of a deal, to cool for stake that somebody has asked for. */
  readonly name: Name | 'wait' | 'cool';
  readonly dice: readonly number[];
}

/** A call and who makes it. */
export type Turn = readonly [from: HotSigner, call: LedgerCall];

const patron = signerOf(6);
const second = signerOf(20);
const secondKey = signerOf(21);
const third = signerOf(22);
const spareKey = signerOf(23);
const newcomer = signerOf(24);

/** Whose calls and rows there are. */
export const CAST = [
  ...[requester, agent, provider, worker, stranger, patron],
  ...[second, secondKey, third, spareKey, newcomer],
];
export const OWNERS = [provider, second, third, newcomer];
export const NUMBERS = [1, 2, 3];
export const UNITS = [0, 1, 2];
export const TOKENS = 10_000n;

const KEY_OF = new Map([
  [provider, worker],
  [second, secondKey],
]);
/** The first three are at one in neither unit, and nobody is right in both but the first. */
const WORDS: readonly Words[] = [
  [
    [0, 7],
    [1, 5],
  ],
  [
    [0, 7],
    [1, 6],
    [2, 4],
  ],
  [
    [0, 8],
    [1, 5],
  ],
  [[0, 7]],
  [[0, 9]],
  [[0, 0]],
];
const DAY_S = 24 * 3_600;
const TERMS = [
  termsOf(),
  termsOf({ stakeLock: 0n, salt: word(8) }),
  termsOf({ requester: patron.account, agent: patron.account, stakeLock: 300n, minQuorum: 3, salt: word(9) }),
];
const NOBODY = `0x${'0'.repeat(40)}` as Account;
const NO_SIGNATURE = '0x' as TypedSignature;

type WordCall = CallOf<'reveal'> | CallOf<'testify'> | CallOf<'settle'>;

/** How a commitment is opened, and what can be told then. */
interface Bundle {
  readonly reveal: CallOf<'reveal'>;
  readonly testimonies: readonly CallOf<'testify'>[];
}

export class Play {
  readonly deals: readonly DealCalls[];
  readonly #sealed: Bundle[] = [];
  readonly #untold: CallOf<'testify'>[] = [];
  readonly #told: CallOf<'testify'>[] = [];
  readonly #disputed: CallOf<'settle'>[] = [];
  /** Who has last asked for stake, and when. */
  #leaver: { readonly from: HotSigner; readonly time: number } | undefined;

  constructor(domain: TypedDomain) {
    this.deals = TERMS.map((terms) => new DealCalls(domain, terms));
  }

  /**
   * Before each history: two deals are open, three providers have stake, take part in the first, and have
   * sealed their word on units on which they are not at one.
   */
  opening(): readonly Turn[] {
    const funds = [requester, patron].flatMap((from): Turn[] => [
      [from, { type: 'approve', spender: 'market', amount: 5_000n }],
      [from, { type: 'deposit', amount: 2_500n }],
    ]);
    const owners = OWNERS.slice(0, 3);
    const stakes = owners.flatMap((owner): Turn[] => [
      [owner, { type: 'register', payout: owner.account, workers: keysOf(owner) }],
      [owner, { type: 'approve', spender: 'registry', amount: 1_000n }],
      [owner, { type: 'stake', amount: 500n }],
    ]);
    const [first, free] = this.deals as [DealCalls, DealCalls];
    const shares = owners.map((owner): Turn => [agent, first.allocate(200n, owner, keyOf(owner))]);
    const share: Turn = [agent, free.allocate(100n, second, secondKey)];
    const seals = owners.map(
      (owner, place): Turn => [stranger, first.commit(1, WORDS[place]!, owner, keyOf(owner))],
    );
    const opened = [first, free].map((calls): Turn => [stranger, calls.open()]);
    return [...funds, ...stakes, ...opened, ...shares, share, ...seals];
  }

  /** When a move of waiting ends: around the next deadline, or shortly before stake has cooled down. */
  waitUntil({ name, dice }: Move, now: number): number {
    const die = new Dice(dice);
    const { workUntil, revealUntil, disputeUntil, redeemUntil } = this.deals[0]!.terms;
    const end = [workUntil, revealUntil, disputeUntil, redeemUntil].find((each) => each >= now);
    if (die.isOdd() || name === 'cool' || end === undefined) {
      return (this.#leaver?.time ?? now) + COOL_DOWN_S - die.below(4);
    }
    return end + die.of([1, 0, 2]);
  }

  turn(name: Name, dice: readonly number[]): Turn {
    const die = new Dice(dice);
    switch (name) {
      case 'open':
      case 'close':
      case 'allocate':
      case 'redeemMany':
      case 'relinquish':
        return this.#promiseTurn(name, die);
      case 'commit':
      case 'reveal':
      case 'testify':
      case 'settle':
      case 'expire':
      case 'release':
        return [stranger, this.#wordCall(name, die)];
      case 'approve':
      case 'transfer':
      case 'deposit':
      case 'withdraw':
      case 'anchor':
        return moneyTurn(name, die);
      default:
        return this.#providerTurn(name, die);
    }
  }

  /**
   * A call was taken: what it committed can be revealed, what it revealed can be told, and where it told
   * something there is a case.
   */
  remember([from, call]: Turn, time: number): void {
    if (call.type === 'requestUnstake') this.#leaver = { from, time };
    if (call.type === 'commit') this.#sealed.push(this.#bundleOf(call));
    if (call.type === 'reveal') {
      const [bundle] = taken(this.#sealed, ({ reveal }) => isSame(reveal, call));
      this.#untold.push(...bundle!.testimonies);
    }
    if (call.type === 'testify') {
      this.#told.push(...taken(this.#untold, (each) => isSame(each, call)));
      const { terms, testimony } = call;
      const settle = { type: 'settle', terms, unit: testimony.unit } as const;
      if (!this.#disputed.some((each) => isSame(each, settle))) this.#disputed.push(settle);
    }
    if (call.type === 'settle') taken(this.#disputed, (each) => isSame(each, call));
  }

  #bundleOf({ terms, commitment }: CallOf<'commit'>): Bundle {
    const calls = this.deals.find((each) => each.terms === terms)!;
    const owner = OWNERS.find(({ account }) => account === commitment.provider)!;
    const { number, seal } = commitment;
    const words = WORDS.find((each) => calls.commit(number, each, owner).commitment.seal === seal)!;
    const testimonies = words.map((_, place) => calls.testify(number, words, place, owner));
    return { reveal: calls.reveal(number, words, owner), testimonies };
  }

  #promiseTurn(name: PromiseName, die: Dice): Turn {
    const calls = name === 'open' ? die.of([...this.deals].reverse()) : this.#deal(die);
    const owner = die.isOdd() ? newcomer : die.of(OWNERS.slice(0, 3));
    const payers = CAST.filter(({ account }) => isPayer(calls, account));
    const payer = die.isOdd() ? stranger : die.of(payers);
    switch (name) {
      case 'open':
        return [stranger, openCall(calls, die)];
      case 'close':
        return [stranger, calls.close()];
      case 'allocate':
        return [payer, allocations(calls, owner, die)];
      case 'redeemMany':
        return redemption(calls, owner, payer, die);
      case 'relinquish':
        return [die.isOdd() ? stranger : die.of([owner, keyOf(owner)]), calls.of('relinquish', owner)];
    }
  }

  #wordCall(name: WordName, die: Dice): LedgerCall {
    const calls = this.#deal(die);
    const owner = die.isOdd() ? newcomer : die.of(OWNERS.slice(0, 3));
    const number = die.isOdd() ? die.of([0, COMMITMENTS_MAX + 1, COMMITMENTS_MAX]) : die.of(NUMBERS);
    const words = die.of(WORDS);
    const isForged = die.isOdd();
    const isKnown = !die.isOdd();
    if (name === 'commit') return calls.commit(number, words, owner, die.isOdd() ? stranger : keyOf(owner));
    if (name === 'expire' || name === 'release') return calls.of(name, owner);
    if (name === 'settle') {
      return isKnown && this.#disputed.length > 0 ? die.of(this.#disputed) : calls.settle(die.of(UNITS));
    }
    if (name === 'reveal') {
      const known = isKnown ? this.#sealed.map(({ reveal }) => reveal) : [];
      const call = die.of([...known, calls.reveal(number, words, owner)]);
      return isForged ? { ...call, root: word(99) } : call;
    }
    const known = isKnown ? this.#untold : this.#told;
    const call = known.length > 0 ? die.of(known) : calls.testify(number, words, 0, owner);
    return isForged ? { ...call, testimony: { ...call.testimony, digest: word(99) } } : call;
  }

  #providerTurn(name: Exclude<Name, MoneyName | PromiseName | WordName>, die: Dice): Turn {
    const from = die.isOdd() ? die.of(CAST) : die.of([...OWNERS].reverse());
    const key = die.isOdd() ? NOBODY : die.of([...CAST].reverse()).account;
    const amount = die.of([200n, 500n, 0n, 1_000n]);
    switch (name) {
      case 'register':
        return [from, { type: name, payout: key, workers: keysOf(die.of(CAST)) }];
      case 'setPayout':
        return [from, { type: name, payout: key }];
      case 'addWorker':
      case 'removeWorker':
        return [from, { type: name, worker: die.of([keyOf(from).account, key]) }];
      case 'stake':
        return [from, { type: name, amount }];
      case 'requestUnstake':
        return [die.of([provider, provider, from]), { type: name, amount }];
      case 'unstake':
        return [die.isOdd() ? from : (this.#leaver?.from ?? provider), { type: name }];
    }
  }

  /** Most happens in the first, so that something comes of it. */
  #deal(die: Dice): DealCalls {
    const [first, free, other] = this.deals as [DealCalls, DealCalls, DealCalls];
    return die.of([first, first, first, free, first, first, free, first, other]);
  }
}

function openCall(calls: DealCalls, die: Dice): CallOf<'open'> {
  const key = CAST.find(({ account }) => account === calls.terms.requester)!;
  const flaws = [{ minQuorum: 1 }, { budget: 0n }, { redeemUntil: seconds(GENESIS + 40 * DAY_S) }];
  if (!die.isOdd()) return calls.open(die.isOdd() ? stranger : key);
  return new DealCalls(calls.domain, { ...calls.terms, ...die.of(flaws) }).open(key);
}

/** One, or two, to the same provider or to different ones. */
function allocations(calls: DealCalls, owner: HotSigner, die: Dice): CallOf<'allocate'> {
  const one = () => {
    const amount = die.of([100n, 50n, 300n, 0n, 1_001n]);
    return calls.allocate(amount, die.of([owner, ...OWNERS]), die.isOdd() ? stranger : keyOf(owner));
  };
  const [first, next] = [one(), one()];
  return die.isOdd() ? { ...first, allocations: [...first.allocations, ...next.allocations] } : first;
}

/** One voucher, or two; brought by anybody, or by the payer without a signature. */
function redemption(calls: DealCalls, owner: HotSigner, payer: HotSigner, die: Dice): Turn {
  const one = () => {
    const [amount, bundles] = [die.of([40n, 90n, 999n, 0n]), die.of([0, 0, 1, 0, 2])];
    const signer = die.isOdd() ? stranger : CAST.find(({ account }) => account === calls.terms.agent)!;
    return calls.redeem(amount, bundles, die.of([owner, owner, ...OWNERS]), signer);
  };
  const all = die.isOdd() ? [one(), one()] : [one()];
  const isOwnWord = die.of([false, true]);
  const vouchers = all.flatMap((each) => each.vouchers);
  const signed = all.flatMap((each) => (isOwnWord ? [NO_SIGNATURE] : each.signatures));
  const signatures = die.isOdd() ? signed.slice(1) : signed;
  return [isOwnWord ? payer : stranger, { ...all[0]!, vouchers, signatures }];
}

function moneyTurn(name: MoneyName, die: Dice): Turn {
  const from = die.of(CAST);
  const amount = die.of([100n, 0n, 2_500n, 11_000n, 1n]);
  const to = die.isOdd() ? NOBODY : die.of(CAST).account;
  switch (name) {
    case 'approve':
      return [from, { type: name, spender: die.of(['market', 'registry']), amount }];
    case 'deposit':
      return [die.of([requester, patron, from]), { type: name, amount }];
    case 'transfer':
      return [from, { type: name, to, amount }];
    case 'withdraw':
      return [die.of([provider, requester, from]), { type: name, to, amount }];
    case 'anchor': {
      const publisher = die.of([requester, requester, from]);
      return [publisher, { type: name, subject: word(die.below(2)), root: word(die.below(3)) }];
    }
  }
}

/** Who signs for a provider: its worker, where it has one. */
function keyOf(owner: HotSigner): HotSigner {
  return KEY_OF.get(owner) ?? owner;
}

function keysOf(owner: HotSigner): readonly Account[] {
  const key = keyOf(owner);
  return key === owner ? [] : [key.account];
}

/** Takes out what is so. */
function taken<Item>(from: Item[], isSo: (item: Item) => boolean): readonly Item[] {
  const place = from.findIndex(isSo);
  return place === -1 ? [] : from.splice(place, 1);
}

function isSame(one: WordCall, other: WordCall): boolean {
  return subjectOf(one) === subjectOf(other);
}

/** Which bundle, testimony or case a call is about. */
function subjectOf(call: WordCall): string {
  const { salt } = call.terms;
  if (call.type === 'reveal') return [salt, call.provider, call.number].join();
  if (call.type === 'settle') return [salt, call.unit].join();
  const { provider, number, unit } = call.testimony;
  return [salt, provider, number, unit].join();
}

function isPayer({ terms }: DealCalls, account: Account): boolean {
  return account === terms.agent || account === terms.requester;
}
