/** `conun unstake`: with an amount, begins its cool-down; without one, takes what has cooled down. */

import { requestUnstake, takeUnstaked } from '../purse.ts';
import { amountOf } from './amount.ts';
import { runErrand } from './errand.ts';
import type { Run } from './invocation.ts';

export const run: Run = async (call) => {
  const [text] = call.arguments;
  const amount = text === undefined ? undefined : amountOf(text);
  return runErrand(call, (purse) =>
    amount === undefined ? takeUnstaked(purse) : requestUnstake(purse, amount),
  );
};
