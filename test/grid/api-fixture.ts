/**
 * A fake node behind the real API server on a Unix socket in a folder of its own, cleared away by
 * `teardown`.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fault } from '../../src/actors/index.ts';
import { type ApiClient, apiClient } from '../../src/grid/api/client.ts';
import { type ApiOptions, type ApiServer, startApi } from '../../src/grid/api/server.ts';
import { FakeNode } from './fake-node.ts';

export interface Served {
  readonly node: FakeNode;
  readonly server: ApiServer;
  readonly client: ApiClient;
  /** The home folder whose runtime folder holds the socket. */
  readonly home: string;
  readonly defects: readonly Fault[];
  readonly options: ApiOptions;
}

/** A folder with a short name, since a socket's path has a limit. */
export async function temporaryFolder(teardown: (end: () => unknown) => void): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'conun-'));
  teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function serveFake(
  teardown: (end: () => unknown) => void,
  changes: (home: string) => Partial<ApiOptions> | Promise<Partial<ApiOptions>> = () => ({}),
): Promise<Served> {
  const home = await temporaryFolder(teardown);
  const node = new FakeNode();
  const defects: Fault[] = [];
  const options: ApiOptions = {
    node,
    socket: join(home, 'run', 'api.sock'),
    tcpPort: null,
    tokenFile: join(home, 'api-token'),
    shutdown: () => undefined,
    defect: (fault) => void defects.push(fault),
    ...(await changes(home)),
  };
  const server = await startApi(options);
  teardown(() => server.close());
  return { node, server, client: apiClient(options.socket), home, defects, options };
}
