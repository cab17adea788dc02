/**
 * Networks of many nodes in one process, in the time of one clock and with the chances of one random: the
 * same port as the network over libp2p, held to the same conformance suite, and exact to repeat. Simulations
 * crash nodes, split the network and heal it here.
 *
 * Latency, broken connections and partitions happen to connections as they do to TCP: what arrives is whole
 * and in order, until the connection breaks. A partition shorter than the notice time is a delay and nothing
 * else.
 */

import type {
  Address,
  Channel,
  ChannelListener,
  GossipMessage,
  Network,
  PeerId,
  PeerView,
  Protocol,
  Validity,
} from './channel.ts';
import { connectivityErrors } from './errors.ts';
import type { MemoryEnd } from './memory-channel.ts';
import { MemoryHub, type MemoryNetworksOptions, type Node, type Service } from './memory-hub.ts';

export interface MemoryNetworks {
  /** A node comes up. After a crash or a close the same peer may come up again, with nothing remembered. */
  join(peer: PeerId): Network;
  /**
   * The process of a peer dies: nobody there is told anything. Others see its connections break at once (the
   * operating system closes the sockets), or with `powerCut` only after the notice time.
   */
  crash(peer: PeerId, options?: { readonly powerCut?: boolean }): void;
  /** Breaks the connections between two peers once; both can dial again. */
  sever(a: PeerId, b: PeerId): void;
  /** From now on nothing passes between the two groups. Adds to earlier partitions. */
  partition(groupA: readonly PeerId[], groupB: readonly PeerId[]): void;
  /** Ends all partitions. Connections that nobody has noticed to be broken go on. */
  heal(): void;
}

/** Connects the nodes that join it; `clock` and `random` drive everything. */
export function createMemoryNetworks(options: MemoryNetworksOptions): MemoryNetworks {
  const hub = new MemoryHub(options);
  return {
    join: (peer) => new MemoryNetwork(hub, hub.join(peer)),
    crash: (peer, { powerCut = false } = {}) => hub.crash(peer, powerCut),
    sever: (a, b) => hub.sever(a, b),
    partition: (groupA, groupB) => hub.partition(groupA, groupB),
    heal: () => hub.heal(),
  };
}

class MemoryNetwork implements Network {
  readonly self: PeerId;
  readonly #hub: MemoryHub;
  readonly #node: Node;

  constructor(hub: MemoryHub, node: Node) {
    this.self = node.peer;
    this.#hub = hub;
    this.#node = node;
  }

  addresses(): readonly Address[] {
    return [`/memory/${this.self}/p2p/${this.self}` as Address];
  }

  peers(): readonly PeerView[] {
    const others = [...this.#hub.nodes.keys()].filter((peer) => peer !== this.self);
    return others.map((peer) => ({
      peer,
      addresses: [`/memory/${peer}/p2p/${peer}` as Address],
      connected: this.#meets(peer),
      roundTripMs: this.#hub.latency(this.self, peer) + this.#hub.latency(peer, this.self),
    }));
  }

  dial<Dialer, Listener>(
    peer: PeerId,
    protocol: Protocol<Dialer, Listener>,
    listener: ChannelListener<Listener>,
    options: { readonly signal: AbortSignal },
  ): Promise<Channel<Dialer>> {
    return new Promise((resolve, reject) => {
      if (peer === this.self) return reject(connectivityErrors.CONNECTIVITY_SELF_DIAL());
      if (!this.#node.up) return reject(connectivityErrors.CONNECTIVITY_NETWORK_CLOSED());
      const refuse = (reason: string) =>
        reject(connectivityErrors.CONNECTIVITY_UNREACHABLE({ peer, reason }));
      if (options.signal.aborted) return refuse('the dial was given up');
      options.signal.addEventListener('abort', () => refuse('the dial was given up'), { once: true });
      const arrives = () =>
        this.#arrive(peer, protocol as Protocol<unknown, unknown>, options.signal, dialed, reject);
      const dialed = (channel: MemoryEnd<unknown, unknown>) => {
        resolve(channel as Channel<Dialer>);
        // The caller's continuation is a microtask that stands before this one.
        queueMicrotask(() => channel.listen(listener as ChannelListener<unknown>));
      };
      this.#hub.clock.after(this.#hub.latency(this.self, peer), arrives);
    });
  }

  serve<Dialer, Listener>(
    protocol: Protocol<Dialer, Listener>,
    accept: (channel: Channel<Listener>) => ChannelListener<Dialer>,
  ): () => void {
    const { services } = this.#node;
    if (services.has(protocol.id)) {
      throw connectivityErrors.CONNECTIVITY_ALREADY_SERVED({ what: protocol.id });
    }
    // The hub carries messages without knowing them; both directions are parsed at the edge by this protocol.
    const service = { protocol, accept } as unknown as Service;
    services.set(protocol.id, service);
    return () => {
      if (services.get(protocol.id) === service) services.delete(protocol.id);
    };
  }

  async publish(topic: string, bytes: Uint8Array): Promise<void> {
    const { clock, limits, nodes } = this.#hub;
    if (!this.#node.up) throw connectivityErrors.CONNECTIVITY_NETWORK_CLOSED();
    if (bytes.byteLength > limits.gossipBytesMax) {
      const bytesMax = limits.gossipBytesMax;
      throw connectivityErrors.CONNECTIVITY_FRAME_TOO_LARGE({ bytes: bytes.byteLength, bytesMax });
    }
    const message: GossipMessage = { from: this.self, bytes: bytes.slice() };
    for (const node of nodes.values()) {
      if (node === this.#node || this.#hub.gossipLost()) continue;
      clock.after(this.#hub.latency(this.self, node.peer), () => this.#hear(node, topic, message));
    }
  }

  subscribe(
    topic: string,
    validate: (message: GossipMessage) => Validity,
    deliver: (message: GossipMessage) => void,
  ): () => void {
    const { subscriptions } = this.#node;
    if (subscriptions.has(topic)) throw connectivityErrors.CONNECTIVITY_ALREADY_SERVED({ what: topic });
    const subscription = { validate, deliver };
    subscriptions.set(topic, subscription);
    return () => {
      if (subscriptions.get(topic) === subscription) subscriptions.delete(topic);
    };
  }

  block(peer: PeerId): void {
    this.#node.admission.block(peer);
    const blocked = connectivityErrors.CONNECTIVITY_BLOCKED({ peer });
    for (const end of this.#hub.endsOf(this.#node)) if (end.remote === peer) end.close(blocked);
  }

  async close(): Promise<void> {
    if (!this.#node.up) return;
    this.#hub.remove(this.#node);
    for (const end of this.#hub.endsOf(this.#node)) end.close();
  }

  /** Neither cut off nor blocked, in either direction. */
  #meets(peer: PeerId): boolean {
    const other = this.#hub.nodes.get(peer);
    if (other === undefined || !this.#hub.reachable(this.self, peer)) return false;
    return !this.#node.admission.isBlocked(peer) && !other.admission.isBlocked(this.self);
  }

  /** A dial has arrived at the other side. */
  #arrive(
    peer: PeerId,
    protocol: Protocol<unknown, unknown>,
    signal: AbortSignal,
    dialed: (channel: MemoryEnd<unknown, unknown>) => void,
    reject: (fault: Error) => void,
  ): void {
    const { clock } = this.#hub;
    const back = this.#hub.latency(peer, this.self);
    const unreachable = (reason: string) =>
      reject(connectivityErrors.CONNECTIVITY_UNREACHABLE({ peer, reason }));
    if (!this.#hub.reachable(this.self, peer)) {
      clock.after(this.#hub.noticeMs, () => unreachable('no answer'));
      return;
    }
    const node = this.#hub.nodes.get(peer);
    const service = node?.services.get(protocol.id);
    if (signal.aborted || !this.#node.up) return;
    if (node === undefined || !this.#meets(peer)) {
      clock.after(back, () => unreachable(node === undefined ? 'nobody listens there' : 'blocked'));
    } else if (service === undefined) {
      const refused = connectivityErrors.CONNECTIVITY_PROTOCOL_REFUSED({ peer, protocol: protocol.id });
      clock.after(back, () => reject(refused));
    } else {
      const channel = this.#accept(node, protocol, service);
      clock.after(back, () => (signal.aborted ? channel.close() : dialed(channel)));
    }
  }

  #accept(node: Node, protocol: Protocol<unknown, unknown>, service: Service): MemoryEnd<unknown, unknown> {
    const [near, far] = this.#hub.connect(this.#node, node, { protocol, accept: service.accept });
    const refusal = node.admission.opened(
      this.self,
      protocol.id,
      protocol.limits,
      this.#hub.clock.monotonic(),
    );
    if (refusal === undefined) {
      far.listen(service.accept(far));
    } else {
      const fault = connectivityErrors.CONNECTIVITY_RATE_LIMITED({ peer: this.self, what: refusal });
      far.listen({ received: () => undefined, closed: () => undefined });
      far.close(fault);
    }
    return near;
  }

  #hear(node: Node, topic: string, message: GossipMessage): void {
    const subscription = node.subscriptions.get(topic);
    if (!node.up || subscription === undefined || !this.#hub.reachable(this.self, node.peer)) return;
    if (!node.admission.gossiped(this.self, this.#hub.clock.monotonic())) return;
    if (subscription.validate(message) === 'accept') subscription.deliver(message);
  }
}
