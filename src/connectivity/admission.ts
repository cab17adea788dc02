/**
 * What one peer may cost this node, counted before it costs anything: channels open, channels opened a second,
 * bytes and messages a second, gossip, and whether it is blocked. Pure: the time is an argument.
 *
 * Every map here is bounded. A peer with a channel open is never forgotten; when all remembered peers have one,
 * a stranger is refused.
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
  /** Counts what arrived; the caller reads no more from this peer for as long as the answer says; infinite for a refused one. */
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

const BURST_SECONDS = 10;
const INVALID_FORGIVEN_PER_SECOND = 0.1;

export function createAdmission(limits: NetworkLimits = defaultNetworkLimits): Admission {
  const accounts = new Map<PeerId, Account>();
  const blocked = new Set<PeerId>();
  const messageRate = { perSecond: limits.messagesPerSecondMax, burst: limits.messagesPerSecondMax };
  const openRate = { perSecond: limits.opensPerSecondMax, burst: limits.opensPerSecondMax * BURST_SECONDS };
  const gossipRate = {
    perSecond: limits.gossipPerSecondMax,
    burst: limits.gossipPerSecondMax * BURST_SECONDS,
  };

  const invalidRate = { perSecond: INVALID_FORGIVEN_PER_SECOND, burst: limits.gossipInvalidMax };

  /** The peer's account, moved to the young end of the map; undefined when there is no room for a new one. */
  function accountOf(peer: PeerId, now: Milliseconds): Account | undefined {
    const known = accounts.get(peer);
    if (known !== undefined) {
      accounts.delete(peer);
      accounts.set(peer, known);
      return known;
    }
    if (accounts.size >= limits.peersMax && !forgetIdlest(accounts)) return undefined;
    const account: Account = {
      channels: new Map(),
      bytes: new Map(),
      messages: fullBucket(messageRate, now),
      opens: fullBucket(openRate, now),
      gossip: fullBucket(gossipRate, now),
      invalid: fullBucket(invalidRate, now),
    };
    accounts.set(peer, account);
    return account;
  }

  return {
    opened(peer, protocol, protocolLimits, now) {
      if (blocked.has(peer)) return 'blocked';
      const account = accountOf(peer, now);
      if (account === undefined) return 'peers known to this node';
      // First, so that a refused channel costs its peer as much as an accepted one.
      if (!takeIfThere(account.opens, openRate, now)) return 'channels opened a second';
      const open = account.channels.get(protocol) ?? 0;
      if (open >= protocolLimits.streamsPerPeerMax) return 'channels open';
      account.channels.set(protocol, open + 1);
      return undefined;
    },
    closed(peer, protocol) {
      const channels = accounts.get(peer)?.channels;
      const open = channels?.get(protocol) ?? 0;
      if (open > 1) channels?.set(protocol, open - 1);
      else channels?.delete(protocol);
    },
    received(peer, protocol, protocolLimits, bytes, messages, now) {
      const account = accountOf(peer, now);
      if (account === undefined) return Number.POSITIVE_INFINITY;
      const rate = {
        perSecond: protocolLimits.inboundBytesPerSecondMax,
        burst: protocolLimits.messageBytesMax,
      };
      const bucket = account.bytes.get(protocol) ?? fullBucket(rate, now);
      account.bytes.set(protocol, bucket);
      const bytesWaitMs = take(bucket, bytes, rate, now);
      return Math.max(bytesWaitMs, take(account.messages, messages, messageRate, now));
    },
    gossiped(neighbour, now) {
      if (blocked.has(neighbour)) return false;
      const account = accountOf(neighbour, now);
      if (account === undefined || take(account.invalid, 0, invalidRate, now) > 0) return false;
      return takeIfThere(account.gossip, gossipRate, now);
    },
    gossipedInvalid(neighbour, now) {
      const account = accountOf(neighbour, now);
      if (account !== undefined) take(account.invalid, 1, invalidRate, now);
    },
    block(peer) {
      blocked.delete(peer);
      blocked.add(peer);
      if (blocked.size <= limits.blockedMax) return;
      for (const oldest of blocked) {
        blocked.delete(oldest);
        break;
      }
    },
    isBlocked: (peer) => blocked.has(peer),
  };
}

/** For what is refused rather than delayed: a refusal must not run up a debt that shuts the peer out for long. */
function takeIfThere(bucket: TokenBucket, rate: BucketRate, now: Milliseconds): boolean {
  if (take(bucket, 1, rate, now) === 0) return true;
  bucket.tokens += 1;
  return false;
}

function forgetIdlest(accounts: Map<PeerId, Account>): boolean {
  for (const [peer, account] of accounts) {
    if (account.channels.size > 0) continue;
    accounts.delete(peer);
    return true;
  }
  return false;
}
