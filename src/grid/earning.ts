/** How a node is paid for its work: what it asks of a deal, and when it goes to the chain for its pay. */

import type { Milliseconds } from '../actors/index.ts';
import type { PeerId } from '../connectivity/index.ts';
import {
  type CashierOptions,
  costOf,
  type DeskPayments,
  linkWorker,
  parseAmount,
} from '../resource/index.ts';
import type { Config } from './config.ts';
import type { Money, MoneyBase } from './money.ts';

/** What the owner has set, and what follows from the machine. */
interface Machine {
  readonly peer: PeerId;
  /** Reference operations of a processor in a second. */
  readonly speed: number;
}

/** For an hour of all slots at full speed. */
const UNPAID_SECONDS = 3_600;

/** A task that is begun with less time left will hardly be paid for. */
const WORK_SECONDS_MIN = 60;

/**
 * A redemption is never urgent: its deadlines are ten minutes apart at least, and each look reads every deal.
 */
const POLLS_PER_LOOK = 8;

/** Undefined for a node that works for credit alone. */
export function deskPayments(
  config: Config,
  money: Money | undefined,
  { peer, speed }: Machine,
): DeskPayments | undefined {
  if (money?.provider === undefined) return undefined;
  const { ledger, domain, hot: worker, provider } = money;
  const { pay, slots } = config.provider;
  const tariff = amountOf(pay.tariff);
  const hourly = costOf(tariff, BigInt(Math.ceil(slots * speed * UNPAID_SECONDS)));
  const link = linkWorker({ provider: provider.account, peer, expiresAt: provider.until }, worker, domain);
  return {
    domain,
    worker,
    account: { link, tariff, unpaidMax: pay.unpaid === undefined ? hourly : amountOf(pay.unpaid) },
    rules: { stakeLockMax: amountOf(pay.stake), workSecondsMin: WORK_SECONDS_MIN },
    vouchersMissedMax: pay.vouchersMissed,
    volunteers: pay.volunteers,
    ledger,
  };
}

/** Undefined for a node that works for credit alone. */
export function cashierOptions(
  { config, journal }: Pick<MoneyBase, 'config' | 'journal'>,
  money: Money | undefined,
): CashierOptions | undefined {
  if (money?.provider === undefined) return undefined;
  const { ledger, hot, provider } = money;
  const lookMs: Milliseconds = config.chain.pollMs * POLLS_PER_LOOK;
  const rules = { cost: amountOf(config.provider.pay.redeemCost) };
  return { journal, ledger, provider: provider.account, from: hot.account, rules, lookMs };
}

/** The configuration has been held to be one. */
function amountOf(text: string): bigint {
  return parseAmount(text)!;
}
