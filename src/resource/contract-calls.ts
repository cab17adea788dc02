/**
 * A ledger's calls as the contracts take them, and what comes back as the ledger tells it: names, not
 * numbers. Pure; the words are those of `contract-abi.ts`.
 */

import type { Interface } from 'ethers/abi';
import { type Account, parseAccount } from '../connectivity/index.ts';
import { type CallRequest, type ChainLog, quantityOf } from './chain-wire.ts';
import { anchorAbi, errorAbi, marketAbi, registryAbi, tokenAbi } from './contract-abi.ts';
import type { RpcRefusal } from './json-rpc.ts';
import type { Bytes32, CallOf, DealId, LedgerCall, LedgerNews, Seconds, Terms } from './ledger.ts';

/** Where they are, by the names under which they were deployed. */
export interface EvmContracts {
  readonly GridToken: Account;
  readonly ProviderRegistry: Account;
  readonly JobMarket: Account;
  readonly ResultAnchor: Account;
}

interface Target {
  readonly contract: keyof EvmContracts;
  readonly abi: Interface;
  readonly args: readonly unknown[];
}

/** Throws a `TypeError` on a call that the contracts have no form for. */
export function callRequest(from: Account, call: LedgerCall, contracts: EvmContracts): CallRequest {
  if (call.type === 'sendEther') return { from, to: call.to, data: '0x', value: quantityOf(call.amount) };
  const { contract, abi, args } = targetOf(call, contracts);
  return { from, to: contracts[contract], data: abi.encodeFunctionData(call.type, args) };
}

function targetOf(
  call: Exclude<LedgerCall, CallOf<'sendEther'>>,
  { JobMarket, ProviderRegistry }: EvmContracts,
): Target {
  switch (call.type) {
    case 'approve':
      return ofToken(call.spender === 'market' ? JobMarket : ProviderRegistry, call.amount);
    case 'transfer':
      return ofToken(call.to, call.amount);
    case 'deposit':
      return ofMarket(call.amount);
    case 'withdraw':
      return ofMarket(call.to, call.amount);
    case 'open':
      return ofMarket(call.terms, call.signature);
    case 'allocate':
      return ofMarket(call.terms, call.allocations);
    case 'redeemMany':
      return ofMarket(call.terms, call.vouchers, call.signatures);
    case 'commit':
      return ofMarket(call.terms, call.commitment, call.signature);
    case 'reveal':
      return ofMarket(call.terms, call.provider, call.number, call.root, call.salt);
    case 'testify':
      return ofMarket(call.terms, call.testimony);
    case 'settle':
      return ofMarket(call.terms, call.unit);
    case 'relinquish':
    case 'expire':
    case 'release':
      return ofMarket(call.terms, call.provider);
    case 'close':
      return ofMarket(call.terms);
    case 'register':
      return ofRegistry(call.payout, call.workers);
    case 'setPayout':
      return ofRegistry(call.payout);
    case 'addWorker':
    case 'removeWorker':
      return ofRegistry(call.worker);
    case 'stake':
    case 'requestUnstake':
      return ofRegistry(call.amount);
    case 'unstake':
      return ofRegistry();
    case 'anchor':
      return { contract: 'ResultAnchor', abi: anchorAbi, args: [call.subject, call.root] };
  }
}

function ofToken(...args: readonly unknown[]): Target {
  return { contract: 'GridToken', abi: tokenAbi, args };
}

function ofMarket(...args: readonly unknown[]): Target {
  return { contract: 'JobMarket', abi: marketAbi, args };
}

function ofRegistry(...args: readonly unknown[]): Target {
  return { contract: 'ProviderRegistry', abi: registryAbi, args };
}

/** A revert without a name: a contract of before custom errors, or one that is none of ours. */
export const REVERTED = 'Reverted';
/** More than a block has room for, or than was reckoned. */
export const OUT_OF_GAS = 'OutOfGas';

/**
 * The name of the error by which a contract said no, or undefined if it was not a contract: a node without
 * the block, a rate limit. Nodes agree on no code for it: 3 is geth's, with the data; some give words alone.
 */
export function refusalName({ code, message, data }: RpcRefusal): string | undefined {
  if (data !== undefined && data.length >= 10) return errorAbi.parseError(data)?.name ?? REVERTED;
  if (/out of gas|gas required exceeds/i.test(message)) return OUT_OF_GAS;
  return code === 3 || /\brevert(?:ed)?\b/i.test(message) ? REVERTED : undefined;
}

/** As ethers reads a tuple. */
type Values = Readonly<Record<string, unknown>>;

/** What a log of the market says, or undefined for one of no news. */
export function newsOf({ topics, data }: Pick<ChainLog, 'topics' | 'data'>): LedgerNews | undefined {
  const log = marketAbi.parseLog({ topics, data });
  if (log === null) return undefined;
  const values: Values = log.args.toObject();
  const deal = values['deal'] as DealId;
  const of = { deal, provider: values['provider'] as Account };
  switch (log.name) {
    case 'DealOpened':
      return { type: 'dealOpened', deal, terms: termsOf(values['terms'] as Values) };
    case 'Allocated':
      return { type: 'allocated', ...of, allocated: values['allocated'] as bigint };
    case 'Redeemed':
      return { type: 'redeemed', ...of, amount: values['amount'] as bigint };
    case 'Committed':
      return { type: 'committed', ...of, number: Number(values['number']) };
    case 'Settled':
      return { type: 'settled', deal, unit: values['unit'] as Bytes32, digest: values['digest'] as Bytes32 };
    case 'Slashed':
      return { type: 'slashed', ...of, stake: values['stake'] as bigint };
    case 'Released':
      return { type: 'released', ...of, stake: values['stake'] as bigint };
    case 'DealClosed':
      return { type: 'dealClosed', deal, refund: values['refund'] as bigint };
    default:
      return undefined;
  }
}

function termsOf(values: Values): Terms {
  return {
    requester: values['requester'] as Account,
    agent: values['agent'] as Account,
    spec: values['spec'] as Bytes32,
    budget: values['budget'] as bigint,
    stakeLock: values['stakeLock'] as bigint,
    minQuorum: Number(values['minQuorum']),
    workUntil: Number(values['workUntil']) as Seconds,
    revealUntil: Number(values['revealUntil']) as Seconds,
    disputeUntil: Number(values['disputeUntil']) as Seconds,
    redeemUntil: Number(values['redeemUntil']) as Seconds,
    salt: values['salt'] as Bytes32,
  };
}

/** The zero address is nobody. */
export function somebody(address: string): Account | undefined {
  return BigInt(address) === 0n ? undefined : parseAccount(address);
}
