/** Signatures as a port: the private key stays behind it. */

import type { OwnerId, PeerId } from './channel.ts';

export interface Signer {
  readonly peer: PeerId;
  /** Ed25519 over the bytes as they are; 64 octets. */
  sign(bytes: Uint8Array): Uint8Array;
}

/** Whether `signature` over `bytes` was made by the key that `signer` names. False for anything malformed. */
export type VerifySignature = (signer: PeerId | OwnerId, bytes: Uint8Array, signature: Uint8Array) => boolean;
