import t, { type Test } from 'tap';
import { seededRandom, systemClock } from '../../src/actors/index.ts';
import { batchSpec } from '../../src/application/batch-spec.ts';
import { PluginPool } from '../../src/application/plugin-pool.ts';
import type { PluginSession } from '../../src/application/plugin-session.ts';
import { INPUTS_BYTES_MAX } from '../../src/application/plugin-wire.ts';
import { type Cid, memoryContentStore } from '../../src/fabric/index.ts';
import { batchFileOf, COUNTING, manifestOf, pluginSource, specOf } from './fixtures.ts';

function pool(t: Test, processesMax = 2) {
  const content = memoryContentStore();
  const made = new PluginPool({ content, clock: systemClock(), processesMax });
  t.teardown(() => made.close());
  return { content, pool: made };
}

t.test('a batch keeps its process from one call to the next', async (t) => {
  const { content, pool: plugins } = pool(t);
  const spec = await specOf(content, COUNTING, { count: 5 });
  const session = await plugins.use(spec, 'units', async (session) => session);
  t.equal(await plugins.use(spec, 'units', async (again) => again), session);
  t.not(await plugins.use(spec, 'merge', async (other) => other), session, 'a merge has one to itself');
});

t.test('the process that was idle longest gives way, and opens again where it was', async (t) => {
  const { content, pool: plugins } = pool(t);
  const specs = [];
  for (let n = 0; n < 3; n++) specs.push(await specOf(content, COUNTING, { count: 700 }));
  const sessions: PluginSession[] = [];
  for (const spec of specs) {
    sessions.push(await plugins.use(spec, 'units', async (session) => session.units(0).then(() => session)));
  }
  t.same(
    sessions.map(({ alive }) => alive),
    [false, true, true],
  );
  const later = await plugins.use(specs[0]!, 'units', (session) => session.units(512));
  t.match(later, { units: { length: 188, 0: { args: ['512'] } }, end: true });
});

t.test('whoever finds all processes in use waits for one', async (t) => {
  const { content, pool: plugins } = pool(t, 1);
  const [one, other] = [await specOf(content, ''), await specOf(content, '')];
  const order: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = plugins.use(one, 'units', async () => {
    await promise;
    order.push('first');
  });
  const second = plugins.use(other, 'units', async () => void order.push('second'));
  resolve();
  await Promise.all([first, second]);
  t.same(order, ['first', 'second']);
});

t.test('whoever would wait behind too many others is told to come back', async (t) => {
  const { content, pool: plugins } = pool(t, 1);
  const spec = await specOf(content, '');
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = plugins.use(spec, 'merge', () => promise);
  const waiting = Array.from({ length: 256 }, () => plugins.use(spec, 'units', async () => {}));
  await t.rejects(
    plugins.use(spec, 'units', async () => {}),
    { code: 'APPLICATION_PLUGIN_BUSY', retry: true },
  );
  resolve();
  await Promise.all([first, ...waiting]);
  t.pass('the others had their turns');
});

t.test('inputs that are too large for a plugin are refused before they are fetched', async (t) => {
  const { content, pool: plugins } = pool(t);
  const file = batchFileOf();
  const manifest = manifestOf({ plugin: await content.put(pluginSource('')), inputs: ['x'] });
  const inputs = [{ name: 'x', cid: `b${'a'.repeat(58)}` as Cid, bytes: INPUTS_BYTES_MAX + 1 }];
  const spec = batchSpec({ file, manifest, inputs, submittedAt: 0, random: seededRandom('inputs') });
  await t.rejects(
    plugins.use(spec, 'units', async () => {}),
    { code: 'APPLICATION_INPUTS_TOO_LARGE' },
  );
});

t.test('a batch whose plugin fell gets a fresh one', async (t) => {
  const { content, pool: plugins } = pool(t);
  const spec = await specOf(content, 'share: () => [{ path: "../x", bytes: new Uint8Array(1) }]');
  const fell = plugins.use(spec, 'units', (session) => session.share());
  await t.rejects(fell, { code: 'APPLICATION_PLUGIN_ANSWER' });
  t.match(await plugins.use(spec, 'units', (session) => session.units(0)), { end: true });
});

t.test('a plugin that is not here, or a parameter that does not please, is told at each use', async (t) => {
  const { content, pool: plugins } = pool(t);
  const spec = await specOf(memoryContentStore(), COUNTING);
  await t.rejects(
    plugins.use(spec, 'units', async () => {}),
    { code: 'FABRIC_BLOCK_MISSING' },
  );
  const picky = await specOf(content, 'parameters() { throw new Error("count: missing"); }');
  for (let n = 0; n < 3; n++)
    await t.rejects(
      plugins.use(picky, 'units', async () => {}),
      { message: /count: missing/ },
    );
});

t.test('after closing nothing starts, and no process is left', async (t) => {
  const { content, pool: plugins } = pool(t);
  const spec = await specOf(content, '');
  const session = await plugins.use(spec, 'units', async (session) => session);
  await plugins.close();
  t.equal(session.alive, false);
  await t.rejects(
    plugins.use(spec, 'units', async () => {}),
    { code: 'APPLICATION_STOPPED' },
  );
});
