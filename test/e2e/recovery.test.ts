import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { BatchView } from '../../src/collective/index.ts';
import type { Player } from '../../src/grid/demo/stage.ts';
import {
  conun,
  emptyStage,
  equalUnits,
  FILE_MS_MAX,
  isOver,
  PATIENCE,
  publish,
  serving,
  spinning,
  submit,
  until,
  verdicts,
} from './ground.ts';

t.setTimeout(FILE_MS_MAX);

/** About 0.05 s alone on a processor: long enough that work is under way when a daemon dies. */
const SPINS = 50_000_000;
const UNITS = 30;

const stage = await emptyStage(t);
const broker = await stage.cast({ name: 'broker', roles: ['broker'], set: PATIENCE });
const set = serving(await broker.address());
const [ada, berta] = await Promise.all([
  stage.cast({ name: 'ada', roles: ['provider'], set }),
  stage.cast({ name: 'berta', roles: ['provider'], set }),
]);
await publish(broker, await spinning(stage));

const HAS_PROC = {
  skip: existsSync('/proc/self/stat') ? false : 'this system has no /proc to read processor time from',
};

/** Processor time that the sandboxes of a node have used so far, in ticks of the system. */
async function sandboxTicks({ pid }: Player): Promise<number> {
  let ticks = 0;
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const text = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    // proc(5): the name is in parentheses; behind it state, parent, …, user time as the 12th.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    if (Number(fields[1]) === pid) ticks += Number(fields[11]);
  }
  return ticks;
}

/**
 * Resolves when the node's sandboxes have used a fifth of a second. Nobody tells of that: it asks again and
 * again.
 */
async function working(player: Player): Promise<void> {
  const from = await sandboxTicks(player);
  while ((await sandboxTicks(player)) < from + 20) await player.client.node();
}

async function begun(units: number): Promise<BatchView> {
  const { batch } = await submit(broker, equalUnits('spin', units, SPINS));
  return until(broker.client, batch, ({ counts }) => counts.agreed > 0 && counts.replicasReturned < units);
}

/** Each unit has one verdict, and the result is that of as many equal units. */
async function complete(t: Test, view: BatchView, units: number): Promise<void> {
  const results = await verdicts(broker.client, view.batch);
  t.strictSame(
    results.map(({ unit }) => unit),
    Array.from({ length: units }, (_, unit) => unit),
    'each unit is final, and once',
  );
  t.ok(results.every(({ verdict }) => verdict === 'agreed'));
  t.equal(new Set(results.map(({ digest }) => digest)).size, 1, 'equal work, equal results');
}

t.test('a broker that is killed continues from its journal', async (t) => {
  const before = await begun(UNITS);
  await broker.stop('SIGKILL');
  t.equal((await conun(['status', before.batch], broker.home)).code, 3, 'it is gone');
  await broker.start();
  const after = await broker.client.batch(before.batch);
  t.ok(after.counts.agreed >= before.counts.agreed, 'what was told is kept');
  const view = await until(broker.client, before.batch, isOver);
  t.match(view, { phase: 'done', counts: { total: UNITS, agreed: UNITS, failed: 0, cancelled: 0 } });
  await complete(t, view, UNITS);
  const out = join(stage.folder, 'out');
  t.equal((await conun(['results', view.batch, '--out', out], broker.home)).code, 0);
  const lines = (await readFile(join(out, 'merged.txt'), 'utf8')).split('\n');
  t.equal(lines.length, UNITS, 'the result has each unit once');
  t.equal(new Set(lines).size, 1);
});

t.test("a killed provider's units go to others once its lease has lapsed", async (t) => {
  const { batch } = await begun(UNITS);
  const { peer } = await ada.client.node();
  await until(broker.client, batch, ({ counts }) => counts.active > 1);
  await ada.stop('SIGKILL');
  const view = await until(broker.client, batch, isOver);
  t.match(view, { phase: 'done', counts: { agreed: UNITS, failed: 0 } });
  t.ok(view.counts.replicasLost > 0, 'it had units when it died');
  await complete(t, view, UNITS);
  const lost = (await verdicts(broker.client, batch)).flatMap(({ replicas }) => {
    return replicas.some(({ provider, state }) => provider === peer && state === 'lost') ? [replicas] : [];
  });
  t.ok(lost.length > 0);
  for (const replicas of lost) {
    t.ok(replicas.some(({ provider, state }) => provider !== peer && state === 'agreed'));
  }
});

t.test('a provider that comes back is given work again', async (t) => {
  await ada.start();
  // Two owners for each unit: without the one that was dead there is no result.
  const { batch } = await submit(broker, equalUnits('spin', 4, 1_000, 2));
  t.match(await until(broker.client, batch, isOver), { phase: 'done', counts: { agreed: 4 } });
});

t.test(
  '`conun pause` stops all work at once, `conun resume` takes it up where it was',
  HAS_PROC,
  async (t) => {
    await berta.stop();
    const { batch } = await submit(broker, equalUnits('spin', 1, 2_000_000_000));
    await working(ada);
    t.equal((await conun(['pause', 'a talk'], ada.home)).code, 0);
    const ticks = await sandboxTicks(ada);
    t.match((await conun(['status'], ada.home)).out, /suspend: .*a talk/);
    t.match((await ada.client.machine()).governor, { state: 'suspend', paused: true, reason: /a talk/ });
    t.equal(await sandboxTicks(ada), ticks, 'no processor time is used');
    t.equal((await conun(['resume'], ada.home)).code, 0);
    t.match((await ada.client.machine()).governor, { paused: false });
    await working(ada);
    const view = await until(broker.client, batch, isOver);
    t.match(view, { phase: 'done', counts: { agreed: 1, replicasAssigned: 1, replicasLost: 0 } });
  },
);

t.test('a cancelled batch ends at once, and frees its provider', async (t) => {
  const { batch } = await submit(broker, equalUnits('spin', 3, 60_000_000_000));
  await working(ada);
  t.equal((await conun(['cancel', batch, '--reason', 'a slip'], broker.home)).code, 0);
  t.match(await until(broker.client, batch, isOver), { phase: 'cancelled', reason: /a slip/ });
  t.match(await conun(['results', batch], broker.home), { code: 4, err: /GRID_RESULTS_NOT_READY/ });
  const next = await submit(broker, equalUnits('spin', 1, SPINS));
  t.match(await until(broker.client, next.batch, isOver), { phase: 'done' });
});
