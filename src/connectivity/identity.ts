/**
 * Keys at rest: one Ed25519 private key in a PEM file (PKCS#8, readable by `openssl pkey`). The same form
 * serves nodes, owners and authors.
 *
 * A key file is a plain file of this user that nobody else can read, checked on the open file, so that it
 * cannot be exchanged between check and use. It is created whole or not at all, and never overwritten.
 */

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { toFault } from '../actors/index.ts';
import type { PeerId } from './channel.ts';
import { connectivityErrors } from './errors.ts';
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

const MODE = 0o600;
const MODE_OTHERS = 0o077;

/**
 * The node's identity from its file, made on first use when `create` says so.
 * Rejects with `CONNECTIVITY_KEY_MISSING`, or as `loadKeyFile` does.
 */
export async function loadIdentity(options: {
  readonly path: string;
  readonly create: boolean;
}): Promise<Identity> {
  const { path, create } = options;
  try {
    return await loadKeyFile(path);
  } catch (thrown) {
    if (!create || codeOf(thrown) !== 'CONNECTIVITY_KEY_MISSING') throw thrown;
  }
  try {
    return await createKeyFile(path);
  } catch (thrown) {
    // Another process was first: its key is as good.
    if (codeOf(thrown) === 'CONNECTIVITY_KEY_EXISTS') return loadKeyFile(path);
    throw thrown;
  }
}

/** Makes a key and its file, with mode 600. Rejects with `CONNECTIVITY_KEY_EXISTS` when there is a file. */
export async function createKeyFile(path: string): Promise<Identity> {
  const identity = newIdentity();
  // The id of the new key makes the name unique; a leftover of a crash is harmless and never taken for the
  // key.
  const draft = `${path}.${identity.peer.slice(-12)}.new`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeDraft(draft, identity.privateKey);
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
  try {
    // A link fails where a rename would overwrite.
    await link(draft, path);
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') throw connectivityErrors.CONNECTIVITY_KEY_EXISTS({ path }, thrown);
    throw unreadable(path, thrown);
  } finally {
    await unlink(draft);
  }
  return identity;
}

/**
 * Rejects with `CONNECTIVITY_KEY_MISSING`, `_KEY_MODE`, `_KEY_OWNER`, `_KEY_INVALID` or `_KEY_UNREADABLE`,
 * each with what to do.
 */
export async function loadKeyFile(path: string): Promise<Identity> {
  const file = await openKey(path);
  try {
    await checkFile(path, file);
    return parseKey(path, await readStart(file));
  } catch (thrown) {
    throw unreadable(path, thrown);
  } finally {
    await file.close();
  }
}

/** A fresh identity that is in no file: for tests, and for the moment before one is written. */
export function newIdentity(): Identity {
  return identityOf(generateKeyPairSync('ed25519').privateKey);
}

async function writeDraft(draft: string, privateKey: KeyObject): Promise<void> {
  const file = await open(draft, 'wx', MODE);
  try {
    await file.writeFile(privateKey.export({ format: 'pem', type: 'pkcs8' }));
    await file.sync();
  } finally {
    await file.close();
  }
}

async function openKey(path: string): Promise<FileHandle> {
  try {
    // Non-blocking, so that a named pipe put in its place does not hang the daemon.
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === 'ENOENT') throw connectivityErrors.CONNECTIVITY_KEY_MISSING({ path }, thrown);
    if (code === 'ELOOP') {
      throw connectivityErrors.CONNECTIVITY_KEY_OWNER({ path, found: 'a symbolic link' }, thrown);
    }
    throw unreadable(path, thrown);
  }
}

async function checkFile(path: string, file: FileHandle): Promise<void> {
  const stat = await file.stat();
  const { uid, mode } = stat;
  if (!stat.isFile()) {
    throw connectivityErrors.CONNECTIVITY_KEY_OWNER({ path, found: 'no file' });
  }
  if (uid !== process.getuid?.()) {
    throw connectivityErrors.CONNECTIVITY_KEY_OWNER({ path, found: `owned by user ${uid}` });
  }
  if ((mode & MODE_OTHERS) !== 0) {
    const digits = (mode & 0o777).toString(8).padStart(3, '0');
    throw connectivityErrors.CONNECTIVITY_KEY_MODE({ path, mode: digits });
  }
}

async function readStart(file: FileHandle): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(FILE_BYTES_MAX), 0, FILE_BYTES_MAX, 0);
  return buffer.subarray(0, bytesRead);
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

function unreadable(path: string, thrown: unknown) {
  return toFault(thrown, (details, cause) =>
    connectivityErrors.CONNECTIVITY_KEY_UNREADABLE({ ...details, path }, cause),
  );
}

function codeOf(thrown: unknown): unknown {
  return (thrown as { readonly code?: unknown } | null)?.code;
}
