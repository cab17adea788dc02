/**
 * A chain node between the ledger and a real one, which does what nodes do on bad days: it can be cut, hang,
 * babble, lag behind, or answer single questions in its own way.
 */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface ProxyQuestion {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

export interface ProxyAnswer {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** Answers by itself, or asks the chain: `ask` takes the question as it should be asked there. */
export type Rule = (
  question: ProxyQuestion,
  ask: (question: ProxyQuestion) => Promise<ProxyAnswer>,
) => Promise<ProxyAnswer> | ProxyAnswer;

export interface RpcProxy {
  readonly url: string;
  mode: 'up' | 'cut' | 'hangs' | 'babbles';
  rule: Rule;
  /** How often each method was asked. */
  readonly asked: Map<string, number>;
  /** Called with the method of each question that was answered. */
  readonly ears: Set<(method: string) => void>;
  stop(): Promise<void>;
}

export const honest: Rule = (question, ask) => ask(question);

export async function startProxy(upstream: string): Promise<RpcProxy> {
  const asked = new Map<string, number>();
  const ears: RpcProxy['ears'] = new Set();
  const server = createServer();
  const proxy = { url: '', mode: 'up' as RpcProxy['mode'], rule: honest, asked, ears, stop };
  const answer = async (question: ProxyQuestion) => {
    asked.set(question.method, (asked.get(question.method) ?? 0) + 1);
    const { result, error } = await proxy.rule(question, (asked) => askUpstream(upstream, asked));
    for (const ear of [...ears]) ear(question.method);
    return { jsonrpc: '2.0', id: question.id, ...(error === undefined ? { result } : { error }) };
  };
  server.on('request', async (request, response) => {
    const questions: readonly ProxyQuestion[] = JSON.parse(await text(request));
    if (proxy.mode === 'cut') return response.destroy();
    if (proxy.mode === 'hangs') return;
    if (proxy.mode === 'babbles') return response.end('<html>We are down for maintenance</html>');
    try {
      response.end(JSON.stringify(await Promise.all(questions.map(answer))));
    } catch {
      response.destroy();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;

  async function stop(): Promise<void> {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}

/** A node that knows the chain up to a block, and nothing of what waits. */
export function behind(block: number): Rule {
  const tag = `0x${block.toString(16)}`;
  return async (question, ask) => {
    const { method, params } = question;
    const isNew = params.some(
      (param) => typeof param === 'string' && /^0x[0-9a-f]{1,8}$/.test(param) && Number(param) > block,
    );
    if (isNew) return { error: { code: -32_000, message: 'header not found' } };
    const answer = await ask({
      ...question,
      params: params.map((param) => (param === 'latest' || param === 'pending' ? tag : param)),
    });
    const found = answer.result as { blockNumber?: string } | null;
    const isUnknown = method === 'eth_getTransactionReceipt' && Number(found?.blockNumber) > block;
    return isUnknown ? { result: null } : answer;
  };
}

async function askUpstream(url: string, question: ProxyQuestion): Promise<ProxyAnswer> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ jsonrpc: '2.0', ...question });
  const response = await fetch(url, { method: 'POST', headers, body });
  return (await response.json()) as ProxyAnswer;
}
