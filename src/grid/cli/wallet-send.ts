/** `conun wallet send`: tokens to another account, or ether to a key that pays for gas. */

import { sendEther, transfer } from '../purse.ts';
import { addressOf, amountOf } from './amount.ts';
import { runErrand } from './errand.ts';
import type { Run } from './invocation.ts';

export const run: Run = async (call) => {
  const [to = '', amount = ''] = call.arguments;
  const [receiver, much] = [addressOf('to', to), amountOf(amount)];
  const send = call.options['ether'] === true ? sendEther : transfer;
  return runErrand(call, (purse) => send(purse, receiver, much));
};
