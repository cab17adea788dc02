/**
 * `conun earnings`: what this machine has computed, and what its account has for it. The daemon knows the
 * work, and the deals that it was done under; without a daemon, or for another account, there is what the
 * chain says.
 */

import { looking } from '../account-ledger.ts';
import { chainPlace } from '../chain.ts';
import type { CreditView } from '../node.ts';
import type { Plain } from '../plain.ts';
import { balancesOf } from '../purse.ts';
import { type DealEarnings, type EarningsView, formatAmount } from '../../resource/index.ts';
import { type BalanceView, balanceText, balanceView } from './amount.ts';
import { duration, many } from './figures.ts';
import type { Invocation, Run } from './invocation.ts';
import { table } from './table.ts';
import { openWallet } from './wallet.ts';

export const run: Run = async (call) => {
  const client = await call.client();
  const credit = await ifThere(client.credit());
  const earned = await ifThere(client.earnings());
  const isOther = earned === null || call.text('account') !== undefined;
  const money = isOther ? await moneyOf(call) : null;
  await call.answer({ credit, earned, money }, () =>
    [
      creditText(credit),
      ...(earned === null ? [] : [earnedText(earned)]),
      ...(isOther ? [moneyText(money)] : []),
    ].join('\n'),
  );
  return undefined;
};

async function ifThere<Value>(asked: Promise<Value>): Promise<Value | null> {
  return asked.catch((fault: { readonly code?: string }) => {
    if (fault.code === 'GRID_DAEMON_UNREACHABLE') return null;
    throw fault;
  });
}

async function moneyOf(call: Invocation): Promise<BalanceView | null> {
  const wallet = await openWallet(call);
  if (wallet.config.chain.rpc.length === 0) return null;
  const account = await wallet.address(call.text('account'));
  const place = await chainPlace(wallet.config);
  return balanceView(account, await looking(place, (ledger) => balancesOf(ledger, account)));
}

function creditText(credit: CreditView | null): string {
  if (credit === null) return 'No daemon answers, or it is no provider: its credit is not known.';
  const { tasks, cpuMs, operations } = credit;
  const work = `${duration(cpuMs)} of processor time, ${operations.toPrecision(3)} operations`;
  return `${many(tasks, 'task')}, ${work}`;
}

function earnedText({ deals, stake, balance }: Plain<EarningsView>): string {
  const inTokens = (amount: string) => formatAmount(BigInt(amount));
  const have = `${inTokens(balance ?? '0')} in the market, ${inTokens(stake?.staked ?? '0')} at stake`;
  if (deals.length === 0) return `No deals. ${have}`;
  const shown = table(deals, [
    { title: 'DEAL', cell: ({ deal }: Plain<DealEarnings>) => deal.slice(0, 18) },
    { title: 'OWED', cell: (it) => inTokens(it.owed), right: true },
    { title: 'PROMISED', cell: (it) => inTokens(it.vouchered), right: true },
    { title: 'PAID', cell: (it) => inTokens(it.redeemed), right: true },
    { title: 'SHARE', cell: (it) => it.share },
  ]);
  return `${shown}\n${have}`;
}

function moneyText(money: BalanceView | null): string {
  return money === null ? 'No chain is configured: nothing is paid.' : balanceText(money);
}
