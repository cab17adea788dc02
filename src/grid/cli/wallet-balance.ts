/** `conun wallet balance`: what an account has, and where. */

import { looking } from '../account-ledger.ts';
import { chainPlace } from '../chain.ts';
import { balancesOf } from '../purse.ts';
import { balanceText, balanceView } from './amount.ts';
import type { Run } from './invocation.ts';
import { openWallet } from './wallet.ts';

export const run: Run = async (call) => {
  const wallet = await openWallet(call);
  const account = await wallet.address(call.arguments[0]);
  const place = await chainPlace(wallet.config);
  const view = balanceView(account, await looking(place, (ledger) => balancesOf(ledger, account)));
  await call.answer(view, () => `${account}\n${balanceText(view)}`);
  return undefined;
};
