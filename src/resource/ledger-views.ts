/**
 * Reading the ledger of a chain: `eth_call`, at one block for one question.
 *
 * At the **confirmed** block, not at the latest. What is decided on a view, to compute for an allocation or
 * to promise a deposit, is not taken back when a branch of the chain is; and an outcome is told when it lies
 * as deep, so whoever waited for one sees in every view what it did. The price is that views are as late as
 * outcomes are. An endpoint that has not got that block yet says so, and the next one is asked.
 */

import type { Interface } from 'ethers/abi';
import type { Account } from '../connectivity/index.ts';
import type { ChainEndpoints } from './chain-endpoints.ts';
import { type Asked, askCall, askEther, askOne, readAnswer } from './chain-wire.ts';
import { anchorAbi, marketAbi, registryAbi, tokenAbi } from './contract-abi.ts';
import { type EvmContracts, somebody } from './contract-calls.ts';
import { resourceErrors } from './errors.ts';
import type { RpcEndpoint } from './json-rpc.ts';
import type { Bytes32, CaseView, DealView, Ledger, Seconds, ShareView, StakeView } from './ledger.ts';

export type LedgerViews = Omit<Ledger, 'intend' | 'outcome' | 'health' | 'follow' | 'close'>;

export interface ViewsOptions {
  readonly endpoints: ChainEndpoints;
  readonly contracts: EvmContracts;
  /** The confirmed block, as new as is known. */
  block(): Promise<number>;
  readonly closed: AbortSignal;
}

/** As `DealState` and `ShareState` count them. */
const DEAL_STATES = ['none', 'open', 'closed'] as const;
const SHARE_STATES = ['none', 'joined', 'locked', 'released', 'slashed'] as const;

type View = readonly [contract: keyof EvmContracts, abi: Interface, name: string, args: readonly unknown[]];

/** As ethers reads a tuple: by place and by name. */
type Values = { readonly [Member in string | number]: unknown };

export function ledgerViews(options: ViewsOptions): LedgerViews {
  const read = async (...view: View): Promise<Values> => (await readAll([view], options))[0]!;
  const market = (name: string, ...args: readonly unknown[]) => read('JobMarket', marketAbi, name, args);
  const registry = (name: string, ...args: readonly unknown[]): View => [
    'ProviderRegistry',
    registryAbi,
    name,
    args,
  ];
  return {
    ether: async (account) => {
      const asked = askEther(account, await confirmed(options));
      return options.endpoints.try((endpoint) => askOne(endpoint, asked, options.closed));
    },
    tokens: async (account) => (await read('GridToken', tokenAbi, 'balanceOf', [account]))[0] as bigint,
    balance: async (account) => (await market('balanceOf', account))[0] as bigint,
    stake: async (provider) => {
      const views = [registry('stakeOf', provider), registry('unbondingOf', provider)];
      const [stake, unbonding] = await readAll(views, options);
      return stakeView(stake![0] as Values, unbonding![0] as Values);
    },
    providerOf: async (worker) => somebody((await read(...registry('providerOf', worker)))[0] as string),
    payoutOf: async (provider) => somebody((await read(...registry('payoutOf', provider)))[0] as string),
    deal: async (deal) => dealView((await market('dealOf', deal))[0] as Values),
    share: async (deal, provider) => shareView((await market('shareOf', deal, provider))[0] as Values),
    caseOf: async (deal, unit) => caseView(await market('caseOf', deal, unit)),
    anchored: async (publisher, subject) => {
      const root = (await read('ResultAnchor', anchorAbi, 'rootOf', [publisher, subject]))[0] as Bytes32;
      return BigInt(root) === 0n ? undefined : root;
    },
  };
}

async function confirmed({ block, closed }: ViewsOptions): Promise<number> {
  closed.throwIfAborted();
  return block();
}

/** All at the same block. */
async function readAll(views: readonly View[], options: ViewsOptions): Promise<readonly Values[]> {
  const { endpoints, contracts, closed } = options;
  const at = await confirmed(options);
  const questions = views.map(([contract, abi, name, args]): Asked<string> => {
    return askCall({ to: contracts[contract], data: abi.encodeFunctionData(name, args) }, at);
  });
  return endpoints.try(async (endpoint) => {
    const answers = await endpoint.ask(questions, closed);
    return views.map((view, place) =>
      decoded(view, readAnswer(questions[place]!, answers[place]!, endpoint), endpoint),
    );
  });
}

function decoded([, abi, name]: View, data: string, endpoint: RpcEndpoint): Values {
  try {
    return abi.decodeFunctionResult(name, data) as unknown as Values;
  } catch (thrown) {
    const reason = `eth_call: no answer of ${name}`;
    throw resourceErrors.RESOURCE_ENDPOINT_FAILED({ endpoint: endpoint.name, reason }, thrown);
  }
}

function stakeView(stake: Values, unbonding: Values): StakeView {
  return {
    staked: stake['staked'] as bigint,
    locked: stake['locked'] as bigint,
    unbonding: unbonding['amount'] as bigint,
    readyAt: Number(unbonding['readyAt']) as Seconds,
  };
}

function dealView(deal: Values): DealView {
  return {
    state: DEAL_STATES[Number(deal['state'])]!,
    remaining: deal['remaining'] as bigint,
    promised: deal['promised'] as bigint,
  };
}

function shareView(share: Values): ShareView {
  return {
    allocated: share['allocated'] as bigint,
    paid: share['paid'] as bigint,
    committed: Number(share['committed']),
    revealed: Number(share['revealed']),
    openCases: Number(share['openCases']),
    state: SHARE_STATES[Number(share['state'])]!,
  };
}

function caseView(found: Values): CaseView {
  const digests = found['digests'] as readonly Bytes32[];
  const providers = found['providers'] as readonly Account[];
  const testimonies = providers.map((provider, place) => ({ provider, digest: digests[place]! }));
  return { testimonies, settled: found['settled'] as boolean };
}
