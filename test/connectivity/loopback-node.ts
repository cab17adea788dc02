/** Real nodes on loopback for tests, and waiting for what libp2p reports by events. */

import type { Test } from 'tap';
import { type Inspection, systemClock, systemRandom } from '../../src/actors/index.ts';
import {
  type Address,
  joinLibp2p,
  type Host,
  type Identity,
  type Network,
  newIdentity,
} from '../../src/connectivity/index.ts';

export interface LoopbackNode {
  readonly host: Host;
  readonly network: Network;
  readonly inspected: Inspection[];
}

export interface LoopbackOptions {
  readonly identity?: Identity;
  readonly listen?: string;
  readonly bootstrap?: readonly Address[];
  readonly mdns?: boolean;
  readonly dht?: boolean;
}

const clock = systemClock();
const random = systemRandom();

/** A node that ends with the test. */
export async function loopbackNode(test: Test, options: LoopbackOptions = {}): Promise<LoopbackNode> {
  const node = await startNode(options);
  test.teardown(() => node.network.close());
  return node;
}

export async function startNode(options: LoopbackOptions = {}): Promise<LoopbackNode> {
  const inspected: Inspection[] = [];
  const inspect = (event: Inspection) => void inspected.push(event);
  const { host, network } = await joinLibp2p({
    identity: options.identity ?? newIdentity(),
    listen: [(options.listen ?? '/ip4/127.0.0.1/tcp/0') as Address],
    bootstrap: options.bootstrap ?? [],
    mdns: options.mdns ?? false,
    dht: options.dht ?? false,
    clock,
    random,
    inspect,
  });
  return { host, network, inspected };
}

/** Resolves when `holds` does; looked at after each event of that name. */
export function untilEvent<Name extends string>(
  target: {
    addEventListener(name: Name, look: () => void): void;
    removeEventListener(name: Name, look: () => void): void;
  },
  name: Name,
  holds: () => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!holds()) return;
      target.removeEventListener(name, look);
      resolve();
    };
    target.addEventListener(name, look);
    look();
  });
}

/** Resolves when the node knows that somebody, or so many, listen to the topic. */
export function untilSubscribers(host: Host, topic: string, count = 1): Promise<void> {
  const { pubsub } = host.services;
  return untilEvent(pubsub, 'subscription-change', () => pubsub.getSubscribers(topic).length >= count);
}

export function untilConnected(host: Host, peer: string): Promise<void> {
  return untilEvent(host, 'peer:connect', () => host.getPeers().some((one) => one.toString() === peer));
}
