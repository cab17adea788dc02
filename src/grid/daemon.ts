/** `conun daemon`: one node in the foreground, with its local API, until it is told to end. */

import type { Fault } from '../actors/index.ts';
import { type ApiServer, startApi } from './api/server.ts';
import type { Config } from './config.ts';
import { type NodeParts, startNode } from './compose.ts';
import { createLog } from './log.ts';

/**
 * Resolves when the node has ended in good order. Rejects with the fault that ended it.
 * `parts` replaces pieces of the composition, for programs other than the daemon.
 */
export async function runDaemon(config: Config, parts: NodeParts = {}): Promise<void> {
  const log = createLog({ ...config.log, name: config.name });
  const ending = Promise.withResolvers<Fault | undefined>();
  const end = (): void => ending.resolve(undefined);
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  const node = await startNode(config, { ...parts, failed: (fault) => ending.resolve(fault) });
  let api: ApiServer | undefined;
  try {
    node.subscribe(log.inspector);
    api = await startApi({ node, ...config.api, shutdown: end, defect: log.fault });
    const { peer, addresses } = node.identity();
    log.inspector({
      topic: 'node.ready',
      level: 'info',
      details: { peer, addresses: addresses.join(' '), socket: config.api.socket },
    });
    const fault = await ending.promise;
    if (fault !== undefined) throw fault;
  } finally {
    process.off('SIGTERM', end);
    process.off('SIGINT', end);
    await api?.close();
    await node.stop();
  }
}
