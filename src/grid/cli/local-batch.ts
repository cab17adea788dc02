/**
 * A batch for this machine alone, from the files that a person named: what `app check` and `app run` need.
 */

import { readFile } from 'node:fs/promises';
import { systemClock } from '../../actors/index.ts';
import { buildApp, type LocalBatch, parseBatchFile } from '../../application/index.ts';
import { createWasmSandbox, memoryContentStore } from '../../fabric/index.ts';
import { readBatchFile } from './batch-file-inputs.ts';
import type { Invocation } from './invocation.ts';

/** The next tasks are there when one ends; more would only wait. */
const DEPTH_PER_SLOT = 4;

/** `folder` is the app's. Builds it. */
export async function localBatch(call: Invocation, folder: string, file: string): Promise<LocalBatch> {
  const { config } = await call.config();
  const { text, inputs } = await readBatchFile(file);
  const bytes = await Promise.all(
    inputs.map(async (input) => [input.name, new Uint8Array(await readFile(input.file))] as const),
  );
  const clock = systemClock();
  const content = memoryContentStore();
  return {
    app: await buildApp(folder, (part) => content.put(part)),
    content,
    file: parseBatchFile(text, file),
    inputs: Object.fromEntries(bytes),
    sandbox: createWasmSandbox({ slots: config.provider.slots, depthPerSlot: DEPTH_PER_SLOT, clock }),
    clock,
  };
}
