/** A node's home as `conun wallet delegate` leaves it: with keys, and with an account's word for them. */

import { writeFile } from 'node:fs/promises';
import { SECOND_MS, systemClock } from '../../actors/index.ts';
import { type Account, type AccountKey, delegate } from '../../connectivity/index.ts';
import type { ConfigPaths } from '../config.ts';
import { delegationFile, nodeHotKey, nodeIdentity } from '../node-files.ts';

const DELEGATED_S = 86_400;

/** For a day of work as a provider. Resolves with the account of the node's own key. */
export async function delegateHome(paths: ConfigPaths, key: AccountKey): Promise<Account> {
  const { peer } = await nodeIdentity(paths);
  const { account: worker } = await nodeHotKey(paths);
  const validUntil = Math.floor(systemClock().now() / SECOND_MS) + DELEGATED_S;
  const terms = { account: key.account, peer, roles: ['provider'] as const, validUntil, worker };
  await writeFile(delegationFile(paths), JSON.stringify(await delegate(terms, key)));
  return worker;
}
