/** Amounts on the command line, and confirmed calls as people read them. */

import { type Account, parseAccount } from '../../connectivity/index.ts';
import { formatAmount, parseAmount } from '../../resource/index.ts';
import { gridErrors } from '../errors.ts';
import type { Balances, Receipt } from '../purse.ts';
import { moment } from './figures.ts';
import { table } from './table.ts';

/** Throws `GRID_ARGUMENT_INVALID` for anything but a positive amount. */
export function amountOf(text: string): bigint {
  const amount = parseAmount(text);
  if (amount !== undefined && amount > 0n) return amount;
  const reason = `"${text}" is no positive number with at most 18 digits after the point`;
  throw gridErrors.GRID_ARGUMENT_INVALID({ argument: 'amount', reason });
}

/** Throws `GRID_ARGUMENT_INVALID`; also for a wrong checksum, which is how a mistyped address shows. */
export function addressOf(argument: string, text: string): Account {
  const account = parseAccount(text);
  if (account !== undefined) return account;
  throw gridErrors.GRID_ARGUMENT_INVALID({ argument, reason: `"${text}" is no address` });
}

/** As JSON has it: amounts are texts. */
export interface BalanceView {
  readonly account: Account;
  /** What pays for gas. */
  readonly ether: string;
  readonly tokens: string;
  readonly market: string;
  readonly staked: string;
  readonly locked: string;
  readonly unbonding: string;
  /** When what is unbonding can be taken; `null` when nothing is. */
  readonly readyAt: string | null;
}

export function balanceView(account: Account, { ether, tokens, market, stake }: Balances): BalanceView {
  const { staked, locked, unbonding, readyAt } = stake;
  return {
    account,
    ether: formatAmount(ether),
    tokens: formatAmount(tokens),
    market: formatAmount(market),
    staked: formatAmount(staked),
    locked: formatAmount(locked),
    unbonding: formatAmount(unbonding),
    readyAt: unbonding === 0n ? null : moment(readyAt * 1_000),
  };
}

export function balanceText(view: BalanceView): string {
  const { locked, unbonding, readyAt } = view;
  const left = readyAt === null ? '' : `, ${unbonding} free from ${readyAt}`;
  const rows = [
    { where: 'in hand', amount: view.tokens, more: '' },
    { where: 'in the market', amount: view.market, more: '' },
    { where: 'staked', amount: view.staked, more: `${locked} locked${left}` },
    { where: 'for gas', amount: view.ether, more: 'ether' },
  ];
  return table(rows, [
    { title: '', cell: (it) => it.where },
    { title: 'AMOUNT', cell: (it) => it.amount, right: true },
    { title: '', cell: (it) => it.more },
  ]);
}

export interface ReceiptView {
  readonly call: string;
  readonly transaction: string;
  readonly block: number;
  readonly gasUsed: string;
}

export function receiptViews(receipts: readonly Receipt[]): readonly ReceiptView[] {
  return receipts.map((receipt) => ({ ...receipt, gasUsed: String(receipt.gasUsed) }));
}

export function receiptText(receipts: readonly ReceiptView[]): string {
  return receipts.map((it) => `${it.call.padEnd(14)} ${it.transaction}  block ${it.block}`).join('\n');
}
