/**
 * What an account's tokens did, as the token's own events on the chain tell it, newest first. For people: no
 * decision is made on it, and it reaches back only so far.
 */

import { Interface } from 'ethers/abi';
import type { Clock } from '../actors/index.ts';
import { type Account, parseAccount } from '../connectivity/index.ts';
import {
  type Asked,
  askBlockTime,
  askChainId,
  askLatest,
  askLogs,
  type ChainLog,
  readAnswer,
} from './chain-wire.ts';
import { resourceErrors } from './errors.ts';
import { type RpcEndpoint, rpcEndpoint } from './json-rpc.ts';
import type { Seconds } from './ledger.ts';

export interface TokenTransfer {
  readonly block: number;
  readonly time: Seconds;
  readonly transaction: string;
  /** Nobody (0x0…0) makes new tokens. */
  readonly from: Account;
  /** Nobody (0x0…0) has burnt ones. */
  readonly to: Account;
  readonly amount: bigint;
}

export interface HistoryOptions {
  /** Asked in this order; the first that answers for the right chain is used. */
  readonly rpc: readonly string[];
  readonly chainId: bigint;
  readonly token: Account;
  readonly account: Account;
  /** Transfers at most. */
  readonly limit: number;
  /** Blocks of one question; by default what public nodes answer without complaint. */
  readonly rangeBlocks?: number;
  readonly clock: Clock;
  /** Ends the asking. */
  readonly signal: AbortSignal;
}

const RANGE_BLOCKS = 5_000;

/** Questions at most: half a million blocks, ten weeks of Ethereum. */
const RANGES_MAX = 100;

const token = new Interface(['event Transfer(address indexed from, address indexed to, uint256 value)']);
const TRANSFER = token.getEvent('Transfer')!.topicHash;

/**
 * Rejects with `RESOURCE_CHAIN_SILENT` when none of the nodes answers for that chain, and with
 * `RESOURCE_ENDPOINT_FAILED` when the one that did fails afterwards.
 */
export async function tokenTransfers(options: HistoryOptions): Promise<readonly TokenTransfer[]> {
  const { limit, rangeBlocks = RANGE_BLOCKS, signal } = options;
  const { endpoint, head } = await firstThatAnswers(options);
  const found: ChainLog[] = [];
  let to = head;
  for (let range = 0; range < RANGES_MAX && to >= 0 && found.length < limit; range++) {
    const from = Math.max(0, to - rangeBlocks + 1);
    found.push(...(await logsWithin(endpoint, options, from, to)));
    to = from - 1;
  }
  const logs = found.slice(0, limit);
  const times = await askAll(
    endpoint,
    logs.map(({ blockNumber }) => askBlockTime(blockNumber)),
    signal,
  );
  return logs.map((log, at) => transferOf(log, times[at] ?? (0 as Seconds)));
}

/** Newest first. */
async function logsWithin(
  endpoint: RpcEndpoint,
  { token, account, signal }: HistoryOptions,
  from: number,
  to: number,
): Promise<readonly ChainLog[]> {
  const topic = `0x${account.slice(2).toLowerCase().padStart(64, '0')}`;
  const ask = (...topics: (string | null)[]) => askLogs([token], from, to, [TRANSFER, ...topics]);
  const [sent = [], received = []] = await askAll(endpoint, [ask(topic), ask(null, topic)], signal);
  const others = received.filter((log) => log.topics[1] !== topic);
  return [...sent, ...others].sort((a, b) => b.blockNumber - a.blockNumber || b.logIndex - a.logIndex);
}

function transferOf({ topics, data, blockNumber, transactionHash }: ChainLog, time: Seconds): TokenTransfer {
  const { args } = token.parseLog({ topics, data })!;
  return {
    block: blockNumber,
    time,
    transaction: transactionHash,
    from: parseAccount(args['from'])!,
    to: parseAccount(args['to'])!,
    amount: args['value'],
  };
}

async function askAll<Value>(
  endpoint: RpcEndpoint,
  asked: readonly Asked<Value>[],
  signal: AbortSignal,
): Promise<readonly Value[]> {
  const answers = await endpoint.ask(asked, signal);
  return asked.map((question, at) => readAnswer(question, answers[at]!, endpoint));
}

async function firstThatAnswers({
  rpc,
  chainId,
  clock,
  signal,
}: HistoryOptions): Promise<{ readonly endpoint: RpcEndpoint; readonly head: number }> {
  let reason = 'no node is named';
  for (const url of rpc) {
    const endpoint = rpcEndpoint(url, clock);
    try {
      const answers = await endpoint.ask([askChainId, askLatest], signal);
      if (readAnswer(askChainId, answers[0]!, endpoint) === chainId) {
        return { endpoint, head: readAnswer(askLatest, answers[1]!, endpoint).number };
      }
      reason = `${endpoint.name} is of another chain`;
    } catch (thrown) {
      signal.throwIfAborted();
      reason = (thrown as Error).message;
    }
  }
  throw resourceErrors.RESOURCE_CHAIN_SILENT({ reason });
}
