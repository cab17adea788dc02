/** Plugins, specs and manifests in a few words, for tests of this layer. */

import { seededRandom } from '../../src/actors/index.ts';
import { type BatchFile, parseBatchFile } from '../../src/application/batch-file.ts';
import { batchSpec } from '../../src/application/batch-spec.ts';
import type { PluginBatch } from '../../src/application/plugin-session.ts';
import type { Manifest } from '../../src/application/task-api.ts';
import type { BatchSpec } from '../../src/collective/index.ts';
import type { Cid, ContentStore } from '../../src/fabric/index.ts';

/** A plugin whose functions are these, written as object members; what is left out does nothing. */
export function pluginSource(members: string): Uint8Array {
  const usual = 'parameters: (given) => given, *split() {}, *merge() {},';
  return new TextEncoder().encode(`export default { ${usual} ${members} };`);
}

export function openable(members: string, parameters: Readonly<Record<string, unknown>> = {}): PluginBatch {
  return { app: 'tried@1.0.0', plugin: pluginSource(members), parameters, inputs: [], now: 86_400_000 };
}

/** `count` small units: `['0']`, `['1']`, … */
export const COUNTING =
  '*split({ parameters: { count } }) { for (let n = 0; n < count; n++) yield { args: [String(n)] }; }';

export const LIMITS = {
  memoryBytesMax: 1_000_000,
  runMsMax: 1_000,
  outputBytesMax: 1_000,
  logBytesMax: 1_000,
};

export function manifestOf(parts: Partial<Manifest> = {}): Manifest {
  return {
    name: 'tried',
    version: '1.0.0',
    title: 'Tried',
    description: 'For tests.',
    category: 'testing',
    license: 'Apache-2.0',
    plugin: `b${'a'.repeat(58)}` as Cid,
    program: { sandbox: 'wasm', cid: `b${'c'.repeat(58)}` as Cid, bytes: 1 },
    compare: 'digest',
    inputs: [],
    limits: LIMITS,
    ...parts,
  };
}

export function batchFileOf(members: object = {}): BatchFile {
  return parseBatchFile(JSON.stringify({ app: 'tried', name: 'a test', ...members }));
}

let specs = 0;

/** A batch whose plugin has these members, stored in `content`. */
export async function specOf(
  content: ContentStore,
  members: string,
  parameters: Readonly<Record<string, unknown>> = {},
  inputs: Readonly<Record<string, Uint8Array>> = {},
): Promise<BatchSpec> {
  const stored = await Promise.all(
    Object.entries(inputs).map(async ([name, bytes]) => ({
      name,
      cid: await content.put(bytes),
      bytes: bytes.length,
    })),
  );
  const manifest = manifestOf({
    plugin: await content.put(pluginSource(members)),
    inputs: Object.keys(inputs),
  });
  const file = batchFileOf({ parameters });
  return batchSpec({ file, manifest, inputs: stored, submittedAt: 0, random: seededRandom(`${specs++}`) });
}
