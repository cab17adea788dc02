/**
 * `conun stake`: tokens as a pledge that this provider's results are right. The first time it registers the
 * account as a provider, with the worker key of this machine.
 */

import { nodeHotKey } from '../node-files.ts';
import { addStake } from '../purse.ts';
import { addressOf, amountOf } from './amount.ts';
import { runErrand } from './errand.ts';
import type { Run } from './invocation.ts';

export const run: Run = async (call) => {
  const amount = amountOf(call.arguments[0]!);
  const given = call.text('payout');
  const payout = given === undefined ? undefined : addressOf('--payout', given);
  return runErrand(call, async (purse, { config }) => {
    const worker = await nodeHotKey(config.paths);
    return addStake(purse, amount, { worker: worker.account, payout: payout ?? purse.account });
  });
};
