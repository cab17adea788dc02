/** `conun deposit`: tokens into the market, where deals are paid from. */

import { deposit } from '../purse.ts';
import { amountOf } from './amount.ts';
import { runErrand } from './errand.ts';
import type { Run } from './invocation.ts';

export const run: Run = async (call) => {
  const amount = amountOf(call.arguments[0]!);
  return runErrand(call, (purse) => deposit(purse, amount));
};
