/**
 * What a block explorer needs to compile the same code again: the compiler's whole input (standard JSON), all
 * sources and settings in one file. Made from the sources, never committed:
 * `npm run contracts -- --bundle FILE`.
 */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { CONTRACTS, type ContractName } from './artifacts.ts';

const root = join(import.meta.dirname, '..');

/** What foundry.toml says, in the compiler's words; that both say the same, the test of the code shows. */
const SETTINGS = {
  remappings: ['@openzeppelin/=node_modules/@openzeppelin/'],
  optimizer: { enabled: true, runs: 20_000 },
  metadata: { bytecodeHash: 'none', appendCBOR: false },
  evmVersion: 'cancun',
  viaIR: true,
};

export interface SourceBundle {
  readonly language: 'Solidity';
  readonly sources: Readonly<Record<string, { readonly content: string }>>;
  readonly settings: object;
}

/** Of these contracts, with all that they import; each gives its code. */
export function sourceBundle(names: readonly ContractName[] = CONTRACTS): SourceBundle {
  const sources: Record<string, { content: string }> = {};
  for (const name of names) collect(sourceOf(name), sources);
  const wanted = Object.fromEntries(
    names.map((name) => [sourceOf(name), { [name]: ['abi', 'evm.bytecode.object'] }]),
  );
  return { language: 'Solidity', sources, settings: { ...SETTINGS, outputSelection: wanted } };
}

/** As explorers name a contract: file and name. */
export function sourceOf(name: ContractName): string {
  return `contracts/src/${name}.sol`;
}

function collect(path: string, sources: Record<string, { content: string }>): void {
  if (sources[path] !== undefined) return;
  const content = readFileSync(join(root, path), 'utf8');
  sources[path] = { content };
  for (const [, imported] of content.matchAll(/^import\s[^;]*?["']([^"']+)["'];/gms)) {
    collect(resolved(path, imported!), sources);
  }
}

function resolved(from: string, imported: string): string {
  if (imported.startsWith('.')) return normalize(join(dirname(from), imported));
  const path = join('node_modules', imported);
  if (!existsSync(join(root, path))) throw new TypeError(`${from} imports ${imported}, which is not here`);
  return path;
}
