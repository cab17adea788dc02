/** Forge as a program of this repository: what it builds and what its tests say. It needs no network. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Artifact, ContractName } from './artifacts.ts';

export const root = join(import.meta.dirname, '..');

export interface ForgeRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A profile of `foundry.toml`: `full` is the code that is deployed. */
export type ForgeProfile = 'default' | 'full' | 'mutants';

export function forge(words: readonly string[], profile: ForgeProfile, folder = root): ForgeRun {
  const run = spawnSync(join(root, 'node_modules/.bin/forge'), words, {
    cwd: folder,
    encoding: 'utf8',
    // A report of a thousand tests, each with its counterexample.
    maxBuffer: 256 * 2 ** 20,
    env: { ...process.env, FOUNDRY_PROFILE: profile, FOUNDRY_DISABLE_NIGHTLY_WARNING: '1' },
  });
  return { code: run.status, stdout: run.stdout ?? '', stderr: run.stderr || (run.error?.message ?? '') };
}

/** What the last build of the profile `full` made of a contract. */
export function builtArtifact(name: ContractName): Artifact {
  const built = JSON.parse(
    readFileSync(join(root, 'contracts/out/full', `${name}.sol/${name}.json`), 'utf8'),
  );
  return { abi: built.abi, bytecode: built.bytecode.object };
}
