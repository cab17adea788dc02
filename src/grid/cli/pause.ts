/** `conun pause`: all work on this machine stops within a second, until `conun resume`. */

import type { Run } from './invocation.ts';

export const run: Run = async (call) => {
  const client = await call.client();
  const governor = await client.pause(call.arguments[0] ?? 'paused by the owner');
  await call.answer(governor, () => `${governor.state}: ${governor.reason}`);
  return undefined;
};
