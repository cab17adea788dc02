/** `conun wallet history`: what an account's tokens did, newest first. */

import { systemClock } from '../../actors/index.ts';
import type { Account } from '../../connectivity/index.ts';
import { formatAmount, tokenTransfers } from '../../resource/index.ts';
import { type ChainPlace, chainPlace } from '../chain.ts';
import { gridErrors } from '../errors.ts';
import { moment } from './figures.ts';
import type { Invocation, Run } from './invocation.ts';
import { table } from './table.ts';
import { openWallet } from './wallet.ts';

/** More than a person reads. */
const LIMIT_MAX = 1_000;

export const run: Run = async (call) => {
  const limit = limitOf(call);
  const wallet = await openWallet(call);
  const account = await wallet.address(call.arguments[0]);
  const place = await chainPlace(wallet.config);
  const { rpc, chainId, contracts } = place;
  const [clock, { signal }] = [systemClock(), call.io];
  const asked = { rpc, chainId, token: contracts.GridToken, account, limit, clock, signal };
  const transfers = await tokenTransfers(asked);
  const rows = transfers.map(({ time, block, transaction, from, to, amount }) => {
    const incoming = to === account;
    const other = partner(place, incoming ? from : to);
    return { time, block, transaction, amount: `${incoming ? '+' : '-'}${formatAmount(amount)}`, other };
  });
  await call.answer({ account, transfers: rows }, () =>
    rows.length === 0
      ? 'Nothing has come or gone.'
      : table(rows, [
          { title: 'WHEN', cell: (it) => moment(it.time * 1_000) },
          { title: 'AMOUNT', cell: (it) => it.amount, right: true },
          { title: 'FROM OR TO', cell: (it) => it.other },
          { title: 'TRANSACTION', cell: (it) => it.transaction },
        ]),
  );
  return undefined;
};

/** The contracts have names; everybody else has an address. */
function partner({ contracts }: ChainPlace, account: Account): string {
  const [name] = Object.entries(contracts).find(([, address]) => address === account) ?? [];
  return name ?? account;
}

function limitOf(call: Invocation): number {
  const text = call.text('limit') ?? '';
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit > 0 && limit <= LIMIT_MAX) return limit;
  throw gridErrors.GRID_ARGUMENT_INVALID({ argument: '--limit', reason: `a number from 1 to ${LIMIT_MAX}` });
}
