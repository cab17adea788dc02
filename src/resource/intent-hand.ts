/**
 * The hand of an account: does what `due` says, by asking an endpoint and a signer, and comes back with the
 * facts. It keeps nothing and sends nothing; whatever it brings goes through the journal first.
 */

import { Transaction } from 'ethers/transaction';
import { Fault } from '../actors/index.ts';
import type { Account, RawTransaction } from '../connectivity/index.ts';
import type { ChainSight } from './chain-endpoints.ts';
import {
  askCall,
  askCount,
  askEther,
  askFullBlock,
  askGas,
  askOne,
  type CallRequest,
  readAnswer,
} from './chain-wire.ts';
import { callRequest, type EvmContracts, OUT_OF_GAS, REVERTED, refusalName } from './contract-calls.ts';
import { resourceErrors } from './errors.ts';
import type { ChainHash, Flight, Lane, LaneEvent, Mined } from './intent-machine.ts';
import { type LanePolicy, type LaneTask, rejected } from './intent-watch.ts';
import { ETHER_TOO_LOW, type IntentId } from './ledger.ts';
import { type Fee, feeAt } from './transaction-fee.ts';

/** Whoever has the key: in memory, in another process, or in a device that asks a person. */
export interface TransactionSigner {
  readonly account: Account;
  signTransaction(unsigned: RawTransaction): RawTransaction | Promise<RawTransaction>;
}

export interface HandOptions {
  readonly chainId: bigint;
  readonly contracts: EvmContracts;
  readonly signer: TransactionSigner;
  readonly policy: LanePolicy;
  readonly closed: AbortSignal;
}

/** What a call costs moves with what others do until it is mined; what is not used is not paid. */
const GAS_FIFTHS = 6n;
/** Of a transaction that does nothing but carry ether. */
const GAS_OF_NOTHING = 21_000n;
/** Transactions of strangers under one account that wait in pools; a larger figure is no answer. */
const PENDING_MAX = 64;
/** Steps that double to find a block, and steps that halve: enough for 2^64 blocks. */
const SEARCH_STEPS_MAX = 64;

/** Rejects where the endpoint or the signer fails: then nothing has happened, and it is tried again. */
export async function carryOut(
  task: LaneTask,
  lane: Lane,
  sight: ChainSight,
  options: HandOptions,
): Promise<LaneEvent[]> {
  const { account } = lane;
  switch (task.type) {
    case 'prepare':
      return prepare(task, lane, sight, options);
    case 'bump': {
      const { intent, nonce, gas } = task.flight;
      const call = intent === null ? nothing(account) : callRequest(account, intent.call, options.contracts);
      return [await sign(call, intent?.id ?? null, { nonce, gas, fee: task.fee }, sight, options)];
    }
    case 'fill': {
      const fee = feeAt(sight.head.fee, options.policy.feeCap);
      const offer = { nonce: task.nonce, gas: GAS_OF_NOTHING, fee };
      return [await sign(nothing(account), null, offer, sight, options)];
    }
    case 'trace':
      return trace(task.flight, account, sight, options);
    case 'explain':
      return explain(task.flight, task.mined, account, sight, options);
  }
}

function nothing(account: Account): CallRequest {
  return { from: account, to: account, data: '0x' };
}

/** The contracts are asked before anything is paid: most refusals cost no gas. */
async function prepare(
  { id, call }: Extract<LaneTask, { type: 'prepare' }>,
  lane: Lane,
  sight: ChainSight,
  options: HandOptions,
): Promise<LaneEvent[]> {
  const { endpoint, head } = sight;
  const { policy, contracts, closed } = options;
  const request = callRequest(lane.account, call, contracts);
  const gasAsked = askGas(request);
  const [latest, pending] = [askCount(lane.account, 'latest'), askCount(lane.account, 'pending')];
  const answers = await endpoint.ask([gasAsked, latest, pending], closed);
  const refusal = answers[0]!.refusal;
  const error = refusal && refusalName(refusal);
  if (error !== undefined) return rejected(lane, id, error, head.number, policy);
  const fee = feeAt(head.fee, policy.feeCap);
  if (call.type === 'sendEther') {
    // For gas it is waited for. Of what is to be sent there may never be more, and some nodes do not mind.
    const held = await askOne(endpoint, askEther(lane.account, 'latest'), closed);
    if (held < call.amount + GAS_OF_NOTHING * fee.maxFee) {
      return rejected(lane, id, ETHER_TOO_LOW, head.number, policy);
    }
  }
  const gas = (readAnswer(gasAsked, answers[0]!, endpoint) * GAS_FIFTHS) / 5n;
  const mined = readAnswer(latest, answers[1]!, endpoint);
  const waiting = readAnswer(pending, answers[2]!, endpoint);
  const free = waiting - mined <= PENDING_MAX ? Math.max(mined, waiting) : mined;
  const offer = { nonce: Math.max(lane.nonceFloor, free), gas, fee };
  return [await sign(request, id, offer, sight, options)];
}

interface Offer {
  readonly nonce: number;
  readonly gas: bigint;
  readonly fee: Fee;
}

async function sign(
  { to, data, value = '0x0' }: CallRequest,
  id: IntentId | null,
  { nonce, gas, fee }: Offer,
  { head }: ChainSight,
  { chainId, signer }: HandOptions,
): Promise<LaneEvent> {
  const fees = { maxFeePerGas: fee.maxFee, maxPriorityFeePerGas: fee.tip, gasLimit: gas };
  const unsigned = Transaction.from({ type: 2, chainId, nonce, to, data, value, ...fees });
  const raw = await signedBy(signer, unsigned.unsignedSerialized as RawTransaction);
  const hash = hashOfSigned(raw, unsigned.unsignedHash, signer.account);
  return { type: 'signed', id, nonce, gas, raw, attempt: { hash, fee }, block: head.number };
}

/** A locked key or a person's no is a fault with a name; of whatever else it throws this one is the cause. */
async function signedBy(signer: TransactionSigner, unsigned: RawTransaction): Promise<RawTransaction> {
  try {
    return await signer.signTransaction(unsigned);
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
    throw resourceErrors.RESOURCE_SIGNER_WRONG({ account: signer.account }, thrown);
  }
}

/** A signer may be another process, or a device of another maker: what it says is checked like a peer's. */
function hashOfSigned(raw: RawTransaction, unsignedHash: string, account: Account): ChainHash {
  let cause: unknown;
  try {
    const { from, hash, unsignedHash: found } = Transaction.from(raw);
    if (from === account && found === unsignedHash && hash !== null) return hash;
  } catch (thrown) {
    cause = thrown;
  }
  throw resourceErrors.RESOURCE_SIGNER_WRONG({ account }, cause);
}

/**
 * Who has our nonce, seen and not inferred: the block in which the account's count went past it, and the
 * transaction there. Only as deep as nothing is undone any more; until then the flight stays in the air.
 */
async function trace(
  { nonce, attempts }: Flight,
  account: Account,
  { endpoint, head }: ChainSight,
  { policy, closed }: HandOptions,
): Promise<LaneEvent[]> {
  const deep = head.number - policy.finality + 1;
  const isPast = async (block: number) => (await askOne(endpoint, askCount(account, block), closed)) > nonce;
  if (deep < 0 || !(await isPast(deep))) return [];
  const found = await askOne(endpoint, askFullBlock(await firstBlock(deep, isPast)), closed);
  const taker = found?.transactions.find(
    (transaction) => transaction.from === account.toLowerCase() && transaction.nonce === nonce,
  );
  const isOurs = attempts.some(({ hash }) => hash === taker?.hash);
  return taker === undefined || isOurs ? [] : [{ type: 'displaced', nonce, by: taker.hash }];
}

/** The first that is past, where `end` is: back in doubling steps, as it is not long ago; then by halves. */
async function firstBlock(end: number, isPast: (block: number) => Promise<boolean>): Promise<number> {
  let high = end;
  let low = -1;
  for (let step = 1, tries = 0; tries < SEARCH_STEPS_MAX && high > 0; step *= 2, tries += 1) {
    const probe = Math.max(0, high - step);
    if (!(await isPast(probe))) {
      low = probe;
      break;
    }
    high = probe;
  }
  for (let tries = 0; tries < SEARCH_STEPS_MAX && high - low > 1; tries += 1) {
    const middle = Math.floor((low + high) / 2);
    if (await isPast(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * By which error a mined transaction failed: it is called again. First on the state after its block, which
 * has in it what came before it there, then on the state before.
 */
async function explain(
  { intent, nonce, gas }: Flight,
  { block, gasUsed }: Mined,
  account: Account,
  { endpoint }: ChainSight,
  { contracts, closed }: HandOptions,
): Promise<LaneEvent[]> {
  if (intent === null) return [];
  const told = (error: string): LaneEvent[] => [
    { type: 'confirmed', nonce, outcome: { type: 'refused', error } },
  ];
  if (gasUsed >= gas) return told(OUT_OF_GAS);
  const request = callRequest(account, intent.call, contracts);
  const questions = [askCall(request, block), askCall(request, Math.max(0, block - 1))];
  for (const [place, answer] of (await endpoint.ask(questions, closed)).entries()) {
    const name = answer.refusal && refusalName(answer.refusal);
    if (name !== undefined) return told(name);
    readAnswer(questions[place]!, answer, endpoint);
  }
  return told(REVERTED);
}
