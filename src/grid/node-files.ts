/** What lies in a node's configuration folder under a fixed name, for the daemon and for commands. */

import { join } from 'node:path';
import { type HotSigner, type Identity, loadHotKey, loadIdentity } from '../connectivity/index.ts';
import type { ConfigPaths } from './config.ts';

type Folder = Pick<ConfigPaths, 'config'>;

/** Who it is to its peers; made where there is none. */
export function nodeIdentity({ config }: Folder): Promise<Identity> {
  return loadIdentity({ path: join(config, 'node.key'), create: true });
}

/** Worker of the account that it works for, agent of the deals that it brokers; made where there is none. */
export function nodeHotKey({ config }: Folder): Promise<HotSigner> {
  return loadHotKey({ path: join(config, 'worker.key'), create: true });
}

/** For whom it may act. */
export function delegationFile({ config }: Folder): string {
  return join(config, 'delegation.json');
}

/** Of encrypted keystores. */
export function accountsFolder({ config }: Folder): string {
  return join(config, 'accounts');
}
