import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
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

const LIAR = join(import.meta.dirname, '..', '..', 'src/grid/demo/liar.ts');
const UNITS = 20;

const stage = await emptyStage(t);
const broker = await stage.cast({ name: 'broker', roles: ['broker'], set: PATIENCE });
const set = serving(await broker.address());
const provider = (name: string) => ({ name, roles: ['provider'] as const, set });
const [liar, ada] = await Promise.all([
  stage.cast({ ...provider('liar'), program: LIAR }),
  stage.cast(provider('ada')),
]);
const app = await spinning(stage);
await publish(broker, app);
const file = equalUnits('spin', UNITS, 1_000_000, 2);
const { batch } = await submit(broker, file);

// Only the liar and an honest one are here, so the liar has a replica of each unit, and lies on every third.
// Then come a second machine of the honest owner, which must not help it to a majority, and somebody else,
// who may.
await until(broker.client, batch, ({ counts }) => counts.replicasReturned === 2 * UNITS);
await mkdir(join(stage.folder, 'twin'), { mode: 0o700 });
await copyFile(join(ada.home, 'owner.key'), join(stage.folder, 'twin', 'owner.key'));
const [twin, berta] = await Promise.all([stage.cast(provider('twin')), stage.cast(provider('berta'))]);
const [ofLiar, ofAda, ofTwin, ofBerta] = await Promise.all(
  [liar, ada, twin, berta].map(({ client }) => client.node()),
);

t.test(
  'with a liar among two, disputed units wait for a third owner, and the verdict is right',
  async (t) => {
    const view = await until(broker.client, batch, isOver);
    t.match(view, { phase: 'done', counts: { agreed: UNITS, failed: 0 } });
    t.ok(view.counts.replicasDisagreed > 0, 'lies were told');
    const results = await verdicts(broker.client, batch);
    const wrong = results.flatMap(({ replicas }) => replicas.filter(({ state }) => state === 'disagreed'));
    t.ok(
      wrong.every(({ provider: who }) => who === ofLiar?.peer),
      'nobody else was called wrong',
    );

    const alone = join(stage.folder, 'batch.yaml');
    await writeFile(alone, file);
    const local = await conun(['app', 'run', alone, '--app', app, '--out', join(stage.folder, 'alone')]);
    t.equal(local.code, 0, local.err);
    const told = await conun(['results', batch, '--out', join(stage.folder, 'grid')], broker.home);
    t.equal(told.code, 0, told.err);
    const [one, other] = await Promise.all(
      ['alone', 'grid'].map((folder) => readFile(join(stage.folder, folder, 'merged.txt'), 'utf8')),
    );
    t.equal(one, other, 'as computed in a single process');
  },
);

t.test('the liar is excluded, and gets nothing more', async (t) => {
  const views = await broker.client.providers();
  t.match(
    views.find(({ provider: who }) => who === ofLiar?.peer),
    { excluded: String },
  );
  t.ok(views.every(({ provider: who, excluded }) => excluded === null || who === ofLiar?.peer));
  const told = await conun(['peers'], broker.home);
  t.match(told.out, /excluded/i, 'a person sees it too');
  const next = await submit(broker, equalUnits('spin', 4, 1_000, 2));
  t.match(await until(broker.client, next.batch, isOver), { phase: 'done' });
  for (const { replicas } of await verdicts(broker.client, next.batch)) {
    t.notOk(replicas.some(({ provider: who }) => who === ofLiar?.peer));
  }
});

t.test('the report shows distinct owners; two machines of one owner never count both', async (t) => {
  t.equal(ofTwin?.owner, ofAda?.owner);
  t.not(ofTwin?.peer, ofAda?.peer);
  t.not(ofBerta?.owner, ofAda?.owner);
  const report = JSON.parse(await readFile(join(stage.folder, 'grid', 'report.json'), 'utf8')) as {
    units: { replicas: { owner: string; state: string }[] }[];
  };
  t.equal(report.units.length, UNITS);
  for (const { replicas } of report.units) {
    const owners = replicas.map(({ owner }) => owner);
    t.equal(new Set(owners).size, owners.length, 'no owner has two replicas of a unit');
    t.ok(replicas.filter(({ state }) => state === 'agreed').length >= 2);
  }
});
