/**
 * A node's part in money, where its configuration names a chain: the ledger, the key it signs with by itself,
 * for whom it works, and who pays for the batches that it brokers. Without a chain there is none of it, and
 * the grid is one of volunteers.
 *
 * The keys are where `conun wallet` keeps them. The account's own never comes here: what a node does as a
 * provider its worker's key signs, and a deal's terms are signed where the account is unlocked.
 */

import { readFile } from 'node:fs/promises';
import type { Clock, Inspector, Journal } from '../actors/index.ts';
import {
  type Account,
  type AccountSigner,
  type Delegation,
  delegationFlaw,
  delegationSchema,
  type HotSigner,
  keyAgent,
  parseAccount,
  type PeerId,
  type TypedDomain,
} from '../connectivity/index.ts';
import { type Ledger, marketDomain, type Seconds } from '../resource/index.ts';
import { agentSocket, findAccount, listAccounts } from './accounts.ts';
import { type ChainPlace, chainPlace } from './chain.ts';
import type { Config } from './config.ts';
import { gridErrors } from './errors.ts';
import { accountsFolder, delegationFile, nodeHotKey } from './node-files.ts';

export interface Money {
  readonly ledger: Ledger;
  readonly domain: TypedDomain;
  /** Worker of the account that this node works for, agent of the deals that it brokers. */
  readonly hot: HotSigner;
  /** For whom this node works, and until when; without one it works for credit alone. */
  readonly provider: { readonly account: Account; readonly until: Seconds } | undefined;
  /** Whose deposit pays for batches; without one none is paid for. */
  readonly requester: AccountSigner | undefined;
}

/** What a node has when its money is opened. */
export interface MoneyBase {
  readonly config: Config;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly peer: PeerId;
  readonly inspect: Inspector;
}

/** The one place where a ledger is opened; whoever opened it closes it. */
export type OpenLedger = (
  base: MoneyBase,
  chain: { readonly place: ChainPlace; readonly signers: readonly HotSigner[] },
) => Promise<Ledger>;

/**
 * Undefined where no chain is configured. Rejects with a fault when something is there and not in order: a
 * node that works for nothing because of a mistake would be found out late.
 */
export async function openMoney(base: MoneyBase, openLedger: OpenLedger): Promise<Money | undefined> {
  const { config } = base;
  if (config.chain.rpc.length === 0) return undefined;
  const place = await chainPlace(config);
  const hot = await nodeHotKey(config.paths);
  const provider = await providerOf(base, hot);
  const requester = await requesterOf(base);
  const ledger = await openLedger(base, { place, signers: [hot] });
  const domain = marketDomain(place.chainId, place.contracts.JobMarket);
  return { ledger, domain, hot, provider, requester };
}

async function providerOf(base: MoneyBase, hot: HotSigner): Promise<Money['provider']> {
  const { config, clock, peer, inspect } = base;
  if (!config.roles.includes('provider')) return undefined;
  const delegation = await readDelegation(delegationFile(config.paths));
  if (delegation === undefined || !delegation.roles.includes('provider')) {
    inspect({ topic: 'money.for-credit-alone', level: 'warn', details: { worker: hot.account } });
    return undefined;
  }
  const { account, validUntil, worker } = delegation;
  const flaw = delegationFlaw(delegation, peer, clock.now());
  if (flaw !== undefined) throw gridErrors.GRID_DELEGATION_REFUSED({ flaw });
  if (worker !== hot.account) {
    throw gridErrors.GRID_DELEGATION_REFUSED({ flaw: 'it names another key than the one of this node' });
  }
  return { account, until: validUntil as Seconds };
}

async function readDelegation(file: string): Promise<Delegation | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw gridErrors.GRID_FILE_UNREADABLE({ file, reason: error.message }, error);
  });
  if (text === undefined) return undefined;
  try {
    return delegationSchema.parse(JSON.parse(text)) as Delegation;
  } catch (thrown) {
    throw gridErrors.GRID_DELEGATION_REFUSED({ flaw: 'its file is not as it was written' }, thrown);
  }
}

/** The account's key may be locked now: it signs once somebody has unlocked it. */
async function requesterOf({ config }: MoneyBase): Promise<AccountSigner | undefined> {
  const { roles, paths, chain } = config;
  if (!roles.includes('broker')) return undefined;
  const folder = accountsFolder(paths);
  if (chain.account === null && (await listAccounts(folder)).length === 0) return undefined;
  const address = parseAccount(chain.account ?? '');
  const account = address ?? (await findAccount(folder, chain.account)).account;
  return keyAgent(agentSocket(paths)).signer(account);
}
