/** Whom this node knows: what libp2p's events say, in a bounded list. */

import type { Peer } from '@libp2p/interface';
import { BoundedMap, type Inspector } from '../actors/index.ts';
import type { Address, PeerId, PeerView } from './channel.ts';
import { peerIdFrom } from './libp2p-address.ts';
import type { Host } from './libp2p-host.ts';

/** A display list, not the table that routes: a screen shows hundreds at most. */
const PEERS_MAX = 1_024;

/** Of one peer; more are a multi-homed machine's or a liar's. */
const ADDRESSES_MAX = 16;

export class Libp2pPeers {
  readonly #host: Host;
  readonly #inspect: Inspector;
  readonly #addresses = new BoundedMap<PeerId, readonly Address[]>('network.peers', PEERS_MAX);

  constructor(host: Host, inspect: Inspector) {
    this.#host = host;
    this.#inspect = inspect;
    host.addEventListener('peer:update', this.#updated);
    host.addEventListener('peer:connect', this.#connected);
    host.addEventListener('peer:disconnect', this.#disconnected);
  }

  views(): readonly PeerView[] {
    const views = new Map<PeerId, PeerView>();
    for (const [peer, addresses] of this.#addresses) views.set(peer, { peer, addresses, connected: false });
    for (const { remotePeer, remoteAddr, rtt } of this.#host.getConnections()) {
      const peer = peerIdFrom(remotePeer);
      const addresses = views.get(peer)?.addresses ?? [withPeer(remoteAddr.toString(), peer)];
      views.set(peer, {
        peer,
        addresses,
        connected: true,
        ...(rtt === undefined ? {} : { roundTripMs: rtt }),
      });
    }
    return [...views.values()];
  }

  close(): void {
    this.#host.removeEventListener('peer:update', this.#updated);
    this.#host.removeEventListener('peer:connect', this.#connected);
    this.#host.removeEventListener('peer:disconnect', this.#disconnected);
  }

  readonly #updated = ({ detail }: CustomEvent<{ readonly peer: Peer }>): void => {
    const peer = peerIdFrom(detail.peer.id);
    if (detail.peer.id.equals(this.#host.peerId)) return;
    const known = detail.peer.addresses.slice(0, ADDRESSES_MAX);
    const addresses = known.map(({ multiaddr }) => withPeer(multiaddr.toString(), peer));
    // Known again, it is the youngest again.
    this.#addresses.delete(peer);
    if (this.#addresses.size === PEERS_MAX) this.#forgetOldest();
    this.#addresses.set(peer, addresses);
  };

  readonly #connected = ({ detail }: CustomEvent<{ toString(): string }>): void =>
    this.#inspect({ topic: 'network.peer-connected', level: 'info', details: { peer: detail.toString() } });

  readonly #disconnected = ({ detail }: CustomEvent<{ toString(): string }>): void =>
    this.#inspect({
      topic: 'network.peer-disconnected',
      level: 'info',
      details: { peer: detail.toString() },
    });

  #forgetOldest(): void {
    for (const oldest of this.#addresses.keys()) {
      this.#addresses.delete(oldest);
      return;
    }
  }
}

/** libp2p keeps the addresses of a peer without its id; whoever copies one from a screen wants it whole. */
function withPeer(address: string, peer: PeerId): Address {
  return (address.includes('/p2p/') ? address : `${address}/p2p/${peer}`) as Address;
}
