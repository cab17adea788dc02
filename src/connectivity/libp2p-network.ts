/**
 * The network port over a libp2p host. It owns the host: `close` ends its channels with a goodbye, then stops
 * the node.
 */

import type { Connection, Stream } from '@libp2p/interface';
import { type Clock, Fault, type Inspector } from '../actors/index.ts';
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
import { libp2pPeerIdOf, multiaddrsOf, peerIdFrom } from './libp2p-address.ts';
import { Libp2pGossip } from './libp2p-gossip.ts';
import type { Host } from './libp2p-host.ts';
import { Libp2pPeers } from './libp2p-peers.ts';
import { byteStreamOf, readStream } from './libp2p-stream.ts';
import { defaultNetworkLimits, type NetworkLimits } from './network-limits.ts';
import { parsePeerId } from './peer-id.ts';
import { StreamChannel } from './stream-channel.ts';

export interface Libp2pNetworkOptions {
  readonly host: Host;
  readonly clock: Clock;
  readonly inspect?: Inspector;
  readonly limits?: NetworkLimits;
}

/**
 * Streams of one protocol that libp2p itself lets one connection hold. Far above any protocol's own limit,
 * which refuses with a code where libp2p would only reset.
 */
const STREAMS_MAX = 1_024;

const SILENT: ChannelListener<unknown> = { received: () => undefined, closed: () => undefined };

export function createLibp2pNetwork(options: Libp2pNetworkOptions): Network {
  return new Libp2pNetwork(options);
}

class Libp2pNetwork implements Network {
  readonly self: PeerId;
  readonly #host: Host;
  readonly #clock: Clock;
  readonly #inspect: Inspector;
  readonly #limits: NetworkLimits;
  readonly #gossip: Libp2pGossip;
  readonly #peers: Libp2pPeers;
  readonly #channels = new Set<StreamChannel<never, unknown>>();
  readonly #served = new Set<string>();
  #closing: Promise<void> | undefined;

  constructor({
    host,
    clock,
    inspect = () => undefined,
    limits = defaultNetworkLimits,
  }: Libp2pNetworkOptions) {
    this.self = peerIdFrom(host.peerId);
    this.#host = host;
    this.#clock = clock;
    this.#inspect = inspect;
    this.#limits = limits;
    this.#gossip = new Libp2pGossip(host, clock, limits);
    this.#peers = new Libp2pPeers(host, inspect);
  }

  addresses(): readonly Address[] {
    return this.#host.getMultiaddrs().map((address) => address.toString() as Address);
  }

  peers(): readonly PeerView[] {
    return this.#peers.views();
  }

  async #openStream(
    peer: PeerId,
    protocol: string,
    addresses: readonly Address[],
    signal: AbortSignal,
  ): Promise<Stream> {
    if (peer === this.self) throw connectivityErrors.CONNECTIVITY_SELF_DIAL();
    if (this.#closing !== undefined) throw connectivityErrors.CONNECTIVITY_NETWORK_CLOSED();
    try {
      const id = libp2pPeerIdOf(parsePeerId(peer));
      const known = this.#host.getConnections(id).length > 0 ? [] : multiaddrsOf(peer, addresses);
      return await this.#host.dialProtocol(known.length > 0 ? known : id, protocol, {
        signal,
        maxOutboundStreams: STREAMS_MAX,
      });
    } catch (thrown) {
      throw dialFault(peer, protocol, signal, thrown);
    }
  }

  dial<Dialer, Listener>(
    peer: PeerId,
    protocol: Protocol<Dialer, Listener>,
    listener: ChannelListener<Listener>,
    options: { readonly signal: AbortSignal; readonly addresses?: readonly Address[] },
  ): Promise<Channel<Dialer>> {
    return new Promise((resolve, reject) => {
      this.#openStream(peer, protocol.id, options.addresses ?? [], options.signal).then((stream) => {
        const channel = this.#channel<Dialer, Listener>(stream, peer, protocol, protocol.parseListener);
        if (this.#closing !== undefined) channel.close();
        resolve(channel);
        // The caller's continuation is a microtask that stands before this one.
        queueMicrotask(() => {
          channel.listen(listener);
          readStream(stream, channel);
        });
      }, reject);
    });
  }

  serve<Dialer, Listener>(
    protocol: Protocol<Dialer, Listener>,
    accept: (channel: Channel<Listener>) => ChannelListener<Dialer>,
  ): () => void {
    if (this.#served.has(protocol.id)) {
      throw connectivityErrors.CONNECTIVITY_ALREADY_SERVED({ what: protocol.id });
    }
    this.#served.add(protocol.id);
    const handler = (stream: Stream, connection: Connection) =>
      this.#accept(stream, peerIdFrom(connection.remotePeer), protocol, accept);
    const options = { maxInboundStreams: STREAMS_MAX, maxOutboundStreams: STREAMS_MAX };
    // Registered at once; what is awaited is only the note in the node's own record, which others read by
    // identify.
    this.#host.handle(protocol.id, handler, options).catch(() => undefined);
    return () => {
      if (!this.#served.delete(protocol.id)) return;
      this.#host.unhandle(protocol.id).catch(() => undefined);
    };
  }

  async publish(topic: string, bytes: Uint8Array): Promise<void> {
    if (this.#closing !== undefined) throw connectivityErrors.CONNECTIVITY_NETWORK_CLOSED();
    await this.#gossip.publish(topic, bytes);
  }

  subscribe(
    topic: string,
    validate: (message: GossipMessage) => Validity,
    deliver: (message: GossipMessage) => void,
  ): () => void {
    return this.#gossip.subscribe(topic, validate, deliver);
  }

  block(peer: PeerId): void {
    this.#host.services.admission.block(peer);
    this.#inspect({ topic: 'network.peer-blocked', level: 'warn', details: { peer } });
    for (const channel of this.#channels) {
      if (channel.remote === peer) channel.close(connectivityErrors.CONNECTIVITY_BLOCKED({ peer }));
    }
    this.#host.hangUp(libp2pPeerIdOf(peer)).catch(() => undefined);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const channel of this.#channels) channel.close();
    this.#gossip.close();
    this.#peers.close();
    await this.#host.stop();
  }

  #accept<Dialer, Listener>(
    stream: Stream,
    remote: PeerId,
    protocol: Protocol<Dialer, Listener>,
    accept: (channel: Channel<Listener>) => ChannelListener<Dialer>,
  ): void {
    const { admission } = this.#host.services;
    const refusal = admission.opened(remote, protocol.id, protocol.limits, this.#clock.monotonic());
    const counted = refusal === undefined ? () => admission.closed(remote, protocol.id) : () => undefined;
    const channel = this.#channel<Listener, Dialer>(stream, remote, protocol, protocol.parseDialer, counted);
    if (refusal === undefined) {
      channel.listen(accept(channel));
    } else {
      channel.listen(SILENT);
      channel.close(connectivityErrors.CONNECTIVITY_RATE_LIMITED({ peer: remote, what: refusal }));
    }
    readStream(stream, channel);
  }

  #channel<Out, In>(
    stream: Stream,
    remote: PeerId,
    { id, limits }: Pick<Protocol<unknown, unknown>, 'id' | 'limits'>,
    parse: (value: unknown) => In,
    counted: () => void = () => undefined,
  ): StreamChannel<Out, In> {
    const channel: StreamChannel<Out, In> = new StreamChannel<Out, In>({
      stream: byteStreamOf(stream, this.#clock),
      remote,
      protocolId: id,
      limits,
      parse,
      admission: this.#host.services.admission,
      clock: this.#clock,
      pauseMsMax: this.#limits.pauseMsMax,
      ended: (fault) => {
        this.#channels.delete(channel as StreamChannel<never, unknown>);
        counted();
        if (fault === undefined) return;
        const details = { peer: remote, protocol: id };
        this.#inspect({ topic: 'network.channel-broken', level: 'info', details, fault: fault.toWire() });
      },
    });
    this.#channels.add(channel as StreamChannel<never, unknown>);
    return channel;
  }
}

/** libp2p's errors in this layer's words; only their names are promised, not their classes. */
function dialFault(peer: PeerId, protocol: string, signal: AbortSignal, thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown;
  const { name, message } = thrown as Error;
  if (name === 'UnsupportedProtocolError') {
    return connectivityErrors.CONNECTIVITY_PROTOCOL_REFUSED({ peer, protocol }, thrown);
  }
  const reason = signal.aborted ? 'the dial was given up' : message;
  return connectivityErrors.CONNECTIVITY_UNREACHABLE({ peer, reason }, thrown);
}
