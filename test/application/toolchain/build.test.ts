import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { buildApp } from '../../../src/application/toolchain/build.ts';
import { memoryContentStore } from '../../../src/fabric/index.ts';
import { noopProgram } from '../../fixtures/programs.ts';

const MANIFEST = `{ name: ready, version: 1.0.0, title: Ready, description: Prebuilt., category: testing,
  license: MIT, compare: digest, inputs: [], program: bin/ready.wasm,
  limits: { memory: 1MB, time: 1s, output: 1KB, log: 1KB } }`;
const PLUGIN = 'export default { parameters: () => 0, *split() {}, *merge() {} };';

t.test('a program that was built by other means is taken as it is', async (t) => {
  const folder = t.testdir({ 'manifest.yaml': MANIFEST, 'plugin.ts': PLUGIN, bin: {} });
  await writeFile(join(folder, 'bin/ready.wasm'), noopProgram());
  const content = memoryContentStore();
  const build = () => buildApp(folder, (bytes) => content.put(bytes));
  const { manifest, programBytes } = await build();
  t.same(new Uint8Array(programBytes), noopProgram());
  t.match(manifest, { name: 'ready', program: { sandbox: 'wasm', bytes: noopProgram().length } });
  t.notOk(Object.hasOwn(manifest.program, 'path'));
  for (const cid of [manifest.plugin, manifest.program.cid]) t.ok(await content.has(cid));
  t.same((await build()).manifest, manifest, 'building again changes nothing');
});

t.test('a program that is missing or none is refused', async (t) => {
  const folder = t.testdir({ 'manifest.yaml': MANIFEST, 'plugin.ts': PLUGIN, bin: {} });
  const build = () => buildApp(folder, memoryContentStore().put);
  await t.rejects(build(), { code: 'APPLICATION_FOLDER_INVALID', message: /no file bin\/ready\.wasm/ });
  await writeFile(join(folder, 'bin/ready.wasm'), 'no module');
  await t.rejects(build(), { code: 'APPLICATION_BUILD_FAILED' });
});
