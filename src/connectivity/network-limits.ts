/**
 * What one node takes from others, whatever the protocol. Limits of one protocol stand in its
 * `ProtocolLimits`. `docs/limits.md` lists both.
 */

import { type Bytes, KIB, type Milliseconds, SECOND_MS } from '../actors/index.ts';

export interface NetworkLimits {
  /** Peers remembered for accounting; the longest idle ones are forgotten first. */
  readonly peersMax: number;
  /** Peers refused for ever; beyond it the oldest refusal is forgotten. */
  readonly blockedMax: number;
  /** Messages a second that one peer may send over channels, all protocols together; bursts of as many. */
  readonly messagesPerSecondMax: number;
  /** Channels a second that one peer may open; bursts of ten times as many. */
  readonly opensPerSecondMax: number;
  /** Connections of this node; beyond it the least useful ones are closed. */
  readonly connectionsMax: number;
  /** Inbound connections a second from one network address. */
  readonly connectionsPerSecondMax: number;
  /** Largest gossip message. */
  readonly gossipBytesMax: Bytes;
  /**
   * Gossip messages a second taken from one neighbour, relayed ones included; bursts of ten times as many.
   */
  readonly gossipPerSecondMax: number;
  /**
   * Invalid gossip messages forgiven, and forgiven anew one each ten seconds; beyond it a neighbour is not
   * listened to.
   */
  readonly gossipInvalidMax: number;
  /**
   * Reading pauses at most this long to bring a peer back under its rate; one that needs longer is closed.
   */
  readonly pauseMsMax: Milliseconds;
}

export const defaultNetworkLimits: NetworkLimits = Object.freeze({
  // 4 096 records of about 300 bytes: the accounting of a stranger never costs more than 2 MB in all.
  peersMax: 4_096,
  blockedMax: 65_536,
  // Above what one core can send in bundles (870 000/s measured between two processes), so that honest
  // traffic never meets it; it stops floods of one-byte messages, which a limit in bytes would let through.
  messagesPerSecondMax: 1_000_000,
  opensPerSecondMax: 20,
  connectionsMax: 300,
  // libp2p's default of 5 keeps a lab behind one address out when it comes back from a power cut.
  connectionsPerSecondMax: 100,
  gossipBytesMax: 64 * KIB,
  // One subscriber takes 950 signed messages a second (measured); one neighbour gets at most a fifth of that.
  gossipPerSecondMax: 200,
  gossipInvalidMax: 10,
  pauseMsMax: 30 * SECOND_MS,
});
