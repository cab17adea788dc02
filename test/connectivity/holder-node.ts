/**
 * A node in a process of its own, for `blocks-processes.test.ts`: it makes contents when its parent says so,
 * and holds them.
 */

import { MIB, systemClock, systemRandom } from '../../src/actors/index.ts';
import { type Address, joinLibp2p, newIdentity, openBlocks } from '../../src/connectivity/index.ts';
import { content } from '../conformance/content-store.ts';

const path = process.argv[2]!;
const clock = systemClock();
const { host, network } = await joinLibp2p({
  identity: newIdentity(),
  listen: ['/ip4/127.0.0.1/tcp/0' as Address],
  bootstrap: [],
  mdns: false,
  dht: false,
  clock,
  random: systemRandom(),
});
const blocks = await openBlocks({ libp2p: host, network, path, quotaBytes: 64 * MIB, clock });

process.on('message', async ({ name, bytes }: { name: string; bytes: number }) => {
  process.send!(await blocks.put(content(name, bytes)));
});
process.on('disconnect', () => process.exit());
process.send!({ peer: network.self, addresses: network.addresses() });
