/**
 * What an account's tokens did, as the token's own events on the chain tell it, newest first. For people: no
 * decision is made on it, and it reaches back only so far.
 */

import { Interface } from 'ethers/abi';
import type { JsonRpcProvider, Log } from 'ethers/providers';
import { FetchRequest, toQuantity, zeroPadValue } from 'ethers/utils';
import { SECOND_MS } from '../actors/index.ts';
import { type Account, parseAccount } from '../connectivity/index.ts';
import { resourceErrors } from './errors.ts';
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
}

const RANGE_BLOCKS = 5_000;

/** Questions at most: half a million blocks, ten weeks of Ethereum. */
const RANGES_MAX = 100;

/** A node that is there answers within a second; this is for a bad line. */
const ANSWER_MS_MAX = 15 * SECOND_MS;

const token = new Interface(['event Transfer(address indexed from, address indexed to, uint256 value)']);
const TRANSFER = token.getEvent('Transfer')!.topicHash;

/** Rejects with `RESOURCE_CHAIN_SILENT` when none of the nodes answers for that chain. */
export async function tokenTransfers(options: HistoryOptions): Promise<readonly TokenTransfer[]> {
  const { limit, rangeBlocks = RANGE_BLOCKS } = options;
  const { provider, head } = await firstThatAnswers(options);
  try {
    const logs: Log[] = [];
    let to = head;
    for (let range = 0; range < RANGES_MAX && to >= 0 && logs.length < limit; range++) {
      const from = Math.max(0, to - rangeBlocks + 1);
      logs.push(...(await logsWithin(provider, options, from, to)));
      to = from - 1;
    }
    return await Promise.all(logs.slice(0, limit).map((log) => transferOf(provider, log)));
  } finally {
    provider.destroy();
  }
}

/** Newest first. */
async function logsWithin(
  provider: JsonRpcProvider,
  { token, account }: HistoryOptions,
  fromBlock: number,
  toBlock: number,
): Promise<readonly Log[]> {
  const topic = zeroPadValue(account, 32);
  const ask = (...topics: (string | null)[]) =>
    provider.getLogs({ address: token, fromBlock, toBlock, topics: [TRANSFER, ...topics] });
  const [sent, received] = await Promise.all([ask(topic), ask(null, topic)]);
  const others = received.filter((log) => log.topics[1] !== topic.toLowerCase());
  return [...sent, ...others].sort((a, b) => b.blockNumber - a.blockNumber || b.index - a.index);
}

async function transferOf(provider: JsonRpcProvider, log: Log): Promise<TokenTransfer> {
  const { args } = token.parseLog(log)!;
  const block = await provider.getBlock(log.blockNumber);
  return {
    block: log.blockNumber,
    time: (block?.timestamp ?? 0) as Seconds,
    transaction: log.transactionHash,
    from: parseAccount(args['from'])!,
    to: parseAccount(args['to'])!,
    amount: args['value'],
  };
}

async function firstThatAnswers({
  rpc,
  chainId,
}: HistoryOptions): Promise<{ readonly provider: JsonRpcProvider; readonly head: number }> {
  let reason = 'no node is named';
  // Here and not above: a node never needs it, and would load all transports of ethers at its start.
  const { JsonRpcProvider } = await import('ethers/providers');
  for (const url of rpc) {
    const request = new FetchRequest(url);
    request.timeout = ANSWER_MS_MAX;
    const provider = new JsonRpcProvider(request, chainId, { staticNetwork: true, cacheTimeout: -1 });
    try {
      const found: unknown = await provider.send('eth_chainId', []);
      if (found === toQuantity(chainId)) {
        return { provider, head: await provider.getBlockNumber() };
      }
      reason = `${url} is of another chain`;
    } catch (thrown) {
      reason = (thrown as { shortMessage?: string }).shortMessage ?? (thrown as Error).message;
    }
    provider.destroy();
  }
  throw resourceErrors.RESOURCE_CHAIN_SILENT({ reason });
}
