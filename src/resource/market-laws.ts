/**
 * The laws of `JobMarket` on deposits, deals, promises and pay, in its order of checks.
 *
 * What always holds: tokens in the market are the balances and what remains in open deals; `promised` of a
 * deal is the sum over its shares of `allocated - paid`, and never more than `remaining`.
 */

import { type Account, recoverTyped, type TypedData, type TypedSignature } from '../connectivity/index.ts';
import { acceptanceData, dealIdOf, termsData, termsFlaw, voucherData } from './deal.ts';
import type { Allocation, CallOf, DealId, ShareView, Terms, Voucher } from './ledger.ts';
import { type DealRow, type LedgerState, least, refuse, requireThat, type Turn } from './ledger-state.ts';
import { lockStake, speaksFor } from './registry-laws.ts';
import { collect, transfer } from './token-laws.ts';

export function deposit(state: LedgerState, { amount }: CallOf<'deposit'>, { from }: Turn): void {
  requireThat(amount > 0n, 'AmountZero');
  collect(state, from, state.market, amount);
  credit(state, from, amount);
}

export function withdraw(state: LedgerState, { to, amount }: CallOf<'withdraw'>, { from }: Turn): void {
  requireThat(amount > 0n, 'AmountZero');
  debit(state, from, amount);
  transfer(state, state.market, to, amount);
}

export function open(state: LedgerState, { terms, signature }: CallOf<'open'>, { time, news }: Turn): void {
  requireThat(termsFlaw(terms, time) === undefined, 'TermsInvalid');
  const deal = dealIdOf(terms, state.domain);
  requireThat(state.deals.get(deal).state === 'none', 'DealExists');
  requireThat(signerOf(termsData(terms, state.domain), signature) === terms.requester, 'SignatureInvalid');
  debit(state, terms.requester, terms.budget);
  state.deals.set({ state: 'open', remaining: terms.budget, promised: 0n, openedAt: time }, deal);
  news.push({ type: 'dealOpened', deal, terms });
}

export function allocate(state: LedgerState, { terms, allocations }: CallOf<'allocate'>, turn: Turn): void {
  const deal = openDeal(state, terms);
  requireThat(isPayer(turn.from, terms), 'NotAgent');
  requireThat(turn.time <= terms.workUntil, 'TooLate');
  for (const allocation of allocations) promise(state, terms, deal, allocation, turn);
}

function promise(state: LedgerState, terms: Terms, deal: DealId, given: Allocation, { news }: Turn): void {
  const { provider, amount } = given;
  requireThat(amount > 0n, 'AmountZero');
  const { remaining, promised } = state.deals.get(deal);
  requireThat(remaining - promised >= amount, 'BudgetExceeded');
  const share = state.shares.get(deal, provider);
  requireThat(share.state !== 'slashed', 'ShareSlashed');
  patchDeal(state, deal, { promised: promised + amount });
  const joined = share.state === 'none' ? join(state, terms, deal, given) : share.state;
  const allocated = share.allocated + amount;
  patchShare(state, deal, provider, { allocated, state: joined });
  news.push({ type: 'allocated', deal, provider, allocated });
}

/**
 * The first allocation takes a provider in: where stake is locked, only on its own word. Whether it can be
 * paid is asked when it is paid.
 */
function join(state: LedgerState, terms: Terms, deal: DealId, given: Allocation): 'joined' | 'locked' {
  const { provider, acceptance } = given;
  const lock = terms.stakeLock;
  if (lock === 0n) return 'joined';
  requireThat(state.providers.get(provider).payout !== undefined, 'ProviderUnknown');
  const signer = signerOf(acceptanceData({ deal, provider, lock }, state.domain), acceptance);
  requireThat(speaksFor(state, signer, provider), 'SignatureInvalid');
  lockStake(state, provider, lock);
  return 'locked';
}

export function redeemMany(state: LedgerState, call: CallOf<'redeemMany'>, turn: Turn): void {
  const { terms, vouchers, signatures } = call;
  requireThat(vouchers.length === signatures.length, 'CountsDiffer');
  const deal = openDeal(state, terms);
  requireThat(turn.time <= terms.redeemUntil, 'TooLate');
  const before = state.deals.get(deal).remaining;
  for (const [place, voucher] of vouchers.entries()) {
    redeem(state, terms, deal, voucher, signatures[place]!, turn);
  }
  requireThat(state.deals.get(deal).remaining < before, 'NothingToDo');
}

function redeem(
  state: LedgerState,
  terms: Terms,
  deal: DealId,
  voucher: Voucher,
  signature: TypedSignature,
  { from, time, news }: Turn,
): void {
  const { provider, bundles } = voucher;
  // Who may sign may also bring its word itself, without a signature.
  const isPayersWord =
    isPayer(from, terms) || isPayer(signerOf(voucherData(voucher, state.domain), signature), terms);
  requireThat(voucher.deal === deal && isPayersWord, 'SignatureInvalid');
  const share = state.shares.get(deal, provider);
  requireThat(share.state !== 'none', 'ShareUnknown');
  requireThat(share.state !== 'slashed', 'ShareSlashed');
  if (bundles > 0) {
    requireThat(time > terms.disputeUntil, 'TooEarly');
    requireThat(share.revealed >= bundles && share.openCases === 0, 'ConditionUnmet');
  }
  const due = least(voucher.amount, share.allocated);
  // Not refused: else whoever brings one voucher before us makes all that travel with it fail.
  if (due <= share.paid) return;
  const amount = due - share.paid;
  patchShare(state, deal, provider, { paid: due });
  const { remaining, promised } = state.deals.get(deal);
  patchDeal(state, deal, { remaining: remaining - amount, promised: promised - amount });
  const payout = state.providers.get(provider).payout ?? refuse('ProviderUnknown');
  credit(state, payout, amount);
  news.push({ type: 'redeemed', deal, provider, amount });
}

export function relinquish(state: LedgerState, call: CallOf<'relinquish'>, { from }: Turn): void {
  const { terms, provider } = call;
  const deal = openDeal(state, terms);
  requireThat(speaksFor(state, from, provider), 'NotProvider');
  requireThat(forfeit(state, deal, provider) > 0n, 'NothingToDo');
}

/** Gives the unpaid rest back to the budget; a closed deal has none any more. Returns how much that is. */
export function forfeit(state: LedgerState, deal: DealId, provider: Account): bigint {
  const { allocated, paid } = state.shares.get(deal, provider);
  patchShare(state, deal, provider, { allocated: paid });
  const { state: phase, promised } = state.deals.get(deal);
  if (phase === 'open') patchDeal(state, deal, { promised: promised - (allocated - paid) });
  return allocated - paid;
}

/** The id of a deal that was opened: what was said, verdicts and locks outlive its closing. */
export function knownDeal(state: LedgerState, terms: Terms): DealId {
  const deal = dealIdOf(terms, state.domain);
  return state.deals.get(deal).state === 'none' ? refuse('DealNotOpen') : deal;
}

/** The id of a deal that is open. */
export function openDeal(state: LedgerState, terms: Terms): DealId {
  const deal = dealIdOf(terms, state.domain);
  return state.deals.get(deal).state === 'open' ? deal : refuse('DealNotOpen');
}

export function credit(state: LedgerState, account: Account, amount: bigint): void {
  state.balances.set(state.balances.get(account) + amount, account);
}

function debit(state: LedgerState, account: Account, amount: bigint): void {
  const balance = state.balances.get(account);
  requireThat(balance >= amount, 'BalanceTooLow');
  state.balances.set(balance - amount, account);
}

export function patchDeal(state: LedgerState, deal: DealId, change: Partial<DealRow>): void {
  state.deals.set({ ...state.deals.get(deal), ...change }, deal);
}

export function patchShare(
  state: LedgerState,
  deal: DealId,
  provider: Account,
  change: Partial<ShareView>,
): void {
  state.shares.set({ ...state.shares.get(deal, provider), ...change }, deal, provider);
}

/** Typed data that cannot be encoded has no signer: amounts and numbers come from outside. */
export function signerOf(data: TypedData, signature: TypedSignature): Account | undefined {
  return recoverTyped(data, signature);
}

function isPayer(account: Account | undefined, { agent, requester }: Terms): boolean {
  return account !== undefined && (account === agent || account === requester);
}
