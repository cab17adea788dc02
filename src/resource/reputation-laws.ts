/**
 * The laws of `Reputation`: a verdict more for whoever agreed with it, two thirds of all for whoever did not,
 * half of it after each half-life. With 18 decimals, rounded down as the contract rounds.
 */

import type { Account } from '../connectivity/index.ts';
import type { Seconds } from './ledger.ts';
import type { LedgerState } from './ledger-state.ts';

const ONE = 10n ** 18n;
const HALF_LIFE_S = 90 * 24 * 3_600;

export function recordVerdict(state: LedgerState, provider: Account, agreed: boolean, time: Seconds): void {
  const score = scoreOf(state, provider, time);
  state.scores.set({ value: agreed ? score + ONE : (score * 2n) / 3n, since: time }, provider);
}

/** Halved for each whole half-life, and on a straight line in between. */
export function scoreOf(state: LedgerState, provider: Account, time: Seconds): bigint {
  const { value, since } = state.scores.get(provider);
  const age = time - since;
  const halved = value >> BigInt(Math.floor(age / HALF_LIFE_S));
  return halved - (halved * BigInt(age % HALF_LIFE_S)) / BigInt(2 * HALF_LIFE_S);
}
