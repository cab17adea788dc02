/** Which parts a node has follows from its roles; whole grids of nodes are in `test/e2e/`. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { BatchId } from '../../src/collective/index.ts';
import { startNode } from '../../src/grid/compose.ts';
import { loadConfig } from '../../src/grid/config.ts';
import type { GridNode } from '../../src/grid/node.ts';

async function node(t: Test, roles: string): Promise<GridNode> {
  const home = await mkdtemp(join(tmpdir(), 'conun-node-'));
  const flags = {
    roles,
    'network.listen': '/ip4/127.0.0.1/tcp/0',
    'network.mdns': 'false',
    'network.dht': 'false',
    'provider.slots': '1',
  };
  const { config } = await loadConfig({ home, flags });
  const node = await startNode(config);
  t.teardown(async () => {
    await node.stop();
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  });
  return node;
}

t.test('a node that brokers nothing refuses what only a broker can do', async (t) => {
  const { api } = await node(t, 'provider');
  t.same(await api.list(), []);
  await t.rejects(api.submit({ file: '', inputs: {} }), { code: 'GRID_ROLE_MISSING', message: /broker/ });
  await t.rejects(api.show('b000000000000000' as BatchId), { code: 'GRID_ROLE_MISSING' });
});

t.test('a node that lends nothing has no credit, and is stopped as often as one likes', async (t) => {
  const broker = await node(t, 'broker');
  t.equal(await broker.credit(), null);
  t.equal(await broker.earnings(), null);
  t.equal(await broker.deal('b000000000000000' as BatchId), null);
  t.same(await broker.api.list(), []);
  await Promise.all([broker.stop(), broker.stop()]);
});
