/**
 * Holds decrypted keys in memory, as ssh-agent does, so that a passphrase is typed once in a while and not
 * for each command. It signs for whoever can open its socket, which is this user alone (mode 600).
 *
 * A key is forgotten when its time is over; without a key the agent ends. A key goes in and never comes out.
 */

import { once } from 'node:events';
import { lstat, mkdir, unlink } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { BoundedMap, type Clock, type Milliseconds, SECOND_MS } from '../actors/index.ts';
import { type AccountKey, keyOfHex } from './account.ts';
import { connectivityErrors } from './errors.ts';
import {
  AGENT_REQUEST_BYTES_MAX,
  type AgentAnswer,
  type AgentRequest,
  agentRequest,
  type TypedPayload,
} from './key-agent-wire.ts';
import type { Account, TypedData } from './typed-data.ts';

export interface KeyAgentOptions {
  readonly socket: string;
  readonly clock: Clock;
}

export interface RunningKeyAgent {
  /** Resolves when it has forgotten everything and its socket is gone. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Accounts that one person uses at a time. */
const KEYS_MAX = 16;

/** Whoever started it gives it a key at once; else nobody ever will. */
const FIRST_KEY_MS_MAX = 30 * SECOND_MS;

/** Rejects with `CONNECTIVITY_AGENT_FAILED` when the place is taken or cannot be had. */
export async function startKeyAgent({ socket, clock }: KeyAgentOptions): Promise<RunningKeyAgent> {
  const keys = new BoundedMap<Account, Held>('unlocked keys', KEYS_MAX);
  const server = createServer((request, response) => void serve(request, response, answer));
  await listen(server, socket);
  const ended = new Promise<void>((resolve) => server.once('close', resolve));
  const forget = (account: Account) => {
    keys.delete(account);
    if (keys.size === 0) close();
  };
  const cancelIdle = clock.after(FIRST_KEY_MS_MAX, () => keys.size === 0 && close());
  const close = () => {
    cancelIdle();
    for (const { cancel } of keys.values()) cancel();
    keys.clear();
    server.close();
    server.closeIdleConnections();
  };
  const add = (privateKey: string, forMs: Milliseconds): AgentAnswer => {
    const key = keyOfHex(privateKey);
    keys.get(key.account)?.cancel();
    const cancel = clock.after(forMs, () => forget(key.account));
    if (keys.set(key.account, { key, cancel }) === 'accepted') return list();
    cancel();
    return { type: 'invalid', reason: `it holds ${KEYS_MAX} keys already` };
  };
  const list = (): AgentAnswer => ({ type: 'accounts', accounts: [...keys.keys()] });
  const answer = async (request: AgentRequest): Promise<AgentAnswer> => {
    if (request.type === 'list') return list();
    if (request.type === 'add') return add(request.privateKey, request.forMs);
    if (request.type === 'lock') {
      close();
      return { type: 'accounts', accounts: [] };
    }
    const held = keys.get(request.account);
    return held === undefined ? { type: 'locked' } : signed(held.key, request);
  };
  return { ended, close };
}

interface Held {
  readonly key: AccountKey;
  readonly cancel: () => void;
}

type SignRequest = Extract<AgentRequest, { type: 'signTyped' | 'signTransaction' }>;

async function signed(key: AccountKey, request: SignRequest): Promise<AgentAnswer> {
  try {
    if (request.type === 'signTransaction') {
      return { type: 'signed', signed: await key.signTransaction(request.unsigned) };
    }
    return { type: 'signature', signature: await key.signTyped(typedDataOf(request.payload)) };
  } catch {
    return { type: 'invalid', reason: 'it is nothing that can be signed' };
  }
}

function typedDataOf({ domain, types, message }: TypedPayload): TypedData {
  const { EIP712Domain: _, ...own } = types;
  return { domain, types: own, message };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: AgentRequest) => Promise<AgentAnswer>,
): Promise<void> {
  const said = await answerTo(request, answer);
  response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(said));
}

async function answerTo(
  request: IncomingMessage,
  answer: (request: AgentRequest) => Promise<AgentAnswer>,
): Promise<AgentAnswer> {
  try {
    return await answer(agentRequest.parse(JSON.parse(await bodyOf(request))));
  } catch {
    // Nothing of the request is repeated: it may hold a key.
    return { type: 'invalid', reason: 'it is no request that this version knows' };
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > AGENT_REQUEST_BYTES_MAX) break;
  }
  return bytes > AGENT_REQUEST_BYTES_MAX ? '' : Buffer.concat(chunks).toString();
}

async function listen(server: Server, socket: string): Promise<void> {
  try {
    await mkdir(dirname(socket), { recursive: true, mode: 0o700 });
    await removeDead(socket);
    const listening = once(server, 'listening');
    // The socket is made inside `listen`: with this mask there is no moment in which others could open it.
    const mask = process.umask(0o177);
    try {
      server.listen({ path: socket });
    } finally {
      process.umask(mask);
    }
    await listening;
  } catch (thrown) {
    const reason = (thrown as Error).message;
    throw connectivityErrors.CONNECTIVITY_AGENT_FAILED({ socket, reason }, thrown);
  }
}

/** What a killed agent left. Where a living one answers, `listen` finds the place taken. */
async function removeDead(socket: string): Promise<void> {
  const found = await lstat(socket).catch(() => undefined);
  if (!found?.isSocket()) return;
  const probe = connect(socket);
  const alive = await once(probe, 'connect').then(
    () => true,
    () => false,
  );
  probe.destroy();
  if (!alive) await unlink(socket);
}
