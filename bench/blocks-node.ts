/** A node with blocks and little else, for both ends of `blocks.throughput`. */

import { type Bytes, systemClock, systemRandom } from '../src/actors/index.ts';
import { type Address, joinLibp2p, newIdentity, openBlocks } from '../src/connectivity/index.ts';

/** Listens on a free port of the loopback address, and dials those it is told of. */
export async function blocksNode(path: string, quotaBytes: Bytes, bootstrap: readonly Address[] = []) {
  const [clock, random] = [systemClock(), systemRandom()];
  const listen = ['/ip4/127.0.0.1/tcp/0' as Address];
  const identity = newIdentity();
  const { host, network } = await joinLibp2p({
    identity,
    listen,
    bootstrap,
    mdns: false,
    dht: false,
    clock,
    random,
  });
  const blocks = await openBlocks({ libp2p: host, network, path, quotaBytes, clock });
  return {
    network,
    blocks,
    close: async () => {
      await blocks.close();
      await network.close();
    },
  };
}
