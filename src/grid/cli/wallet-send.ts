/** `conun wallet send`: tokens to another account. */

import { transfer } from '../purse.ts';
import { addressOf, amountOf } from './amount.ts';
import { runErrand } from './errand.ts';
import type { Run } from './invocation.ts';

export const run: Run = async (call) => {
  const [to = '', amount = ''] = call.arguments;
  const [receiver, tokens] = [addressOf('to', to), amountOf(amount)];
  return runErrand(call, (purse) => transfer(purse, receiver, tokens));
};
