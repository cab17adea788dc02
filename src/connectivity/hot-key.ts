/**
 * Hot keys at rest: one secp256k1 private key in a PEM file (PKCS#8, readable by `openssl pkey`) beside
 * `node.key`. A worker's key of a provider's machine, an agent's key of a broker.
 *
 * They sign without asking, so nothing encrypts them: what keeps the loss of one small is what the contracts
 * let it do. A worker can neither take stake nor pay, an agent can spend one deal's budget on providers.
 */

import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { connectivityErrors } from './errors.ts';
import { createSecretFile, loadOrCreate, readSecretFile } from './key-file.ts';
import { type HotSigner, hotSigner } from './typed-data.ts';

/** A secp256k1 key in PEM takes 237 bytes; a larger file is something else. */
const FILE_BYTES_MAX = 4_096;

const CURVE = 'secp256k1';

/**
 * The hot key from its file, made on first use when `create` says so. Rejects with
 * `CONNECTIVITY_KEY_MISSING`, `_KEY_MODE`, `_KEY_OWNER`, `_KEY_INVALID` or `_KEY_UNREADABLE`.
 */
export async function loadHotKey(options: {
  readonly path: string;
  readonly create: boolean;
}): Promise<HotSigner> {
  return loadOrCreate(options, readHotKey, createHotKey);
}

async function createHotKey(path: string): Promise<HotSigner> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: CURVE });
  const signer = signerOfKey(privateKey);
  await createSecretFile(
    path,
    privateKey.export({ format: 'pem', type: 'pkcs8' }),
    signer.account.slice(-12),
  );
  return signer;
}

async function readHotKey(path: string): Promise<HotSigner> {
  const pem = await readSecretFile(path, FILE_BYTES_MAX);
  const key = parsed(path, pem);
  if (key.asymmetricKeyDetails?.namedCurve !== CURVE) {
    throw connectivityErrors.CONNECTIVITY_KEY_INVALID({ path, reason: 'it is another kind of key' });
  }
  return signerOfKey(key);
}

function parsed(path: string, pem: Buffer): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (thrown) {
    throw connectivityErrors.CONNECTIVITY_KEY_INVALID({ path, reason: 'it cannot be parsed' }, thrown);
  }
}

function signerOfKey(privateKey: KeyObject): HotSigner {
  const { d } = privateKey.export({ format: 'jwk' });
  return hotSigner(Buffer.from(String(d), 'base64url'));
}
