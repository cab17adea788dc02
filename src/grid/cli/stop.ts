/** `conun stop`: ends the daemon in order. Its batches and leases go on when it starts again. */

import type { Run } from './invocation.ts';

export const run: Run = async (call) => {
  const client = await call.client();
  const { name } = await client.node();
  await client.shutdown();
  await call.answer({ ending: true, name }, () => `${name} is ending.`);
  return undefined;
};
