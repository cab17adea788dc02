import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { systemClock } from '../../src/actors/index.ts';
import { buildApp, parseBatchFile, runLocally } from '../../src/application/index.ts';
import { memoryContentStore } from '../../src/fabric/index.ts';
import { inProcessSandbox } from '../application/in-process-sandbox.ts';

const folder = fileURLToPath(new URL('../../plugins/montecarlo-pi', import.meta.url));
const content = memoryContentStore();
const app = await buildApp(folder, (bytes) => content.put(bytes));

function run(parameters: object) {
  const file = parseBatchFile(JSON.stringify({ app: 'montecarlo-pi', name: 'pi', parameters }));
  return runLocally({ app, content, file, inputs: {}, sandbox: inProcessSandbox, clock: systemClock() });
}

t.test('pi comes out, the same in every run', async (t) => {
  const [one, other] = [await run({ units: 20, throws: 100_000 }), await run({ units: 20, throws: 100_000 })];
  const text = new TextDecoder().decode(one.files[0]?.bytes);
  t.match(text, /^3\.14\d+ from 2000000 throws\n$/);
  t.same(one.files, other.files);
  t.same(one.digests, other.digests);
  t.equal(new Set(one.digests).size, 20, 'each seed throws darts of its own');
});

t.test('wrong parameters are refused in the words of their author', async (t) => {
  await t.rejects(run({ units: 0 }), { message: /units: give a whole number from 1 on/ });
});

t.test('it stays a first read: less than sixty lines of code', async (t) => {
  let lines = 0;
  for (const file of ['plugin.ts', 'assembly/index.ts']) {
    const text = await readFile(`${folder}/${file}`, 'utf8');
    lines += text.split('\n').filter((line) => line.trim() !== '').length;
  }
  t.ok(lines < 60, `${lines} lines`);
});
