/** Addresses and peer ids between this layer's text and libp2p's objects. */

import type { PeerId as Libp2pPeerId } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { CODE_P2P, type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import type { Address, PeerId } from './channel.ts';
import { connectivityErrors } from './errors.ts';

/** Throws `CONNECTIVITY_ADDRESS_INVALID`. */
export function multiaddrOf(address: Address): Multiaddr {
  try {
    const parsed = multiaddr(address);
    if (parsed.getComponents().length > 0) return parsed;
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw connectivityErrors.CONNECTIVITY_ADDRESS_INVALID({ address, reason }, thrown);
  }
  throw connectivityErrors.CONNECTIVITY_ADDRESS_INVALID({ address, reason: 'it is empty' });
}

/** The peer that an address ends with, if it names one. */
export function peerOf(address: Multiaddr): PeerId | undefined {
  const named = address.getComponents().findLast((component) => component.code === CODE_P2P)?.value;
  return named as PeerId | undefined;
}

/**
 * Where `peer` may be, from addresses that others gave: what is no address, or names somebody else, is left
 * out.
 */
export function multiaddrsOf(peer: PeerId, addresses: readonly Address[]): Multiaddr[] {
  const usable: Multiaddr[] = [];
  for (const address of addresses) {
    try {
      const parsed = multiaddr(address);
      const named = peerOf(parsed);
      if (named === undefined) usable.push(parsed.encapsulate(`/p2p/${peer}`));
      else if (named === peer) usable.push(parsed);
    } catch {
      // An address of a sort this node does not know is no reason not to try the others.
    }
  }
  return usable;
}

export function libp2pPeerIdOf(peer: PeerId): Libp2pPeerId {
  return peerIdFromString(peer);
}

export function peerIdFrom(peer: Libp2pPeerId): PeerId {
  return peer.toString() as PeerId;
}
