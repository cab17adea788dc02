/**
 * `conun watch`: progress of one batch or of all, until they have ended. Ctrl-C leaves; the batches go on.
 */

import { followToEnd } from './follow.ts';
import type { Run } from './invocation.ts';

export const run: Run = async (call) => {
  const client = await call.client();
  const [batch] = call.arguments;
  // So that a wrong id is told at once.
  if (batch !== undefined) await client.batch(batch);
  return followToEnd(call, client, batch);
};
