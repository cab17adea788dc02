/**
 * `conun earnings`: what this machine has computed, and what its account has for it. Each half is there
 * without the other: credit from the daemon, money from the chain.
 */

import { looking } from '../account-ledger.ts';
import { chainPlace } from '../chain.ts';
import type { CreditView } from '../node.ts';
import { balancesOf } from '../purse.ts';
import { type BalanceView, balanceText, balanceView } from './amount.ts';
import { duration, many } from './figures.ts';
import type { Invocation, Run } from './invocation.ts';
import { openWallet } from './wallet.ts';

export const run: Run = async (call) => {
  const [credit, money] = await Promise.all([creditOf(call), moneyOf(call)]);
  await call.answer({ credit, money }, () => `${creditText(credit)}\n${moneyText(money)}`);
  return undefined;
};

async function creditOf(call: Invocation): Promise<CreditView | null> {
  const client = await call.client();
  return client.credit().catch((fault: { readonly code?: string }) => {
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

function moneyText(money: BalanceView | null): string {
  return money === null ? 'No chain is configured: nothing is paid.' : balanceText(money);
}
