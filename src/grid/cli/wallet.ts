/** What the commands about accounts share: which account is meant, and how to have it sign. */

import {
  type Account,
  type AccountSigner,
  type KeyAgent,
  keyAgent,
  parseAccount,
} from '../../connectivity/index.ts';
import { agentSocket, findAccount, type StoredAccount, unlockAccount } from '../accounts.ts';
import type { Config } from '../config.ts';
import { accountsFolder } from '../node-files.ts';
import type { Invocation } from './invocation.ts';
import { passphraseFor } from './passphrase.ts';

export interface Wallet {
  readonly config: Config;
  /** Of keystores. */
  readonly folder: string;
  readonly agent: KeyAgent;
  /** `undefined`: `chain.account`, or the only one. */
  find(wanted: string | undefined): Promise<StoredAccount>;
  /** Of one that is here, or of anybody: what is public needs no key. */
  address(wanted: string | undefined): Promise<Account>;
  /** The agent's, when it is unlocked there; else by its passphrase. */
  signer(stored: StoredAccount): Promise<AccountSigner>;
}

export async function openWallet(call: Invocation): Promise<Wallet> {
  const { config } = await call.config();
  const folder = accountsFolder(config.paths);
  const agent = keyAgent(agentSocket(config.paths, call.io.env));
  const find = (wanted: string | undefined) => findAccount(folder, wanted ?? config.chain.account);
  return {
    config,
    folder,
    agent,
    find,
    async address(wanted) {
      return parseAccount(wanted ?? config.chain.account ?? '') ?? (await find(wanted)).account;
    },
    async signer(stored) {
      const { account, name } = stored;
      if ((await agent.accounts()).includes(account)) return agent.signer(account);
      return unlockAccount(stored, await passphraseFor(call, name));
    },
  };
}
