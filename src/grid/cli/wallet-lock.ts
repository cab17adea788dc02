/** `conun wallet lock`: the agent forgets every key, and ends. */

import type { Run } from './invocation.ts';
import { openWallet } from './wallet.ts';

export const run: Run = async (call) => {
  const { agent } = await openWallet(call);
  const ended = await agent.lock();
  await call.answer({ ended }, () => (ended ? 'Everything is locked.' : 'Nothing was unlocked.'));
  return undefined;
};
