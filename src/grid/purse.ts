/**
 * What a person does with an account's money, over the ledger: each errand is some calls, one after the
 * other, and ends when all are confirmed.
 *
 * Whether the money is there is looked at first, so that a common mistake costs no gas and has a sentence;
 * what the contracts then say is final.
 */

import type { Random } from '../actors/index.ts';
import type { Account } from '../connectivity/index.ts';
import {
  formatAmount,
  type IntentId,
  type Ledger,
  type LedgerCall,
  type StakeView,
} from '../resource/index.ts';
import { gridErrors } from './errors.ts';

export interface Purse {
  readonly ledger: Ledger;
  readonly account: Account;
  /** Makes the names of intents: two errands never share one. */
  readonly random: Random;
  /** Ends the waiting; what was intended goes on. */
  readonly signal: AbortSignal;
}

export interface Balances {
  /** What pays for gas, in wei. */
  readonly ether: bigint;
  readonly tokens: bigint;
  readonly market: bigint;
  readonly stake: StakeView;
}

/** A confirmed call. */
export interface Receipt {
  readonly call: LedgerCall['type'];
  readonly transaction: string;
  readonly block: number;
  readonly gasUsed: bigint;
}

export async function balancesOf(ledger: Ledger, account: Account): Promise<Balances> {
  const [ether, tokens, market, stake] = await Promise.all([
    ledger.ether(account),
    ledger.tokens(account),
    ledger.balance(account),
    ledger.stake(account),
  ]);
  return { ether, tokens, market, stake };
}

/** Each of these rejects with `GRID_CHAIN_UNWELL`, `GRID_FUNDS_TOO_LOW` or `GRID_LEDGER_REFUSED`. */
export async function transfer(purse: Purse, to: Account, amount: bigint): Promise<readonly Receipt[]> {
  await need(purse, 'tokens', amount);
  return carryOut(purse, [{ type: 'transfer', to, amount }]);
}

/** For the gas of a key that never has tokens. The gas of the sending itself comes on top. */
export async function sendEther(purse: Purse, to: Account, amount: bigint): Promise<readonly Receipt[]> {
  await need(purse, 'ether', amount);
  return carryOut(purse, [{ type: 'sendEther', to, amount }]);
}

export async function deposit(purse: Purse, amount: bigint): Promise<readonly Receipt[]> {
  await need(purse, 'tokens', amount);
  return carryOut(purse, [
    { type: 'approve', spender: 'market', amount },
    { type: 'deposit', amount },
  ]);
}

export async function withdraw(purse: Purse, to: Account, amount: bigint): Promise<readonly Receipt[]> {
  await need(purse, 'market', amount);
  return carryOut(purse, [{ type: 'withdraw', to, amount }]);
}

/** Makes the account a provider, and the worker one of its keys, where they are not yet. */
export async function addStake(
  purse: Purse,
  amount: bigint,
  machine: { readonly worker: Account; readonly payout: Account },
): Promise<readonly Receipt[]> {
  const { ledger, account } = purse;
  await need(purse, 'tokens', amount);
  const { worker, payout } = machine;
  const [known, owner] = await Promise.all([ledger.payoutOf(account), ledger.providerOf(worker)]);
  const enlist: readonly LedgerCall[] =
    known === undefined
      ? [{ type: 'register', payout, workers: [worker] }]
      : owner === undefined
        ? [{ type: 'addWorker', worker }]
        : [];
  return carryOut(purse, [
    ...enlist,
    { type: 'approve', spender: 'registry', amount },
    { type: 'stake', amount },
  ]);
}

/** Begins its cool-down. The newest request counts: one replaces the other. */
export async function requestUnstake(purse: Purse, amount: bigint): Promise<readonly Receipt[]> {
  await need(purse, 'stake', amount);
  return carryOut(purse, [{ type: 'requestUnstake', amount }]);
}

/** Takes what has cooled down. */
export async function takeUnstaked(purse: Purse): Promise<readonly Receipt[]> {
  return carryOut(purse, [{ type: 'unstake' }]);
}

type Place = 'ether' | 'tokens' | 'market' | 'stake';

const PLACES: Readonly<Record<Place, string>> = {
  ether: 'in hand as ether',
  tokens: 'in hand',
  market: 'in the market',
  stake: 'staked and not locked',
};

async function need({ ledger, account }: Purse, place: Place, needed: bigint): Promise<void> {
  const { healthy, reason } = await ledger.health();
  if (!healthy) throw gridErrors.GRID_CHAIN_UNWELL({ reason });
  const { ether, tokens, market, stake } = await balancesOf(ledger, account);
  const found = { ether, tokens, market, stake: stake.staked - stake.locked }[place];
  if (found >= needed) return;
  const details = { needed: formatAmount(needed), found: formatAmount(found), place: PLACES[place] };
  throw gridErrors.GRID_FUNDS_TOO_LOW(details);
}

async function carryOut(purse: Purse, calls: readonly LedgerCall[]): Promise<readonly Receipt[]> {
  const { ledger, account, random, signal } = purse;
  const errand = Buffer.from(random.bytes(12)).toString('hex');
  const receipts: Receipt[] = [];
  for (const [index, call] of calls.entries()) {
    const id = `${errand}.${index}` as IntentId;
    await ledger.intend({ id, from: account, call });
    const outcome = await ledger.outcome(id, signal);
    if (outcome.type === 'refused') {
      throw gridErrors.GRID_LEDGER_REFUSED({ call: call.type, error: outcome.error });
    }
    const { transaction, block, gasUsed } = outcome;
    receipts.push({ call: call.type, transaction, block, gasUsed });
  }
  return receipts;
}
