/** `conun app publish`: builds an app, stores its parts at this node, and signs it with the owner's key. */

import { join, resolve } from 'node:path';
import { buildApp, signManifest } from '../../application/index.ts';
import { loadIdentity, ownerIdOf } from '../../connectivity/index.ts';
import { brief } from './figures.ts';
import type { Run } from './invocation.ts';

export const run: Run = async (call) => {
  const folder = resolve(call.io.folder, call.arguments[0] ?? '.');
  const client = await call.client();
  // Before the compilers start: without a daemon there is nowhere to publish to.
  await client.node();
  const { config } = await call.config();
  const key = await loadIdentity({ path: join(config.paths.config, 'owner.key'), create: true });
  const { manifest } = await buildApp(folder, async (bytes) => (await client.putContent(bytes)).cid);
  const sign = (bytes: Uint8Array): Uint8Array => key.signer.sign(bytes);
  const view = await client.publish(signManifest(manifest, ownerIdOf(key.peer), sign));
  await call.answer(view, () => `${view.app} is published by ${brief(view.author)}.`);
  return undefined;
};
