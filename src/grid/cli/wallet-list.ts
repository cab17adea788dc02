/** `conun wallet list`: the accounts of this node, and which of them are unlocked. */

import { listAccounts } from '../accounts.ts';
import type { Run } from './invocation.ts';
import { table } from './table.ts';
import { openWallet } from './wallet.ts';

export const run: Run = async (call) => {
  const { folder, agent } = await openWallet(call);
  const [accounts, unlocked] = await Promise.all([listAccounts(folder), agent.accounts()]);
  const rows = accounts.map((it) => ({ ...it, unlocked: unlocked.includes(it.account) }));
  await call.answer(rows, () =>
    rows.length === 0
      ? 'No accounts. → conun wallet create'
      : table(rows, [
          { title: 'NAME', cell: (it) => it.name },
          { title: 'ADDRESS', cell: (it) => it.account },
          { title: '', cell: (it) => (it.unlocked ? 'unlocked' : '') },
        ]),
  );
  return undefined;
};
