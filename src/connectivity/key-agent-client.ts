/**
 * The way to the agent that holds unlocked keys, and to start one. Where there is none, every account is
 * locked.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { extname } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Milliseconds } from '../actors/index.ts';
import type { AccountKey } from './account.ts';
import { connectivityErrors } from './errors.ts';
import type { AgentAnswer, AgentRequest, TypedPayload } from './key-agent-wire.ts';
import { type Account, type AccountSigner, typedPayload } from './typed-data.ts';

export interface KeyAgent {
  /** Those it signs for; none when there is no agent. */
  accounts(): Promise<readonly Account[]>;
  /** Gives it a key for that long, anew for one that it has. Starts an agent where there is none. */
  unlock(key: AccountKey, forMs: Milliseconds): Promise<void>;
  /** It forgets everything and ends. False when there is none. */
  lock(): Promise<boolean>;
  /** Rejects with `CONNECTIVITY_ACCOUNT_LOCKED` when the key is there no more. */
  signer(account: Account): AccountSigner;
}

/** This file's own ending: `.ts` in the sources, `.js` once built. */
const PROGRAM = fileURLToPath(new URL(`./key-agent-process${extname(import.meta.url)}`, import.meta.url));

/** Each call rejects with `CONNECTIVITY_AGENT_FAILED` when what answers at the socket is no agent. */
export function keyAgent(socket: string): KeyAgent {
  const ask = async (question: AgentRequest): Promise<AgentAnswer | undefined> => {
    const answer = await exchange(socket, question);
    if (answer?.type === 'invalid') {
      throw connectivityErrors.CONNECTIVITY_AGENT_FAILED({ socket, reason: answer.reason });
    }
    return answer;
  };
  const locked = (account: Account) => connectivityErrors.CONNECTIVITY_ACCOUNT_LOCKED({ account });
  return {
    async accounts() {
      const answer = await ask({ type: 'list' });
      return answer?.type === 'accounts' ? answer.accounts : [];
    },
    async unlock(key, forMs) {
      if ((await ask({ type: 'list' })) === undefined) await startProcess(socket);
      await ask({ type: 'add', privateKey: key.reveal().privateKey, forMs });
    },
    async lock() {
      return (await ask({ type: 'lock' })) !== undefined;
    },
    signer: (account) => ({
      account,
      async signTyped(data) {
        const payload = typedPayload(data) as TypedPayload;
        const answer = await ask({ type: 'signTyped', account, payload });
        if (answer?.type === 'signature') return answer.signature;
        throw locked(account);
      },
      async signTransaction(unsigned) {
        const answer = await ask({ type: 'signTransaction', account, unsigned });
        if (answer?.type === 'signed') return answer.signed;
        throw locked(account);
      },
    }),
  };
}

/** Undefined when nobody is there. */
async function exchange(socket: string, question: AgentRequest): Promise<AgentAnswer | undefined> {
  const call = request({ socketPath: socket, method: 'POST', path: '/' });
  call.end(JSON.stringify(question));
  try {
    const [response] = await once(call, 'response');
    return (await json(response)) as AgentAnswer;
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined;
    throw connectivityErrors.CONNECTIVITY_AGENT_FAILED({ socket, reason: message });
  }
}

/** In a session of its own, with nothing of this process but a pipe to say that it is ready. */
async function startProcess(socket: string): Promise<void> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, socket], {
    detached: true,
    cwd: '/',
    env: {},
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [word] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  child.stdout.destroy();
  child.unref();
  if (String(word) !== 'ready\n') {
    throw connectivityErrors.CONNECTIVITY_AGENT_FAILED({ socket, reason: 'it did not start' });
  }
}
