/** `conun withdraw`: what is in the market, deposits and pay alike, becomes tokens in hand. */

import { withdraw } from '../purse.ts';
import { addressOf, amountOf } from './amount.ts';
import { runErrand } from './errand.ts';
import type { Run } from './invocation.ts';

export const run: Run = async (call) => {
  const amount = amountOf(call.arguments[0]!);
  const to = call.text('to');
  const receiver = to === undefined ? undefined : addressOf('--to', to);
  return runErrand(call, (purse) => withdraw(purse, receiver ?? purse.account, amount));
};
