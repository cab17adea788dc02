/**
 * What a chain's nodes say, as a schema at the edge, and the questions that lead to it. Members that are not
 * used are not looked at: nodes of different chains have different ones.
 */

import { z } from 'zod';
import { SECOND_MS } from '../actors/index.ts';
import type { Account, RawTransaction } from '../connectivity/index.ts';
import { resourceErrors } from './errors.ts';
import type { ChainHash, Mined } from './intent-machine.ts';
import type { Head } from './intent-watch.ts';
import type { Answer, Question, RpcEndpoint } from './json-rpc.ts';
import type { Seconds } from './ledger.ts';

/** Safe as a number: heights, nonces, times. */
const count = z
  .string()
  .regex(/^0x[0-9a-f]{1,13}$/)
  .transform(Number);
const quantity = z
  .string()
  .regex(/^0x[0-9a-f]{1,64}$/)
  .transform(BigInt);
const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((text) => text.toLowerCase());
const data = z.string().regex(/^0x([0-9a-f]{2})*$/);

/** Where a node has no opinion: 1 gwei, with which Ethereum's blocks are rarely full of better offers. */
const TIP = 1_000_000_000n;

const blockSchema = z.object({ number: count, hash, timestamp: count, baseFeePerGas: quantity.optional() });
type Block = z.output<typeof blockSchema>;

const receiptSchema = z
  .object({
    transactionHash: hash,
    blockNumber: count,
    blockHash: hash,
    status: z.enum(['0x0', '0x1']),
    gasUsed: quantity,
  })
  .nullable();

const fullBlockSchema = z
  .object({ transactions: z.array(z.object({ hash, from: address, nonce: count })) })
  .nullable();

const logSchema = z.object({
  address,
  topics: z.array(hash).max(4),
  data,
  blockNumber: count,
  transactionHash: hash,
  logIndex: count,
});

export type ChainLog = z.output<typeof logSchema>;
type BlockTag = number | 'latest' | 'pending';

/** What is called: as a transaction would, or only to look. */
export interface CallRequest {
  readonly from?: Account;
  readonly to: Account;
  readonly data: string;
  /** Wei that go with it. */
  readonly value?: string;
}

/** A question, and how its answer is read. */
export interface Asked<Value> extends Question {
  readonly schema: z.ZodType<Value>;
}

export const askChainId: Asked<bigint> = { method: 'eth_chainId', params: [], schema: quantity };
export const askLatest: Asked<Block> = {
  method: 'eth_getBlockByNumber',
  params: ['latest', false],
  schema: blockSchema,
};
export const askTip: Asked<bigint> = { method: 'eth_maxPriorityFeePerGas', params: [], schema: quantity };

export function askCode(contract: Account): Asked<string> {
  return { method: 'eth_getCode', params: [contract, 'latest'], schema: data };
}

export function askCount(account: Account, block: BlockTag): Asked<number> {
  return { method: 'eth_getTransactionCount', params: [account, tag(block)], schema: count };
}

export function askEther(account: Account, block: BlockTag): Asked<bigint> {
  return { method: 'eth_getBalance', params: [account, tag(block)], schema: quantity };
}

export function askReceipt(transaction: ChainHash): Asked<Mined | null> {
  const schema = receiptSchema.transform((receipt): Mined | null => {
    if (receipt === null) return null;
    const { transactionHash, blockNumber, blockHash, status, gasUsed } = receipt;
    return { hash: transactionHash, block: blockNumber, blockHash, succeeded: status === '0x1', gasUsed };
  });
  const ours = schema.refine((mined) => mined === null || mined.hash === transaction, 'of another one');
  return { method: 'eth_getTransactionReceipt', params: [transaction], schema: ours };
}

export function askBlockHash(block: number): Asked<ChainHash | undefined> {
  const schema = blockSchema.nullable().transform((found) => found?.hash);
  return { method: 'eth_getBlockByNumber', params: [tag(block), false], schema };
}

export function askBlockTime(block: number): Asked<Seconds | undefined> {
  const schema = blockSchema.nullable().transform((found) => found?.timestamp as Seconds | undefined);
  return { method: 'eth_getBlockByNumber', params: [tag(block), false], schema };
}

export function askFullBlock(block: number): Asked<z.output<typeof fullBlockSchema>> {
  return { method: 'eth_getBlockByNumber', params: [tag(block), true], schema: fullBlockSchema };
}

export function askGas(call: CallRequest): Asked<bigint> {
  return { method: 'eth_estimateGas', params: [call], schema: quantity };
}

export function askCall(call: CallRequest, block: BlockTag): Asked<string> {
  return { method: 'eth_call', params: [call, tag(block)], schema: data };
}

/** All, or those with these `topics` in their places; `null`: whatever is there. */
export function askLogs(
  addresses: readonly Account[],
  from: number,
  to: number,
  topics?: readonly (string | null)[],
): Asked<readonly ChainLog[]> {
  const filter = { address: addresses, fromBlock: tag(from), toBlock: tag(to), ...(topics && { topics }) };
  return { method: 'eth_getLogs', params: [filter], schema: z.array(logSchema) };
}

export function askSend(raw: RawTransaction): Asked<string> {
  return { method: 'eth_sendRawTransaction', params: [raw], schema: hash };
}

/** Throws a refusal, and what does not fit the schema, as `RESOURCE_ENDPOINT_FAILED`. */
export function readAnswer<Value>(
  { method, schema }: Asked<Value>,
  answer: Answer,
  endpoint: RpcEndpoint,
): Value {
  const fault = (reason: string) =>
    resourceErrors.RESOURCE_ENDPOINT_FAILED({ endpoint: endpoint.name, reason: `${method}: ${reason}` });
  if (answer.refusal !== undefined) throw fault(answer.refusal.message);
  const parsed = schema.safeParse(answer.result);
  if (!parsed.success) throw fault('an answer of another form');
  return parsed.data;
}

/** One question, one value. */
export async function askOne<Value>(
  endpoint: RpcEndpoint,
  asked: Asked<Value>,
  signal: AbortSignal,
): Promise<Value> {
  const [answer] = await endpoint.ask([asked], signal);
  return readAnswer(asked, answer!, endpoint);
}

/** Chains without a fee market of their own have no base fee. */
export function headOf(block: Block, tip: Answer): Head {
  const suggested = askTip.schema.safeParse(tip.result);
  return {
    number: block.number,
    hash: block.hash,
    timeMs: block.timestamp * SECOND_MS,
    fee: { baseFee: block.baseFeePerGas ?? 0n, tip: suggested.success ? suggested.data : TIP },
  };
}

/** A number as the wire has it. */
export function quantityOf(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

function tag(block: BlockTag): string {
  return typeof block === 'number' ? quantityOf(block) : block;
}
