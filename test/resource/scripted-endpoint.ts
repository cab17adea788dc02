/** A chain node that answers as it is told to, and remembers what it was asked. */

import type { Question, RpcEndpoint, RpcRefusal } from '../../src/resource/json-rpc.ts';
import type { ChainSight } from '../../src/resource/chain-endpoints.ts';
import { word } from './deal-papers.ts';

export class Refusal {
  readonly said: RpcRefusal;

  constructor(said: Partial<RpcRefusal>) {
    this.said = { code: 3, message: 'execution reverted', data: undefined, ...said };
  }
}

export interface ScriptedEndpoint extends RpcEndpoint {
  /** What was asked, a list for each time. */
  readonly asked: (readonly Question[])[];
}

export const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

/** `answer` gives the result of a question, or a refusal. */
export function scriptedEndpoint(
  answer: (method: string, params: readonly unknown[]) => unknown,
): ScriptedEndpoint {
  const asked: (readonly Question[])[] = [];
  return {
    name: 'http://scripted',
    asked,
    async ask(questions) {
      asked.push(questions);
      return questions.map(({ method, params }) => {
        const result = answer(method, params);
        return result instanceof Refusal ? { refusal: result.said } : { result };
      });
    },
  };
}

/** Of an endpoint whose newest block has this number. */
export function sightOf(endpoint: RpcEndpoint, number: number): ChainSight {
  return { endpoint, head: { number, hash: word(number), timeMs: 0, fee: { baseFee: 100n, tip: 1n } } };
}
