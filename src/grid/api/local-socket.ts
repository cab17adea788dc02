/**
 * Where the local API listens: a Unix socket that only its owner can open, and on request a loopback TCP port
 * that only who has the token can use.
 */

import { createHash, timingSafeEqual } from 'node:crypto';
import { lstat, mkdir, readFile, stat, unlink } from 'node:fs/promises';
import type { IncomingMessage, Server } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { once } from 'node:events';
import { gridErrors } from '../errors.ts';

/** `sun_path` of Linux is 108 bytes with its end mark, of macOS and the BSDs 104. */
const SOCKET_PATH_BYTES_MAX = process.platform === 'linux' ? 107 : 103;

/** 32 letters or digits are more than 128 bits when they are drawn by chance: nobody guesses them. */
const TOKEN_CHARACTERS_MIN = 32;

/**
 * Listens on `socket`, mode 0600. What a dead daemon left there is removed; a living one is a fault
 * (`GRID_DAEMON_RUNNING`).
 */
export async function listenOnSocket(server: Server, socket: string): Promise<void> {
  const length = Buffer.byteLength(socket);
  if (length > SOCKET_PATH_BYTES_MAX) {
    throw gridErrors.GRID_SOCKET_PATH_TOO_LONG({ socket, length, lengthMax: SOCKET_PATH_BYTES_MAX });
  }
  await mkdir(dirname(socket), { recursive: true, mode: 0o700 });
  await removeStale(socket);
  const listening = once(server, 'listening');
  // The socket is made inside `listen`: with this mask there is no moment in which others could open it.
  const mask = process.umask(0o177);
  try {
    server.listen({ path: socket });
  } finally {
    process.umask(mask);
  }
  await listening;
}

/** Listens on 127.0.0.1; resolves to the port, which differs from `port` when that is 0. */
export async function listenOnLoopback(server: Server, port: number): Promise<number> {
  server.listen({ host: '127.0.0.1', port });
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** The token in a file that nobody else may read. Rejects with `GRID_TOKEN_FILE_UNSAFE`. */
export async function readToken(file: string): Promise<string> {
  const facts = await stat(file).catch((error: Error) => {
    throw gridErrors.GRID_TOKEN_FILE_UNSAFE({ file, reason: error.message }, error);
  });
  if ((facts.mode & 0o077) !== 0) {
    const mode = (facts.mode & 0o777).toString(8);
    throw gridErrors.GRID_TOKEN_FILE_UNSAFE({ file, reason: `its mode is ${mode}, others may read it` });
  }
  const token = (await readFile(file, 'utf8')).trim();
  if (token.length < TOKEN_CHARACTERS_MIN) {
    const reason = `it has ${token.length} characters, fewer than ${TOKEN_CHARACTERS_MIN}`;
    throw gridErrors.GRID_TOKEN_FILE_UNSAFE({ file, reason });
  }
  return token;
}

/** Whether the request carries the token; takes the same time for every wrong one. */
export function carriesToken(request: IncomingMessage, token: string): boolean {
  const given = /^Bearer (\S{1,512})$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

async function removeStale(socket: string): Promise<void> {
  const found = await lstat(socket).catch(() => undefined);
  if (found === undefined) return;
  if (await answers(socket)) throw gridErrors.GRID_DAEMON_RUNNING({ socket });
  // Anything but a socket is somebody's file; `listen` then fails and says so.
  if (found.isSocket()) await unlink(socket);
}

async function answers(socket: string): Promise<boolean> {
  const probe = connect(socket);
  try {
    await once(probe, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    probe.destroy();
  }
}
