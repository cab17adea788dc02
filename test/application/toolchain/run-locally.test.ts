import t from 'tap';
import { systemClock } from '../../../src/actors/index.ts';
import type { LocalBatch } from '../../../src/application/toolchain/run-locally.ts';
import { checkApp, runLocally } from '../../../src/application/toolchain/run-locally.ts';
import { createWasmSandbox, memoryContentStore, type SandboxFactory } from '../../../src/fabric/index.ts';
import { echoProgram, noopProgram } from '../../fixtures/programs.ts';
import { batchFileOf, COUNTING, manifestOf, pluginSource } from '../fixtures.ts';
import { inProcessSandbox } from '../in-process-sandbox.ts';

const MERGING = `async *merge(_, results) {
  let order = '';
  for await (const { index, files } of results) order += index + ':' + files[0].bytes.length + ' ';
  yield { path: 'order', bytes: new TextEncoder().encode(order) };
}`;

async function batchOf(
  members: string,
  sandbox: SandboxFactory,
  program = noopProgram(),
): Promise<LocalBatch> {
  const content = memoryContentStore();
  const pluginBytes = pluginSource(members);
  const manifest = manifestOf({
    plugin: await content.put(pluginBytes),
    program: { sandbox: 'wasm', cid: await content.put(program), bytes: program.length },
  });
  const app = { manifest, pluginBytes, programBytes: program };
  const file = batchFileOf({ parameters: { count: 10 } });
  return { app, content, file, inputs: {}, sandbox, clock: systemClock() };
}

t.test('all units run, and are merged in order', async (t) => {
  const seen: number[] = [];
  const batch = await batchOf(`${COUNTING}, ${MERGING}`, inProcessSandbox);
  const { files, digests } = await runLocally({ ...batch, onUnit: (unit) => seen.push(unit) });
  t.equal(new TextDecoder().decode(files[0]?.bytes), '0:4 1:4 2:4 3:4 4:4 5:4 6:4 7:4 8:4 9:4 ');
  t.same(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  t.equal(digests.length, 10);
});

t.test('the sandbox of the grid gives the same as the runner alone', async (t) => {
  const members = `${COUNTING}, ${MERGING}`;
  const walled = await runLocally(
    await batchOf(members, createWasmSandbox({ slots: 2, depthPerSlot: 4, clock: systemClock() })),
  );
  const alone = await runLocally(await batchOf(members, inProcessSandbox));
  t.same(walled.files, alone.files);
  t.same(walled.digests, alone.digests);
});

t.test('a unit that fails ends the run with its reason', async (t) => {
  const batch = await batchOf(`${COUNTING}, ${MERGING}`, inProcessSandbox, echoProgram());
  await t.rejects(runLocally(batch), { code: 'APPLICATION_UNIT_FAILED', message: /Unit 0/ });
});

t.test('checking runs the first units twice', async (t) => {
  const batch = await batchOf(COUNTING, inProcessSandbox);
  const units = await checkApp(batch, 2);
  t.match(units, [{ label: '' }, { label: '' }]);
  t.equal(units.length, 2);
});

t.test('a program that differs from run to run is found out', async (t) => {
  let runs = 0;
  const fickle: SandboxFactory = (reports) =>
    inProcessSandbox({
      outcomes: (outcomes) =>
        reports.outcomes(outcomes.map((outcome) => ({ ...outcome, digest: `${runs++}` }) as typeof outcome)),
    });
  const batch = await batchOf(COUNTING, fickle);
  await t.rejects(checkApp(batch), { code: 'APPLICATION_NOT_REPRODUCIBLE' });
});

t.test('inputs are those of the manifest', async (t) => {
  const batch = await batchOf(COUNTING, inProcessSandbox);
  await t.rejects(runLocally({ ...batch, inputs: { mesh: new Uint8Array() } }), {
    code: 'APPLICATION_INPUT_UNKNOWN',
  });
});
