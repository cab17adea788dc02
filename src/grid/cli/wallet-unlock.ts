/**
 * `conun wallet unlock`: gives an account's key to the agent, which keeps it in memory for a while. No other
 * command asks for its passphrase until then.
 */

import { MINUTE_MS } from '../../actors/index.ts';
import { UNLOCKED_MS_MAX } from '../../connectivity/index.ts';
import { unlockAccount } from '../accounts.ts';
import { gridErrors } from '../errors.ts';
import type { Invocation, Run } from './invocation.ts';
import { passphraseFor } from './passphrase.ts';
import { openWallet } from './wallet.ts';

export const run: Run = async (call) => {
  const forMs = minutesOf(call) * MINUTE_MS;
  const wallet = await openWallet(call);
  const stored = await wallet.find(call.arguments[0]);
  const key = await unlockAccount(stored, await passphraseFor(call, stored.name));
  await wallet.agent.unlock(key, forMs);
  const { name, account } = stored;
  await call.answer({ name, account, forMs }, () => `${name} is unlocked for ${forMs / MINUTE_MS} minutes.`);
  return undefined;
};

function minutesOf(call: Invocation): number {
  const text = call.text('minutes') ?? '';
  const minutes = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  const most = UNLOCKED_MS_MAX / MINUTE_MS;
  if (minutes > 0 && minutes <= most) return minutes;
  throw gridErrors.GRID_ARGUMENT_INVALID({ argument: '--minutes', reason: `a number from 1 to ${most}` });
}
