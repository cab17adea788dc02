/**
 * Ed25519 signatures by the runtime's own crypto, with key objects kept: making one from its text takes as
 * long as verifying with it.
 */

import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { OwnerId, PeerId } from './channel.ts';
import { publicKeyOf } from './peer-id.ts';
import type { Signer, VerifySignature } from './signer.ts';

const SIGNATURE_BYTES = 64;

/** Keys kept: more than the peers one node talks to at a time, at about 1 KB each. */
const KEYS_MAX = 1_024;

/** SubjectPublicKeyInfo of an Ed25519 key up to the key itself (RFC 8410, section 4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

const keys = new Map<string, KeyObject>();

export const verifySignature: VerifySignature = (signer, bytes, signature) => {
  if (signature.byteLength !== SIGNATURE_BYTES) return false;
  try {
    return verify(null, bytes, keyOf(signer), signature);
  } catch {
    // Text that names no key, or a key that is no point of the curve: nobody signs with it.
    return false;
  }
};

export function signerOf(peer: PeerId, privateKey: KeyObject): Signer {
  return { peer, sign: (bytes) => sign(null, bytes, privateKey) };
}

function keyOf(id: PeerId | OwnerId): KeyObject {
  const known = keys.get(id);
  if (known !== undefined) return known;
  const spki = Buffer.concat([SPKI_PREFIX, publicKeyOf(id)]);
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  if (keys.size >= KEYS_MAX) forgetOldest();
  keys.set(id, key);
  return key;
}

/**
 * By age, not by use: a key that is still needed costs one re-import in a thousand, and reads stay free of
 * writes.
 */
function forgetOldest(): void {
  for (const oldest of keys.keys()) {
    keys.delete(oldest);
    return;
  }
}
