/**
 * The contracts as TypeScript needs them: interface and code of each, committed as
 * `contracts/artifacts/*.json`, so that nothing needs a compiler to speak with a chain. `npm run contracts`
 * writes them anew; a test holds them to the sources.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const CONTRACTS = [
  'GridToken',
  'ProviderRegistry',
  'JobMarket',
  'Reputation',
  'Emission',
  'AppRegistry',
  'ResultAnchor',
] as const;

export type ContractName = (typeof CONTRACTS)[number];

export interface Artifact {
  /** JSON, as ethers takes it. */
  readonly abi: readonly Readonly<Record<string, unknown>>[];
  /** Of the constructor, as `0x` and hex. */
  readonly bytecode: string;
}

export function artifactOf(name: ContractName): Artifact {
  return JSON.parse(readFileSync(artifactPath(name), 'utf8'));
}

export function artifactPath(name: ContractName): string {
  return join(import.meta.dirname, 'artifacts', `${name}.json`);
}

/** One entry of the interface a line: a change of one function is a change of one line. */
export function artifactText({ abi, bytecode }: Artifact): string {
  const entries = abi.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n');
  return `{\n  "abi": [\n${entries}\n  ],\n  "bytecode": "${bytecode}"\n}\n`;
}
