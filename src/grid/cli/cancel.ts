/** `conun cancel`: ends a batch; its providers are told to stop. */

import type { Run } from './invocation.ts';

export const run: Run = async (call) => {
  const client = await call.client();
  const view = await client.cancel(call.arguments[0]!, call.text('reason')!);
  await call.answer(view, () => `${view.batch} is ${view.phase}.`);
  return undefined;
};
