/**
 * All that the contracts do, as a pure machine: the state that goes into a step is spent, and a refused call
 * leaves it as it was. It is the oracle of the real contracts (`test/contracts/differential.test.ts`), and
 * the chain of tests and simulations.
 */

import type { Account } from '../connectivity/index.ts';
import { commit, reveal, testify } from './dispute-laws.ts';
import { type CallOf, ETHER_TOO_LOW, type LedgerCall, type LedgerNews, type Seconds } from './ledger.ts';
import { type LedgerState, NOTHING, requireThat, type Turn } from './ledger-state.ts';
import { allocate, deposit, open, redeemMany, relinquish, withdraw } from './market-laws.ts';
import {
  addWorker,
  register,
  removeWorker,
  requestUnstake,
  setPayout,
  stake,
  unstake,
} from './registry-laws.ts';
import { close, expire, release, settle } from './verdict-laws.ts';
import { approve, transfer } from './token-laws.ts';

export interface LedgerStep {
  readonly state: LedgerState;
  /** The contract's error, by its name. */
  readonly refusal?: string;
  readonly news: readonly LedgerNews[];
}

/** `time` is the chain's clock in the block that carries the call; it never goes back. */
type Law<Type extends LedgerCall['type']> = (state: LedgerState, call: CallOf<Type>, turn: Turn) => void;

const LAWS: { readonly [Type in LedgerCall['type']]: Law<Type> } = {
  approve: (state, { spender, amount }, { from }) => approve(state, from, state[spender], amount),
  sendEther,
  transfer: (state, { to, amount }, { from }) => transfer(state, from, to, amount),
  deposit,
  withdraw,
  open,
  allocate,
  redeemMany,
  relinquish,
  commit,
  reveal,
  testify,
  settle,
  expire,
  release,
  close,
  register,
  setPayout,
  addWorker,
  removeWorker,
  stake,
  requestUnstake,
  unstake,
  anchor,
};

/** `time` is the chain's clock in the block that carries the call; it never goes back. */
export function stepLedger(state: LedgerState, from: Account, call: LedgerCall, time: Seconds): LedgerStep {
  const turn: Turn = { from, time, news: [] };
  const law = LAWS[call.type] as Law<LedgerCall['type']>;
  const refusal = state.attempt(() => law(state, call, turn));
  return refusal === undefined ? { state, news: turn.news } : { state, refusal, news: [] };
}

/** The chain's own law, without gas. */
function sendEther(state: LedgerState, { to, amount }: CallOf<'sendEther'>, { from }: Turn): void {
  const held = state.ether.get(from);
  requireThat(held >= amount, ETHER_TOO_LOW);
  state.ether.set(held - amount, from);
  state.ether.set(state.ether.get(to) + amount, to);
}

/** `ResultAnchor`: once for each publisher and subject. */
function anchor(state: LedgerState, { subject, root }: CallOf<'anchor'>, { from }: Turn): void {
  requireThat(root !== NOTHING, 'RootInvalid');
  requireThat(state.anchors.get(from, subject) === undefined, 'AlreadyAnchored');
  state.anchors.set(root, from, subject);
}
