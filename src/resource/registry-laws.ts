/**
 * The laws of `ProviderRegistry`, in its order of checks.
 *
 * What always holds: `locked <= staked`, and what the registry holds in tokens is what all have staked. A
 * request to leave takes nothing from a lock; it only keeps what is asked for from being locked anew.
 */

import type { Account } from '../connectivity/index.ts';
import type { CallOf, Seconds } from './ledger.ts';
import { type LedgerState, least, type ProviderRow, refuse, requireThat, type Turn } from './ledger-state.ts';
import { burn, collect, transfer } from './token-laws.ts';

/** Keys of one provider, each a machine or a site: as many as one site desk may have. */
export const WORKERS_MAX = 64;

/** Longer than the longest deal, so that whoever leaves can still be held to what it has said. */
export const COOL_DOWN_S = 31 * 24 * 3_600;

const ZERO = `0x${'0'.repeat(40)}`;

export function register(state: LedgerState, call: CallOf<'register'>, { from, time }: Turn): void {
  requireThat(state.providers.get(from).payout === undefined, 'AlreadyRegistered');
  changePayout(state, from, call.payout);
  for (const worker of call.workers) admitWorker(state, from, worker, time);
}

export function setPayout(state: LedgerState, { payout }: CallOf<'setPayout'>, { from }: Turn): void {
  registered(state, from);
  changePayout(state, from, payout);
}

export function addWorker(state: LedgerState, { worker }: CallOf<'addWorker'>, { from, time }: Turn): void {
  registered(state, from);
  admitWorker(state, from, worker, time);
}

export function removeWorker(
  state: LedgerState,
  { worker }: CallOf<'removeWorker'>,
  { from, time }: Turn,
): void {
  requireThat(workerOf(state, worker) === from, 'KeyInvalid');
  state.workers.set({ provider: from, removedAt: time }, worker);
  patch(state, from, { workers: state.providers.get(from).workers - 1 });
}

export function stake(state: LedgerState, { amount }: CallOf<'stake'>, { from }: Turn): void {
  const row = registered(state, from);
  requireThat(amount > 0n, 'AmountZero');
  patch(state, from, { staked: row.staked + amount });
  collect(state, from, state.registry, amount);
}

export function requestUnstake(
  state: LedgerState,
  { amount }: CallOf<'requestUnstake'>,
  { from, time }: Turn,
): void {
  const { staked } = registered(state, from);
  requireThat(amount <= staked, 'StakeTooLow');
  patch(state, from, { unbonding: amount, readyAt: (amount === 0n ? 0 : time + COOL_DOWN_S) as Seconds });
}

/** Takes out what was requested, except what is locked or has been slashed since. */
export function unstake(state: LedgerState, _: CallOf<'unstake'>, { from, time }: Turn): void {
  const { staked, locked, unbonding, readyAt } = registered(state, from);
  requireThat(unbonding > 0n, 'AmountZero');
  requireThat(time >= readyAt, 'CoolingDown');
  requireThat(staked > locked, 'StakeTooLow');
  const amount = least(unbonding, staked - locked);
  patch(state, from, { staked: staked - amount, unbonding: 0n, readyAt: 0 as Seconds });
  transfer(state, state.registry, from, amount);
}

/** For the market: of what is neither locked nor on its way out. */
export function lockStake(state: LedgerState, provider: Account, amount: bigint): void {
  const { staked, locked, unbonding } = state.providers.get(provider);
  requireThat(staked - locked - unbonding >= amount, 'StakeTooLow');
  patch(state, provider, { locked: locked + amount });
}

export function unlockStake(state: LedgerState, provider: Account, amount: bigint): void {
  patch(state, provider, { locked: state.providers.get(provider).locked - amount });
}

/** Burns it: nobody gains. */
export function slashStake(state: LedgerState, provider: Account, amount: bigint): void {
  const { staked, locked } = state.providers.get(provider);
  patch(state, provider, { staked: staked - amount, locked: locked - amount });
  burn(state, state.registry, amount);
}

/** Who may speak for a provider: its account, and the workers that it has registered. */
export function speaksFor(state: LedgerState, signer: Account | undefined, provider: Account): boolean {
  return signer !== undefined && (signer === provider || workerOf(state, signer) === provider);
}

/** The same, of a word that may have been given since then: removing a key takes none of its words back. */
export function answersFor(
  state: LedgerState,
  provider: Account,
  signer: Account | undefined,
  since: Seconds,
): boolean {
  if (signer === undefined || signer === provider) return signer !== undefined;
  const key = state.workers.get(signer);
  return key.provider === provider && (key.removedAt === 0 || key.removedAt >= since);
}

/** The provider that a key works for now. */
export function workerOf(state: LedgerState, worker: Account): Account | undefined {
  const { provider, removedAt } = state.workers.get(worker);
  return removedAt === 0 ? provider : undefined;
}

function registered(state: LedgerState, provider: Account): ProviderRow {
  const row = state.providers.get(provider);
  return row.payout === undefined ? refuse('NotRegistered') : row;
}

function changePayout(state: LedgerState, provider: Account, payout: Account): void {
  // A machine's key must never be able to move pay.
  requireThat(payout !== ZERO && state.workers.get(payout).provider !== provider, 'KeyInvalid');
  patch(state, provider, { payout });
}

function admitWorker(state: LedgerState, provider: Account, worker: Account, time: Seconds): void {
  const { payout, workers } = state.providers.get(provider);
  requireThat(worker !== ZERO && worker !== provider && worker !== payout, 'KeyInvalid');
  requireThat(!isTaken(state, provider, worker, time), 'KeyInUse');
  requireThat(workers < WORKERS_MAX, 'WorkersFull');
  state.workers.set({ provider, removedAt: 0 as Seconds }, worker);
  patch(state, provider, { workers: workers + 1 });
}

/** By whoever works with it, or did so lately for somebody else. */
function isTaken(state: LedgerState, provider: Account, worker: Account, time: Seconds): boolean {
  const key = state.workers.get(worker);
  if (key.provider === undefined || key.removedAt === 0) return key.provider !== undefined;
  return key.provider !== provider && time <= key.removedAt + COOL_DOWN_S;
}

function patch(state: LedgerState, provider: Account, change: Partial<ProviderRow>): void {
  state.providers.set({ ...state.providers.get(provider), ...change }, provider);
}
