/**
 * `conun resume`: takes back `conun pause`. Whether work runs is then up to the owner's preferences again.
 */

import type { Run } from './invocation.ts';

export const run: Run = async (call) => {
  const client = await call.client();
  const governor = await client.resume();
  await call.answer(governor, () => `${governor.state}: ${governor.reason}`);
  return undefined;
};
