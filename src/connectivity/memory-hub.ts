/**
 * What all nodes of a memory network share: who is up, who can hear whom, and every channel end there is.
 */

import { type Clock, type Milliseconds, type Random, SECOND_MS } from '../actors/index.ts';
import { type Admission, createAdmission } from './admission.ts';
import type { Channel, ChannelListener, GossipMessage, PeerId, Protocol, Validity } from './channel.ts';
import { type AnyEnd, MemoryEnd } from './memory-channel.ts';
import { defaultNetworkLimits, type NetworkLimits } from './network-limits.ts';

export interface MemoryNetworksOptions {
  readonly clock: Clock;
  readonly random: Random;
  /**
   * One way, asked for every bundle and every handshake. Default: nothing, so what is sent arrives in the
   * next turn.
   */
  readonly latency?: (from: PeerId, to: PeerId, random: Random) => Milliseconds;
  /** Whether messages pass through their canonical encoding, as on a wire. Default: they do. */
  readonly encoded?: boolean;
  /** The share of gossip messages that get lost between two nodes. Default: none. */
  readonly gossipLoss?: number;
  /** How long a silent break (partition, power cut) goes unnoticed. Default: 15 seconds. */
  readonly noticeMs?: Milliseconds;
  readonly limits?: NetworkLimits;
}

export type Service = {
  readonly protocol: Protocol<unknown, unknown>;
  readonly accept: (channel: Channel<unknown>) => ChannelListener<unknown>;
};

export type Subscription = {
  readonly validate: (message: GossipMessage) => Validity;
  readonly deliver: (message: GossipMessage) => void;
};

/** One node, as the hub sees it. */
export interface Node {
  readonly peer: PeerId;
  readonly admission: Admission;
  readonly services: Map<string, Service>;
  readonly subscriptions: Map<string, Subscription>;
  up: boolean;
}

const NOTICE_MS = 15 * SECOND_MS;

export class MemoryHub {
  readonly clock: Clock;
  readonly limits: NetworkLimits;
  readonly noticeMs: Milliseconds;
  readonly nodes = new Map<PeerId, Node>();
  readonly #options: MemoryNetworksOptions;
  readonly #ends = new Set<AnyEnd>();
  readonly #cuts = new Set<string>();
  readonly #stalled = new Set<AnyEnd>();
  /** One for each partition: the watch over the connections that it stalls. */
  #notices: (() => void)[] = [];

  constructor(options: MemoryNetworksOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.limits = options.limits ?? defaultNetworkLimits;
    this.noticeMs = options.noticeMs ?? NOTICE_MS;
  }

  join(peer: PeerId): Node {
    const node: Node = {
      peer,
      admission: createAdmission(this.limits),
      services: new Map(),
      subscriptions: new Map(),
      up: true,
    };
    this.nodes.set(peer, node);
    return node;
  }

  crash(peer: PeerId, powerCut: boolean): void {
    const node = this.nodes.get(peer);
    if (node === undefined) return;
    this.remove(node);
    for (const end of [...this.#ends].filter((candidate) => candidate.self === peer)) end.vanish();
    const noticed = [...this.#ends].filter((candidate) => candidate.remote === peer);
    for (const end of noticed) {
      const delayMs = powerCut ? this.noticeMs : this.latency(peer, end.self);
      this.clock.after(delayMs, () => end.lose('the other side is gone'));
    }
  }

  /** The node leaves in good order or not; its channels are the caller's business. */
  remove(node: Node): void {
    node.up = false;
    if (this.nodes.get(node.peer) === node) this.nodes.delete(node.peer);
  }

  sever(a: PeerId, b: PeerId): void {
    for (const end of this.endsBetween(a, b)) end.lose('the connection was reset');
  }

  partition(groupA: readonly PeerId[], groupB: readonly PeerId[]): void {
    const stalled: AnyEnd[] = [];
    for (const a of groupA) {
      for (const b of groupB) {
        this.#cuts.add(pairOf(a, b));
        stalled.push(...this.endsBetween(a, b));
      }
    }
    for (const end of stalled) {
      this.#stalled.add(end);
      end.stall();
    }
    const notice = () => {
      for (const end of stalled) {
        this.#stalled.delete(end);
        end.lose('nothing was heard from the other side');
      }
    };
    this.#notices.push(this.clock.after(this.noticeMs, notice));
  }

  heal(): void {
    this.#cuts.clear();
    for (const cancel of this.#notices) cancel();
    this.#notices = [];
    for (const end of this.#stalled) end.resume();
    this.#stalled.clear();
  }

  reachable(a: PeerId, b: PeerId): boolean {
    return !this.#cuts.has(pairOf(a, b));
  }

  latency(from: PeerId, to: PeerId): Milliseconds {
    return this.#options.latency?.(from, to, this.#options.random) ?? 0;
  }

  gossipLost(): boolean {
    const loss = this.#options.gossipLoss ?? 0;
    return loss > 0 && this.#options.random.fraction() < loss;
  }

  /** Two ends of one channel, both counted by the hub. */
  connect(
    dialer: Node,
    listener: Node,
    service: Service,
  ): [MemoryEnd<unknown, unknown>, MemoryEnd<unknown, unknown>] {
    const { protocol } = service;
    const near = this.#endOf(dialer, listener, protocol, protocol.parseListener, () => undefined);
    const far = this.#endOf(listener, dialer, protocol, protocol.parseDialer, () =>
      listener.admission.closed(dialer.peer, protocol.id),
    );
    near.connect(far);
    far.connect(near);
    return [near, far];
  }

  endsBetween(a: PeerId, b: PeerId): AnyEnd[] {
    const between = (end: AnyEnd) =>
      (end.self === a && end.remote === b) || (end.self === b && end.remote === a);
    return [...this.#ends].filter(between);
  }

  endsOf(node: Node): AnyEnd[] {
    return [...this.#ends].filter((end) => end.self === node.peer);
  }

  #endOf(
    self: Node,
    remote: Node,
    protocol: Protocol<unknown, unknown>,
    parse: (value: unknown) => unknown,
    ended: () => void,
  ): MemoryEnd<unknown, unknown> {
    const end: MemoryEnd<unknown, unknown> = new MemoryEnd({
      clock: this.clock,
      self: self.peer,
      remote: remote.peer,
      protocolId: protocol.id,
      limits: protocol.limits,
      parse,
      encoded: this.#options.encoded ?? true,
      latency: () => this.latency(self.peer, remote.peer),
      admission: self.admission,
      pauseMsMax: this.limits.pauseMsMax,
      ended: () => {
        this.#ends.delete(end);
        ended();
      },
    });
    this.#ends.add(end);
    return end;
  }
}

function pairOf(a: PeerId, b: PeerId): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
