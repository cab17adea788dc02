/**
 * Keys at rest: one Ed25519 private key in a PEM file (PKCS#8, readable by `openssl pkey`). The same form
 * serves nodes, owners and authors.
 */

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { PeerId } from './channel.ts';
import { connectivityErrors } from './errors.ts';
import { createSecretFile, loadOrCreate, readSecretFile } from './key-file.ts';
import { peerIdOf } from './peer-id.ts';
import { signerOf } from './signature.ts';
import type { Signer } from './signer.ts';

export interface Identity {
  readonly peer: PeerId;
  readonly signer: Signer;
  /** For the transport's handshake; goes nowhere else. */
  readonly privateKey: KeyObject;
}

/** An Ed25519 key in PEM takes 119 bytes; a larger file is something else. */
const FILE_BYTES_MAX = 4_096;

/**
 * The node's identity from its file, made on first use when `create` says so.
 * Rejects with `CONNECTIVITY_KEY_MISSING`, or as `loadKeyFile` does.
 */
export async function loadIdentity(options: {
  readonly path: string;
  readonly create: boolean;
}): Promise<Identity> {
  return loadOrCreate(options, loadKeyFile, createKeyFile);
}

/** Makes a key and its file, with mode 600. Rejects with `CONNECTIVITY_KEY_EXISTS` when there is a file. */
export async function createKeyFile(path: string): Promise<Identity> {
  const identity = newIdentity();
  const pem = identity.privateKey.export({ format: 'pem', type: 'pkcs8' });
  await createSecretFile(path, pem, identity.peer.slice(-12));
  return identity;
}

/**
 * Rejects with `CONNECTIVITY_KEY_MISSING`, `_KEY_MODE`, `_KEY_OWNER`, `_KEY_INVALID` or `_KEY_UNREADABLE`,
 * each with what to do.
 */
export async function loadKeyFile(path: string): Promise<Identity> {
  return parseKey(path, await readSecretFile(path, FILE_BYTES_MAX));
}

/** A fresh identity that is in no file: for tests, and for the moment before one is written. */
export function newIdentity(): Identity {
  return identityOf(generateKeyPairSync('ed25519').privateKey);
}

function parseKey(path: string, pem: Buffer): Identity {
  try {
    const privateKey = createPrivateKey(pem);
    if (privateKey.asymmetricKeyType === 'ed25519') return identityOf(privateKey);
  } catch (thrown) {
    throw connectivityErrors.CONNECTIVITY_KEY_INVALID({ path, reason: 'it cannot be parsed' }, thrown);
  }
  throw connectivityErrors.CONNECTIVITY_KEY_INVALID({ path, reason: 'it is another kind of key' });
}

function identityOf(privateKey: KeyObject): Identity {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  const peer = peerIdOf(Buffer.from(String(x), 'base64url'));
  return { peer, signer: signerOf(peer, privateKey), privateKey };
}
