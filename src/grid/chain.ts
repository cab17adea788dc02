/** The chain that the configuration names, and the contracts on it. */

import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Milliseconds } from '../actors/index.ts';
import { type Account, parseAccount } from '../connectivity/index.ts';
import type { Config } from './config.ts';
import { gridErrors } from './errors.ts';

export interface ChainPlace {
  readonly rpc: readonly string[];
  readonly chainId: bigint;
  readonly confirmations: number;
  readonly pollMs: Milliseconds;
  readonly contracts: ContractAddresses;
}

const address = z.string().transform((text, context): Account => {
  const account = parseAccount(text);
  if (account !== undefined) return account;
  context.addIssue({ code: 'custom', message: 'expected an address' });
  return z.NEVER;
});

/** By the names of the contracts, as their deployment writes them. */
const addresses = z.object({
  GridToken: address,
  ProviderRegistry: address,
  JobMarket: address,
  Reputation: address,
  Emission: address,
  AppRegistry: address,
  ResultAnchor: address,
});
export type ContractAddresses = z.output<typeof addresses>;

/** Rejects with `GRID_CHAIN_MISSING` or `GRID_CONTRACTS_INVALID`. */
export async function chainPlace({ chain }: Config): Promise<ChainPlace> {
  const { rpc, id, contracts: file, confirmations, pollMs } = chain;
  if (rpc.length === 0 || id === null || file === null) throw gridErrors.GRID_CHAIN_MISSING();
  return { rpc, chainId: BigInt(id), confirmations, pollMs, contracts: await readContracts(file) };
}

async function readContracts(file: string): Promise<ContractAddresses> {
  const invalid = (reason: string, cause?: unknown) =>
    gridErrors.GRID_CONTRACTS_INVALID({ file, reason }, cause);
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw invalid(error.message, error);
  });
  const parsed = addresses.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(`${issue?.path.join('.')}: ${issue?.message}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
