import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { decode } from 'fast-png';
import t from 'tap';
import { bunnyObj } from '../../plugins/render/bunny.ts';
import { systemClock } from '../../src/actors/index.ts';
import { buildApp, checkApp, parseBatchFile, runLocally } from '../../src/application/index.ts';
import { memoryContentStore } from '../../src/fabric/index.ts';
import { inProcessSandbox } from '../application/in-process-sandbox.ts';

const folder = fileURLToPath(new URL('../../plugins/render', import.meta.url));
const content = memoryContentStore();
const app = await buildApp(folder, (bytes) => content.put(bytes));
const bench = { app, content, sandbox: inProcessSandbox, clock: systemClock() };
const inputs = { mesh: await readFile(`${folder}/bunny.obj`) };

function render(parameters: object) {
  const file = parseBatchFile(
    JSON.stringify({ app: 'render', name: 'bunny', parameters, inputs: { mesh: '-' } }),
  );
  return runLocally({ ...bench, file, inputs });
}

async function picture(parameters: object) {
  const { files } = await render(parameters);
  return decode(files.find(({ path }) => path === 'render.png')?.bytes ?? new Uint8Array());
}

t.test('the bunny is in the middle of the picture, the floor around it', async (t) => {
  const { width, height, channels, data } = await picture({ width: 64, height: 48, samples: 4 });
  t.match({ width, height, channels }, { width: 64, height: 48, channels: 3 });
  const pixel = (x: number, y: number) => [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
  const [red = 0, green = 0] = pixel(28, 26);
  t.ok(green > 2 * red, 'its glaze is green');
  const floor = pixel(20, 46);
  t.ok(Math.min(...floor) > 120, 'the floor is bright');
});

t.test('the picture does not depend on the tiling', async (t) => {
  const small = { width: 48, height: 36, samples: 2 };
  const [one, other] = [await picture({ ...small, tile: 64 }), await picture({ ...small, tile: 13 })];
  t.same(one.data, other.data);
});

t.test('its report counts rays exactly, the same in every run', async (t) => {
  const report = async () => {
    const { files, digests } = await render({ width: 32, height: 24, tile: 16, samples: 2 });
    const json = files.find(({ path }) => path === 'render.json')?.bytes;
    return { ...JSON.parse(new TextDecoder().decode(json)), digests };
  };
  const first = await report();
  t.match(first, { tiles: 4, tilesMissing: 0 });
  t.ok(first.rays > 32 * 24 * 2);
  t.same(await report(), first);
});

t.test('wrong parameters and meshes are refused in the words of their author', async (t) => {
  await t.rejects(render({ width: 0 }), { message: /width: 0 is not a whole number from 1 to 8192/ });
  await t.rejects(render({ widht: 1 }), { message: /unknown parameter "widht": use width, height/ });
  const file = parseBatchFile('{ app: render, name: x, inputs: { mesh: x } }');
  const mesh = new TextEncoder().encode('v 0 0 0\nf 1 2 3\n');
  await t.rejects(runLocally({ ...bench, file, inputs: { mesh } }), {
    message: /mesh, line 2: a face has three or more vertices/,
  });
});

t.test('its first tiles come out equal twice', async (t) => {
  const file = parseBatchFile(
    `{ app: render, name: x, inputs: { mesh: x },
       parameters: { width: 32, height: 24, tile: 8, samples: 1 } }`,
  );
  const units = await checkApp({ ...bench, file, inputs }, 2);
  t.same(
    units.map(({ label }) => label),
    ['tile 0,0', 'tile 1,0'],
  );
});

t.test('the example batch is whole, and its mesh is the bunny of the npm package', async (t) => {
  const file = parseBatchFile(await readFile(`${folder}/batch.yaml`, 'utf8'));
  t.match(file, { app: 'render@1.0.0', inputs: { mesh: 'bunny.obj' }, quorum: { minQuorum: 2 } });
  t.equal(new TextDecoder().decode(inputs.mesh), bunnyObj());
});
