/**
 * What one peer may cost this node, counted before it costs anything: channels open, channels opened a
 * second, bytes and messages a second, gossip, and whether it is blocked. Pure: the time is an argument.
 *
 * Every map here is bounded. A peer with a channel open is never forgotten; when all remembered peers have
 * one, a stranger is refused.
 */

import type { Bytes, Milliseconds } from '../actors/index.ts';
import type { PeerId, ProtocolLimits } from './channel.ts';
import { defaultNetworkLimits, type NetworkLimits } from './network-limits.ts';
import { type BucketRate, fullBucket, take, type TokenBucket } from './token-bucket.ts';

/** Why a channel is refused, in a word that fits into the fault. */
export type Refusal = 'blocked' | 'channels open' | 'channels opened a second' | 'peers known to this node';

export interface Admission {
  /** Counts a channel in, or says why not. Each `undefined` is followed by one `closed`. */
  opened(peer: PeerId, protocol: string, limits: ProtocolLimits, now: Milliseconds): Refusal | undefined;
  closed(peer: PeerId, protocol: string): void;
  /**
   * Counts what arrived; the caller reads no more from this peer for as long as the answer says; infinite for
   * a refused one.
   */
  received(
    peer: PeerId,
    protocol: string,
    limits: ProtocolLimits,
    bytes: Bytes,
    messages: number,
    now: Milliseconds,
  ): Milliseconds;
  /** Whether one more gossip message from this neighbour is taken. */
  gossiped(neighbour: PeerId, now: Milliseconds): boolean;
  /** A gossip message of this neighbour was invalid: an honest one would not have relayed it. */
  gossipedInvalid(neighbour: PeerId, now: Milliseconds): void;
  block(peer: PeerId): void;
  isBlocked(peer: PeerId): boolean;
}

interface Account {
  readonly channels: Map<string, number>;
  readonly bytes: Map<string, TokenBucket>;
  readonly messages: TokenBucket;
  readonly opens: TokenBucket;
  readonly gossip: TokenBucket;
  /** In debt: the neighbour is not listened to. */
  readonly invalid: TokenBucket;
}

/** Bursts of channels and gossip: a node that comes back does everything at once. */
const BURST_SECONDS = 10;
const INVALID_FORGIVEN_PER_SECOND = 0.1;

export function createAdmission(limits: NetworkLimits = defaultNetworkLimits): Admission {
  return new PeerAdmission(limits);
}

class PeerAdmission implements Admission {
  /** Longest idle first. */
  readonly #accounts = new Map<PeerId, Account>();
  readonly #blocked = new Set<PeerId>();
  readonly #limits: NetworkLimits;
  readonly #messageRate: BucketRate;
  readonly #openRate: BucketRate;
  readonly #gossipRate: BucketRate;
  readonly #invalidRate: BucketRate;

  constructor(limits: NetworkLimits) {
    const { messagesPerSecondMax, opensPerSecondMax, gossipPerSecondMax, gossipInvalidMax } = limits;
    this.#limits = limits;
    this.#messageRate = { perSecond: messagesPerSecondMax, burst: messagesPerSecondMax };
    this.#openRate = { perSecond: opensPerSecondMax, burst: opensPerSecondMax * BURST_SECONDS };
    this.#gossipRate = { perSecond: gossipPerSecondMax, burst: gossipPerSecondMax * BURST_SECONDS };
    this.#invalidRate = { perSecond: INVALID_FORGIVEN_PER_SECOND, burst: gossipInvalidMax };
  }

  opened(peer: PeerId, protocol: string, limits: ProtocolLimits, now: Milliseconds): Refusal | undefined {
    if (this.#blocked.has(peer)) return 'blocked';
    const account = this.#accountOf(peer, now);
    if (account === undefined) return 'peers known to this node';
    // First, so that a refused channel costs its peer as much as an accepted one.
    if (!takeIfThere(account.opens, this.#openRate, now)) return 'channels opened a second';
    const open = account.channels.get(protocol) ?? 0;
    if (open >= limits.streamsPerPeerMax) return 'channels open';
    account.channels.set(protocol, open + 1);
    return undefined;
  }

  closed(peer: PeerId, protocol: string): void {
    const channels = this.#accounts.get(peer)?.channels;
    const open = channels?.get(protocol) ?? 0;
    if (open > 1) channels?.set(protocol, open - 1);
    else channels?.delete(protocol);
  }

  received(
    peer: PeerId,
    protocol: string,
    limits: ProtocolLimits,
    bytes: Bytes,
    messages: number,
    now: Milliseconds,
  ): Milliseconds {
    const account = this.#accountOf(peer, now);
    if (account === undefined) return Number.POSITIVE_INFINITY;
    const rate = { perSecond: limits.inboundBytesPerSecondMax, burst: limits.messageBytesMax };
    const bucket = account.bytes.get(protocol) ?? fullBucket(rate, now);
    account.bytes.set(protocol, bucket);
    const bytesWaitMs = take(bucket, bytes, rate, now);
    return Math.max(bytesWaitMs, take(account.messages, messages, this.#messageRate, now));
  }

  gossiped(neighbour: PeerId, now: Milliseconds): boolean {
    if (this.#blocked.has(neighbour)) return false;
    const account = this.#accountOf(neighbour, now);
    if (account === undefined || take(account.invalid, 0, this.#invalidRate, now) > 0) return false;
    return takeIfThere(account.gossip, this.#gossipRate, now);
  }

  gossipedInvalid(neighbour: PeerId, now: Milliseconds): void {
    const account = this.#accountOf(neighbour, now);
    if (account !== undefined) take(account.invalid, 1, this.#invalidRate, now);
  }

  block(peer: PeerId): void {
    this.#blocked.delete(peer);
    this.#blocked.add(peer);
    if (this.#blocked.size <= this.#limits.blockedMax) return;
    for (const oldest of this.#blocked) {
      this.#blocked.delete(oldest);
      return;
    }
  }

  isBlocked(peer: PeerId): boolean {
    return this.#blocked.has(peer);
  }

  /** The peer's account, moved to the young end of the map; undefined when there is no room for a new one. */
  #accountOf(peer: PeerId, now: Milliseconds): Account | undefined {
    const known = this.#accounts.get(peer);
    if (known !== undefined) {
      this.#accounts.delete(peer);
      this.#accounts.set(peer, known);
      return known;
    }
    if (this.#accounts.size >= this.#limits.peersMax && !this.#forgetIdlest()) return undefined;
    const account: Account = {
      channels: new Map(),
      bytes: new Map(),
      messages: fullBucket(this.#messageRate, now),
      opens: fullBucket(this.#openRate, now),
      gossip: fullBucket(this.#gossipRate, now),
      invalid: fullBucket(this.#invalidRate, now),
    };
    this.#accounts.set(peer, account);
    return account;
  }

  #forgetIdlest(): boolean {
    for (const [peer, account] of this.#accounts) {
      if (account.channels.size > 0) continue;
      this.#accounts.delete(peer);
      return true;
    }
    return false;
  }
}

/**
 * For what is refused rather than delayed: a refusal must not run up a debt that shuts the peer out for long.
 */
function takeIfThere(bucket: TokenBucket, rate: BucketRate, now: Milliseconds): boolean {
  if (take(bucket, 1, rate, now) === 0) return true;
  bucket.tokens += 1;
  return false;
}
