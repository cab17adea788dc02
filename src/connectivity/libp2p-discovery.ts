/**
 * Who to be connected to: the bootstrap list for ever, and whoever discovery names while there is room. A
 * libp2p service, so that it starts and stops with its node.
 */

import type {
  Connection,
  Libp2pEvents,
  PeerId as Libp2pPeerId,
  PeerInfo,
  Startable,
  TypedEventTarget,
} from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';
import type { Clock, Inspector, Random } from '../actors/index.ts';
import { peerIdFrom, peerOf } from './libp2p-address.ts';
import type { NetworkLimits } from './network-limits.ts';
import { keepConnected, type Reconnector } from './reconnector.ts';

export interface DiscoveryOptions {
  readonly bootstrap: readonly Multiaddr[];
  readonly limits: NetworkLimits;
  readonly clock: Clock;
  readonly random: Random;
  readonly inspect?: Inspector;
}

/** What is used of libp2p's connection manager. */
interface ConnectionManager {
  getConnections(peer?: Libp2pPeerId): readonly Connection[];
  openConnection(target: Libp2pPeerId | Multiaddr, options?: { signal: AbortSignal }): Promise<Connection>;
}

interface Components {
  readonly peerId: Libp2pPeerId;
  readonly connectionManager: ConnectionManager;
  readonly events: TypedEventTarget<Libp2pEvents>;
}

/** Discovered peers are dialed up to this share of all connections: the rest is for those who dial us. */
const SHARE_DIALED = 0.5;

export type Discovery = Startable;

export const discovery =
  (options: DiscoveryOptions) =>
  (components: Components): Discovery =>
    new Libp2pDiscovery(options, components);

/** Dials a peer that discovery named, if it is not connected and there is room. */
export function dialFound(
  { connectionManager }: Pick<Components, 'connectionManager'>,
  { id }: PeerInfo,
  { connectionsMax }: NetworkLimits,
): void {
  if (connectionManager.getConnections().length >= connectionsMax * SHARE_DIALED) return;
  if (connectionManager.getConnections(id).length > 0) return;
  // Whoever cannot be reached now is found again, or dials us.
  connectionManager.openConnection(id).catch(() => undefined);
}

class Libp2pDiscovery implements Startable {
  readonly #options: DiscoveryOptions;
  readonly #components: Components;
  /** Whom an address led to, where it does not say so itself. */
  readonly #known = new Map<Multiaddr, string>();
  #reconnector: Reconnector | undefined;

  constructor(options: DiscoveryOptions, components: Components) {
    this.#options = options;
    this.#components = components;
  }

  start(): void {}

  /** When transports and protocols are up. */
  afterStart(): void {
    const { events, peerId } = this.#components;
    const { clock, random, inspect } = this.#options;
    events.addEventListener('peer:disconnect', this.#lost);
    events.addEventListener('peer:discovery', this.#found);
    this.#reconnector = keepConnected({
      targets: this.#options.bootstrap.filter((address) => peerOf(address) !== peerIdFrom(peerId)),
      isConnected: (address) => this.#isConnected(address),
      dial: (address, signal) => this.#dial(address, signal),
      clock,
      random,
      failed: (address, attempt, thrown) => {
        const reason = thrown instanceof Error ? thrown.message : String(thrown);
        inspect?.({
          topic: 'network.bootstrap-failed',
          level: 'warn',
          details: { address: address.toString(), attempt, reason },
        });
      },
    });
  }

  beforeStop(): void {
    const { events } = this.#components;
    events.removeEventListener('peer:disconnect', this.#lost);
    events.removeEventListener('peer:discovery', this.#found);
    this.#reconnector?.stop();
  }

  stop(): void {}

  readonly #lost = (): void => this.#reconnector?.lost();

  readonly #found = (event: CustomEvent<PeerInfo>): void =>
    dialFound(this.#components, event.detail, this.#options.limits);

  #isConnected(address: Multiaddr): boolean {
    const peer = peerOf(address) ?? this.#known.get(address);
    const connections = this.#components.connectionManager.getConnections();
    return connections.some((connection) => connection.remotePeer.toString() === peer);
  }

  async #dial(address: Multiaddr, signal: AbortSignal): Promise<void> {
    const connection = await this.#components.connectionManager.openConnection(address, { signal });
    this.#known.set(address, connection.remotePeer.toString());
  }
}
