/**
 * Peer ids: the text form of an Ed25519 public key that libp2p uses, `12D3KooW…` (libp2p specification, "Peer
 * Ids and Keys"): base58 of an identity multihash over the protobuf of the key. Other kinds of key are
 * refused, and so is every second spelling of the same key. Owners and authors are named in the same way.
 */

import { base58btc } from 'multiformats/bases/base58';
import type { OwnerId, PeerId } from './channel.ts';
import { connectivityErrors } from './errors.ts';

/** identity multihash, 36 bytes; protobuf: field 1 = 1 (Ed25519), field 2 = 32 bytes. */
const PREFIX = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20);

const PUBLIC_KEY_BYTES = 32;

/** All ids of 38 bytes with that prefix have 52 characters. */
const TEXT_LENGTH = 52;

/** `publicKey`: the 32 octets of RFC 8032. */
export function peerIdOf(publicKey: Uint8Array): PeerId {
  if (publicKey.byteLength !== PUBLIC_KEY_BYTES) {
    throw connectivityErrors.CONNECTIVITY_PEER_ID_INVALID({ text: `${publicKey.byteLength} bytes` });
  }
  const bytes = new Uint8Array(PREFIX.byteLength + PUBLIC_KEY_BYTES);
  bytes.set(PREFIX);
  bytes.set(publicKey, PREFIX.byteLength);
  return base58btc.baseEncode(bytes) as PeerId;
}

/**
 * The key an id names. Throws `CONNECTIVITY_PEER_ID_INVALID` for anything that `peerIdOf` cannot have made.
 */
export function publicKeyOf(id: PeerId | OwnerId): Uint8Array {
  const bytes = id.length === TEXT_LENGTH ? decoded(id) : undefined;
  const isEd25519 = bytes !== undefined && PREFIX.every((octet, index) => bytes[index] === octet);
  if (!isEd25519 || bytes.byteLength !== PREFIX.byteLength + PUBLIC_KEY_BYTES) {
    throw connectivityErrors.CONNECTIVITY_PEER_ID_INVALID({ text: id.slice(0, TEXT_LENGTH) });
  }
  return bytes.subarray(PREFIX.byteLength);
}

/** Text from outside as a peer id. Throws `CONNECTIVITY_PEER_ID_INVALID`. */
export function parsePeerId(text: string): PeerId {
  publicKeyOf(text as PeerId);
  return text as PeerId;
}

/** The owner who signs with the key that this peer id names. */
export function ownerIdOf(peer: PeerId): OwnerId {
  return peer as string as OwnerId;
}

function decoded(text: string): Uint8Array | undefined {
  try {
    return base58btc.baseDecode(text);
  } catch {
    return undefined;
  }
}
