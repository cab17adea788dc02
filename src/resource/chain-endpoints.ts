/**
 * The endpoints of one chain: which of them is asked, and whether it can be believed at all.
 *
 * All are asked for their head at each look, and the one with the highest block answers everything of that
 * look, so that its answers belong together; one that lags is asked only when no other is there. An endpoint
 * of another chain, or of one where the contracts have no code, is never believed. Slow ones hold up nobody:
 * once one has answered, the others get a moment more.
 *
 * There is no quorum. Confirmations are for branches that do not last; against an endpoint that lies the
 * owner's cure is to name one of their own. `FallbackProvider` of `ethers` mixes answers of different heads,
 * which is how a lagging endpoint makes a mined transaction vanish.
 */

import type { Clock, Inspector, Milliseconds } from '../actors/index.ts';
import type { Account, RawTransaction } from '../connectivity/index.ts';
import { askChainId, askCode, askLatest, askSend, askTip, headOf, readAnswer } from './chain-wire.ts';
import { resourceErrors } from './errors.ts';
import type { Head } from './intent-watch.ts';
import { type Answer, type RpcEndpoint, rpcEndpoint } from './json-rpc.ts';

export interface ChainSight {
  readonly endpoint: RpcEndpoint;
  readonly head: Head;
}

export interface ChainEndpoints {
  /** The best endpoint now. Rejects with `RESOURCE_CHAIN_SILENT` where none can be used. */
  look(signal: AbortSignal): Promise<ChainSight>;
  /** Tries the endpoints that can be used, the best first, until one does not fail. */
  try<Value>(attempt: (endpoint: RpcEndpoint) => Promise<Value>): Promise<Value>;
  /** Gives a transaction to all that can be used: a pool that loses it is not the only one that had it. */
  broadcast(raw: RawTransaction, signal: AbortSignal): Promise<void>;
}

export interface EndpointsOptions {
  readonly rpc: readonly string[];
  readonly chainId: bigint;
  /** They have code, or the chain is another one than it is taken for. */
  readonly contracts: readonly Account[];
  readonly clock: Clock;
  readonly inspect: Inspector;
}

/** What the others get once one has answered: an ocean's round trip, and time to be ahead by a block. */
const GRACE_MS: Milliseconds = 300;

interface Node {
  readonly endpoint: RpcEndpoint;
  /** The question for its head; there is one at a time. */
  pending: Promise<void> | undefined;
  hasContracts: boolean;
  head: Head | undefined;
  /** Why it cannot be used, or `undefined`. */
  fault: string | undefined;
  /** Why it did not take the last transaction, or `undefined`. */
  refusal: string | undefined;
}

export function chainEndpoints(options: EndpointsOptions): ChainEndpoints {
  return new Endpoints(options);
}

class Endpoints implements ChainEndpoints {
  readonly #options: EndpointsOptions;
  readonly #nodes: readonly Node[];

  constructor(options: EndpointsOptions) {
    this.#options = options;
    this.#nodes = options.rpc.map((url) => ({
      endpoint: rpcEndpoint(url, options.clock),
      pending: undefined,
      hasContracts: false,
      head: undefined,
      fault: 'it has not answered yet',
      refusal: undefined,
    }));
  }

  async look(signal: AbortSignal): Promise<ChainSight> {
    const late = this.#nodes.flatMap(({ pending }) => pending ?? []);
    const asked = this.#nodes.flatMap((node) => {
      if (node.pending !== undefined) return [];
      node.pending = this.#ask(node, signal).finally(() => {
        node.pending = undefined;
      });
      return node.pending;
    });
    await this.#enough(asked, late);
    signal.throwIfAborted();
    const [best] = this.#answered();
    if (best?.head === undefined) throw resourceErrors.RESOURCE_CHAIN_SILENT({ reason: this.#reasons() });
    return { endpoint: best.endpoint, head: best.head };
  }

  async try<Value>(attempt: (endpoint: RpcEndpoint) => Promise<Value>): Promise<Value> {
    let last: unknown = resourceErrors.RESOURCE_CHAIN_SILENT({ reason: this.#reasons() });
    for (const { endpoint } of this.#usable()) {
      try {
        return await attempt(endpoint);
      } catch (thrown) {
        last = thrown;
      }
    }
    throw last;
  }

  /**
   * A refusal is no news: the next look shows whether the transaction was mined, and until then it is sent
   * again. It is told to people, who may have to pay for gas; once, as long as it is the same.
   */
  async broadcast(raw: RawTransaction, signal: AbortSignal): Promise<void> {
    const sends = this.#usable().map(async (node) => {
      const [answer] = await node.endpoint.ask([askSend(raw)], signal).catch(() => []);
      if (answer === undefined) return;
      const message = answer.refusal?.message;
      const reason = message === undefined || isKnownAlready(message) ? undefined : message;
      const isNew = reason !== node.refusal;
      node.refusal = reason;
      if (reason === undefined || !isNew) return;
      const details = { endpoint: node.endpoint.name, reason };
      this.#options.inspect({ topic: 'ledger.send-refused', level: 'warn', details });
    });
    await Promise.all(sends);
  }

  /** Highest first; in the order of the configuration where they are level. */
  #usable(): readonly Node[] {
    return this.#nodes
      .filter(({ fault }) => fault === undefined)
      .sort((left, right) => (right.head?.number ?? 0) - (left.head?.number ?? 0));
  }

  /** Of those, the ones whose head is not of an earlier look. */
  #answered(): readonly Node[] {
    return this.#usable().filter(({ pending }) => pending === undefined);
  }

  #reasons(): string {
    return this.#nodes.map(({ endpoint, fault }) => `${endpoint.name}: ${fault ?? 'it is slow'}`).join('; ');
  }

  /**
   * Until all have answered, or one has, with something to use, and the others had their moment. Those that
   * are late since an earlier look had theirs.
   */
  async #enough(asked: readonly Promise<void>[], late: readonly Promise<void>[]): Promise<void> {
    const all = Promise.all(asked);
    const first = new Promise<void>((resolve) => {
      for (const look of [...asked, ...late]) void look.then(() => this.#answered().length > 0 && resolve());
    });
    await Promise.race([Promise.all([all, ...late]), first]);
    let cancel = () => {};
    const grace = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(GRACE_MS, resolve);
    });
    await Promise.race([all, grace]);
    cancel();
  }

  async #ask(node: Node, signal: AbortSignal): Promise<void> {
    const code = node.hasContracts ? [] : this.#options.contracts.map(askCode);
    const before = node.fault;
    try {
      const answers = await node.endpoint.ask([askChainId, askLatest, askTip, ...code], signal);
      node.fault = this.#flaw(node, answers);
      if (node.fault === undefined) {
        node.head = headOf(readAnswer(askLatest, answers[1]!, node.endpoint), answers[2]!);
        node.hasContracts = true;
      }
    } catch (thrown) {
      node.fault = thrown instanceof Error ? thrown.message : String(thrown);
    }
    if (node.fault === before || signal.aborted) return;
    const details = { endpoint: node.endpoint.name, reason: node.fault ?? null };
    const level = node.fault === undefined ? 'info' : 'warn';
    this.#options.inspect({ topic: 'ledger.endpoint', level, details });
  }

  #flaw({ endpoint }: Node, [chainId, , , ...code]: readonly Answer[]): string | undefined {
    const { chainId: wanted, contracts } = this.#options;
    const found = readAnswer(askChainId, chainId!, endpoint);
    if (found !== wanted) return `it is of chain ${found}, not ${wanted}`;
    for (const [place, answer] of code.entries()) {
      const contract = contracts[place]!;
      if (readAnswer(askCode(contract), answer, endpoint) === '0x')
        return `there is no contract at ${contract}`;
    }
    return undefined;
  }
}

/** What nodes say to a transaction that they have, or have mined: geth and anvil, in their words. */
function isKnownAlready(message: string): boolean {
  return /already (?:known|imported)|nonce too low/i.test(message);
}
