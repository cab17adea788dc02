/**
 * The laws of the token, as far as the ledger meets them: OpenZeppelin's ERC-20, in its order of checks.
 */

import type { Account } from '../connectivity/index.ts';
import { type LedgerState, requireThat } from './ledger-state.ts';

const ZERO = `0x${'0'.repeat(40)}`;

export function approve(state: LedgerState, owner: Account, spender: Account, amount: bigint): void {
  state.allowances.set(amount, owner, spender);
}

export function transfer(state: LedgerState, from: Account, to: Account, amount: bigint): void {
  requireThat(to !== ZERO, 'ERC20InvalidReceiver');
  const held = state.tokens.get(from);
  requireThat(held >= amount, 'ERC20InsufficientBalance');
  state.tokens.set(held - amount, from);
  state.tokens.set(state.tokens.get(to) + amount, to);
}

/** `spender` takes what `owner` has approved. */
export function collect(state: LedgerState, owner: Account, spender: Account, amount: bigint): void {
  const allowed = state.allowances.get(owner, spender);
  requireThat(allowed >= amount, 'ERC20InsufficientAllowance');
  state.allowances.set(allowed - amount, owner, spender);
  transfer(state, owner, spender, amount);
}

export function burn(state: LedgerState, holder: Account, amount: bigint): void {
  const held = state.tokens.get(holder);
  requireThat(held >= amount, 'ERC20InsufficientBalance');
  state.tokens.set(held - amount, holder);
}
