/**
 * A network on which a node reaches itself, too: a machine that brokers batches can also lend itself to them.
 *
 * Others are reached as before. A dial to the node's own peer id stays in the process, on the network in
 * memory, with the same schemas, limits and bounded channels as on the wire; both sides see the node's own
 * peer id.
 */

import type { Clock, Random } from '../actors/index.ts';
import type { Channel, ChannelListener, Network, PeerId, Protocol } from './channel.ts';
import { createMemoryNetworks } from './memory-network.ts';

export interface LoopbackOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
}

/** The dialing end needs a name of its own in memory; nobody but this file sees it. */
const DIALLER = 'loopback' as PeerId;

export function withLoopback({ network, clock, random }: LoopbackOptions): Network {
  const { self } = network;
  const hub = createMemoryNetworks({ clock, random, latency: () => 0 });
  const listening = hub.join(self);
  const dialling = hub.join(DIALLER);
  return {
    self,
    addresses: () => network.addresses(),
    peers: () => network.peers(),
    dial: (peer, protocol, listener, options) =>
      (peer === self ? dialling : network).dial(peer, protocol, listener, options),
    serve<Dialer, Listener>(
      protocol: Protocol<Dialer, Listener>,
      accept: (channel: Channel<Listener>) => ChannelListener<Dialer>,
    ) {
      const ends = [
        network.serve(protocol, accept),
        listening.serve(protocol, (channel) => accept(seenFrom(self, channel))),
      ];
      return () => {
        for (const end of ends) end();
      };
    },
    publish: (topic, bytes) => network.publish(topic, bytes),
    subscribe: (topic, validate, deliver) => network.subscribe(topic, validate, deliver),
    block: (peer) => network.block(peer),
    async close() {
      await Promise.all([dialling.close(), listening.close(), network.close()]);
    },
  };
}

function seenFrom<Out>(remote: PeerId, channel: Channel<Out>): Channel<Out> {
  return { remote, send: (message) => channel.send(message), close: (reason) => channel.close(reason) };
}
