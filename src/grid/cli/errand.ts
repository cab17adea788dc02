/** A command that moves an account's money: opens what it needs, and tells what was confirmed. */

import { systemRandom } from '../../actors/index.ts';
import { sending } from '../account-ledger.ts';
import { chainPlace } from '../chain.ts';
import { gridErrors } from '../errors.ts';
import type { Purse, Receipt } from '../purse.ts';
import { receiptText, receiptViews } from './amount.ts';
import type { Invocation } from './invocation.ts';
import { openWallet, type Wallet } from './wallet.ts';

/** `--account`, else the configured one, else the only one. */
export async function runErrand(
  call: Invocation,
  errand: (purse: Purse, wallet: Wallet) => Promise<readonly Receipt[]>,
): Promise<undefined> {
  const wallet = await openWallet(call);
  const place = await chainPlace(wallet.config);
  const stored = await wallet.find(call.text('account'));
  const signer = await wallet.signer(stored);
  const { account } = stored;
  const receipts = await sending(place, wallet.folder, signer, async (ledger) => {
    // Nodes take it for a fault of theirs, and it would be tried again for ever.
    const isWell = (await ledger.health()).healthy;
    if (isWell && (await ledger.ether(account)) === 0n) throw gridErrors.GRID_GAS_MISSING({ account });
    return errand({ ledger, account, random: systemRandom(), signal: call.io.signal }, wallet);
  });
  const views = receiptViews(receipts);
  await call.answer({ account, calls: views }, () => receiptText(views));
  return undefined;
}
