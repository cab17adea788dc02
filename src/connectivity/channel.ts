/**
 * Who is there, and how messages get across: the port that the layers above use. Bound to libp2p in
 * `libp2p-network.ts` and to memory in `memory-network.ts`; both pass `test/conformance/network.ts`.
 *
 * Messages of one turn leave in one write and arrive in one call. Nothing here blocks, and everything is
 * bounded.
 */

import type { Brand, Bytes, Fault, Milliseconds } from '../actors/index.ts';

/** The libp2p peer id of a node (Ed25519), in base58: `12D3KooW…`. */
export type PeerId = Brand<string, 'PeerId'>;

/**
 * Who answers for a node: the peer id form of the owner's public key. Replicas of one unit never share one.
 */
export type OwnerId = Brand<string, 'OwnerId'>;

/** A libp2p multiaddr, with or without `/p2p/<peer>`. */
export type Address = Brand<string, 'Address'>;

/**
 * A conversation's two directions, each with its own schema. The dialer sends `Dialer`, the listener
 * `Listener`. `parse` functions throw on anything that is not exactly of the schema; the channel then closes
 * with `CONNECTIVITY_MESSAGE_INVALID`.
 */
export interface Protocol<Dialer, Listener> {
  /** `/conun/lease/1`. */
  readonly id: string;
  readonly parseDialer: (value: unknown) => Dialer;
  readonly parseListener: (value: unknown) => Listener;
  readonly limits: ProtocolLimits;
}

export interface ProtocolLimits {
  /** Largest encoded message. */
  readonly messageBytesMax: Bytes;
  /** Bytes waiting to be written before `send` answers `full`. */
  readonly outboundBytesMax: Bytes;
  /** Bytes a second that one remote peer may send, with a burst of `messageBytesMax`. */
  readonly inboundBytesPerSecondMax: Bytes;
  /** Streams of this protocol that one peer may hold open. */
  readonly streamsPerPeerMax: number;
}

export interface Channel<Out> {
  readonly remote: PeerId;
  /**
   * Queued, and written at the end of the turn. `full`: not taken; `drained` follows when there is room
   * again. Throws `CONNECTIVITY_FRAME_TOO_LARGE` for a message over the limit: a programmer's error.
   */
  send(message: Out): 'accepted' | 'full' | 'closed';
  /** Ends both directions. Idempotent. The remote side sees the reason if it is still there. */
  close(reason?: Fault): void;
}

export interface ChannelListener<In> {
  /** Messages that arrived together, in order. Must not throw. */
  received(messages: readonly In[]): void;
  drained?(): void;
  /**
   * Called exactly once, last, and never from within `close`. Without a fault: one of the sides closed in
   * good order. With one: the reason that either side gave, or `CONNECTIVITY_CONNECTION_LOST`.
   */
  closed(fault?: Fault): void;
}

export interface PeerView {
  readonly peer: PeerId;
  readonly addresses: readonly Address[];
  readonly connected: boolean;
  /** From the last ping; undefined before the first. */
  readonly roundTripMs?: Milliseconds;
}

/**
 * What a topic's validator says before a message is relayed: `ignore` drops silently, `reject` counts against
 * the sender.
 */
export type Validity = 'accept' | 'ignore' | 'reject';

export interface GossipMessage {
  /** Who signed it, not who relayed it. */
  readonly from: PeerId;
  readonly bytes: Uint8Array;
}

export interface Network {
  readonly self: PeerId;
  /** Where others can dial this node, each ending in `/p2p/<self>`. */
  addresses(): readonly Address[];
  peers(): readonly PeerView[];
  /**
   * Opens a channel. The listener is called only after the promise has resolved.
   * Rejects with `CONNECTIVITY_UNREACHABLE`, `_PROTOCOL_REFUSED`, `_SELF_DIAL` or `_NETWORK_CLOSED`.
   */
  dial<Dialer, Listener>(
    peer: PeerId,
    protocol: Protocol<Dialer, Listener>,
    listener: ChannelListener<Listener>,
    options: { readonly signal: AbortSignal; readonly addresses?: readonly Address[] },
  ): Promise<Channel<Dialer>>;
  /**
   * Answers inbound channels of a protocol. Returns what ends the service. Throws
   * `CONNECTIVITY_ALREADY_SERVED`, as `subscribe` does: one protocol and one topic have one server in a node.
   */
  serve<Dialer, Listener>(
    protocol: Protocol<Dialer, Listener>,
    accept: (channel: Channel<Listener>) => ChannelListener<Dialer>,
  ): () => void;
  /**
   * Gossips bytes, signed with the node's key. Best effort: a node that joined within the last second or two
   * may miss it, so what matters is said again.
   */
  publish(topic: string, bytes: Uint8Array): Promise<void>;
  /**
   * `validate` runs before relay; `deliver` gets what it accepted, own messages not included. Returns what
   * ends it.
   */
  subscribe(
    topic: string,
    validate: (message: GossipMessage) => Validity,
    deliver: (message: GossipMessage) => void,
  ): () => void;
  /** Refuses a peer from now on: connections are closed, dials fail, messages are dropped. */
  block(peer: PeerId): void;
  /** Ends all channels with a goodbye, and releases everything below it too. */
  close(): Promise<void>;
}
