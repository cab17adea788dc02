/**
 * `conun submit`: stores the inputs, submits the batch, and tells its id; with `--wait`, stays until its
 * end.
 */

import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { Cid } from '../../fabric/index.ts';
import type { ApiClient } from '../api/client.ts';
import { type NamedInput, readBatchFile } from './batch-file-inputs.ts';
import { size } from './figures.ts';
import { followToEnd } from './follow.ts';
import type { Run } from './invocation.ts';

export const run: Run = async (call) => {
  const file = resolve(call.io.folder, call.arguments[0]!);
  const { text, inputs } = await readBatchFile(file);
  const client = await call.client();
  const stored: Record<string, Cid> = {};
  for (const input of inputs) {
    stored[input.name] = await store(client, input);
    if (!call.json) call.note(`stored ${input.name} (${size(input.bytes)})`);
  }
  const view = await client.submit({ file: text, inputs: stored });
  await call.answer(view, () => view.batch);
  return call.options['wait'] === true ? followToEnd(call, client, view.batch) : undefined;
};

async function store(client: ApiClient, input: NamedInput): Promise<Cid> {
  return (await client.putContent(createReadStream(input.file))).cid;
}
