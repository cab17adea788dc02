import t, { type Test } from 'tap';
import { systemClock, systemRandom } from '../../src/actors/index.ts';
import {
  type Address,
  createHost,
  createLibp2pNetwork,
  type Host,
  type Network,
  newIdentity,
} from '../../src/connectivity/index.ts';
import { type NetworkFixture, networkConformance } from '../conformance/network.ts';

const clock = systemClock();
const random = systemRandom();

/** Nodes on loopback; all but the first have the first as their bootstrap node. */
async function nodes(count: number, test: Test): Promise<{ hosts: Host[]; networks: Network[] }> {
  const hosts: Host[] = [];
  const networks: Network[] = [];
  for (let index = 0; index < count; index += 1) {
    const host = await createHost({
      identity: newIdentity(),
      listen: ['/ip4/127.0.0.1/tcp/0' as Address],
      bootstrap: networks[0]?.addresses() ?? [],
      mdns: false,
      dht: false,
      clock,
      random,
    });
    hosts.push(host);
    networks.push(createLibp2pNetwork({ host, clock }));
  }
  test.teardown(() => Promise.all(networks.map((network) => network.close())));
  return { hosts, networks };
}

async function fixture(count: number, test: Test): Promise<NetworkFixture> {
  const { hosts, networks } = await nodes(count, test);
  return {
    networks,
    addressesOf: (network) => network.addresses(),
    subscribed: (topic) => Promise.all(hosts.map((host) => heardBy(host, topic))).then(() => undefined),
  };
}

/** Resolves when the host knows that somebody listens to the topic. */
function heardBy(host: Host, topic: string): Promise<void> {
  const { pubsub } = host.services;
  return new Promise((resolve) => {
    const look = () => {
      if (pubsub.getSubscribers(topic).length === 0) return;
      pubsub.removeEventListener('subscription-change', look);
      resolve();
    };
    pubsub.addEventListener('subscription-change', look);
    look();
  });
}

await networkConformance(t, 'libp2p', fixture);
