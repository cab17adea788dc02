/**
 * One endpoint of a chain: JSON-RPC 2.0 over HTTP, in batches, so that what belongs together is asked at one
 * time and costs one round trip.
 *
 * Whoever answers is not trusted: an answer is bounded in bytes and time, and what is not JSON-RPC is a fault
 * that names the endpoint. The provider of `ethers` is not used because it calls every refused `eth_call` a
 * revert (a rate limit too), waits by timers of its own, and reads answers without an end; its encoding,
 * hashing and signing are used everywhere.
 */

import { z } from 'zod';
import { type Clock, MIB, type Milliseconds, SECOND_MS } from '../actors/index.ts';
import { resourceErrors } from './errors.ts';

export interface Question {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What a node says no with. `data` is what a contract reverted with, if it did. */
export interface RpcRefusal {
  readonly code: number;
  readonly message: string;
  readonly data: string | undefined;
}

export type Answer =
  | { readonly result: unknown; readonly refusal?: undefined }
  | { readonly result?: undefined; readonly refusal: RpcRefusal };

export interface RpcEndpoint {
  /** For people; without path and query, where providers put their keys. */
  readonly name: string;
  /** One answer for each question, in their order. Rejects with `RESOURCE_ENDPOINT_FAILED`. */
  ask(questions: readonly Question[], signal: AbortSignal): Promise<readonly Answer[]>;
}

/** Questions of one request: what every public node takes. */
const BATCH_MAX = 100;
/** A node that is there answers within a second; this is for a bad line. */
const ANSWER_MS_MAX: Milliseconds = 15 * SECOND_MS;
/** A full block with its transactions has about a megabyte as JSON; logs are asked for in ranges. */
const ANSWER_BYTES_MAX = 32 * MIB;
/** Letters of what an endpoint says that reach a log. */
const REASON_LENGTH_MAX = 200;

const refusalSchema = z.object({ code: z.int(), message: z.string(), data: z.unknown().optional() });
const batchSchema = z.array(
  z.object({ id: z.int(), result: z.unknown().optional(), error: refusalSchema.optional() }),
);

export function rpcEndpoint(url: string, clock: Clock): RpcEndpoint {
  const name = new URL(url).origin;
  const askBatch = async (questions: readonly Question[], signal: AbortSignal) => {
    const limit = new AbortController();
    const tooLong = () => limit.abort(new TypeError(`no answer in ${ANSWER_MS_MAX} ms`));
    const cancel = clock.after(ANSWER_MS_MAX, tooLong);
    try {
      const text = await post(url, batchOf(questions), AbortSignal.any([signal, limit.signal]));
      return inOrder(batchSchema.parse(JSON.parse(text)), questions.length);
    } catch (thrown) {
      signal.throwIfAborted();
      const reason = shortened(reasonOf(thrown));
      throw resourceErrors.RESOURCE_ENDPOINT_FAILED({ endpoint: name, reason }, thrown);
    } finally {
      cancel();
    }
  };
  return {
    name,
    async ask(questions, signal) {
      const answers: Answer[] = [];
      for (let from = 0; from < questions.length; from += BATCH_MAX) {
        answers.push(...(await askBatch(questions.slice(from, from + BATCH_MAX), signal)));
      }
      return answers;
    },
  };
}

function batchOf(questions: readonly Question[]): string {
  return JSON.stringify(questions.map(({ method, params }, id) => ({ jsonrpc: '2.0', id, method, params })));
}

/** `fetch` says no more than that it failed; its cause says why. */
function reasonOf(thrown: unknown): string {
  if (thrown instanceof z.ZodError || thrown instanceof SyntaxError) return 'its answer is not JSON-RPC';
  if (!(thrown instanceof Error)) return String(thrown);
  const { cause, message } = thrown;
  if (!(cause instanceof Error)) return message;
  return cause.message !== '' ? cause.message : ((cause as NodeJS.ErrnoException).code ?? message);
}

function shortened(text: string): string {
  return text.length > REASON_LENGTH_MAX ? `${text.slice(0, REASON_LENGTH_MAX)}…` : text;
}

async function post(url: string, body: string, signal: AbortSignal): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body, signal });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels what is still to come.
    if (bytes > ANSWER_BYTES_MAX) throw new TypeError(`an answer of more than ${ANSWER_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  if (!response.ok) throw new TypeError(`HTTP status ${response.status}`);
  return Buffer.concat(chunks).toString('utf8');
}

function inOrder(answers: z.output<typeof batchSchema>, count: number): readonly Answer[] {
  const byId = new Map(answers.map((answer) => [answer.id, answer]));
  return Array.from({ length: count }, (_, id): Answer => {
    const answer = byId.get(id);
    if (answer === undefined) throw new TypeError('a question of a batch was not answered');
    const { result, error } = answer;
    if (error === undefined) return { result };
    const { code, message, data } = error;
    return { refusal: { code, message: shortened(message), data: revertData(data) } };
  });
}

/** Nodes nest it differently: as it is, or under `data` of an object. */
function revertData(data: unknown): string | undefined {
  if (typeof data === 'string') return /^0x([0-9a-f]{2})*$/i.test(data) ? data : undefined;
  const nested = typeof data === 'object' && data !== null && 'data' in data ? data.data : undefined;
  return typeof nested === 'string' ? revertData(nested) : undefined;
}
