import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { TaskFile } from '../../../src/fabric/index.ts';
import { serveFake } from '../api-fixture.ts';
import { conun } from '../cli-fixture.ts';
import { BATCH, batchView, counts, OTHER_PEER, unitResult } from '../fake-node.ts';

const file = (path: string, text: string): TaskFile => ({ path, content: { inline: Buffer.from(text) } });

async function finished(teardown: (end: () => unknown) => void, files: readonly TaskFile[]) {
  const served = await serveFake(teardown);
  served.node.change(batchView({ phase: 'done', counts: counts(4), files }));
  for (let unit = 0; unit < 1_203; unit++) served.node.unitResults.push(unitResult(unit));
  const fetch = (...more: string[]) =>
    conun(['results', BATCH, '--home', served.home, ...more], { folder: served.home });
  return { ...served, fetch };
}

t.test('files and provenance are written, and who did what is shown', async (t) => {
  const large = Buffer.alloc(300_000, 7);
  const { node, home, fetch } = await finished(t.teardown, []);
  const cid = await node.content.put(large);
  const files = [
    file('picture.txt', 'bunny'),
    { path: 'deep/er/big.bin', content: { cid, bytes: large.length } },
  ];
  node.change(batchView({ phase: 'done', counts: counts(4), files }));
  const told = await fetch('--out', 'out');
  t.equal(told.code, 0);
  t.match(
    told.out,
    /PROVIDER[\s\S]*1203 +1202 +1[\s\S]*4 units agreed[\s\S]*out\/picture\.txt[\s\S]*out\/report\.json/,
  );
  t.equal(await readFile(join(home, 'out/picture.txt'), 'utf8'), 'bunny');
  t.same(await readFile(join(home, 'out/deep/er/big.bin')), large);
  const report = JSON.parse(await readFile(join(home, 'out/report.json'), 'utf8'));
  t.equal(report.batch.batch, BATCH);
  t.equal(report.units.length, 1_203, 'over several pages');
  t.match(report.units[0], { label: 'tile 0', replicas: [{ state: 'agreed' }, { state: 'disagreed' }] });
  t.match(report.providers, [{}, { provider: OTHER_PEER, disagreed: 1, replicas: 1_203 }]);
});

t.test('with --json there is one document', async (t) => {
  const { fetch } = await finished(t.teardown, [file('a', '1')]);
  const { out } = await fetch('--json');
  t.match(JSON.parse(out), { batch: BATCH, files: ['a', 'report.json'] });
});

t.test('names that lead out of the folder are refused', async (t) => {
  for (const path of [
    '../evil',
    '/etc/evil',
    'a/../../evil',
    'a//b',
    '',
    './a',
    'a\\b',
    'a\0b',
    'x'.repeat(300),
  ]) {
    const { fetch, node, home } = await finished(t.teardown, []);
    node.change(batchView({ phase: 'done', files: [file(path, 'evil')] }));
    const told = await fetch('--out', 'deep/out');
    t.equal(told.code, 1, JSON.stringify(path));
    t.match(
      told.err,
      /GRID_RESULT_PATH_UNSAFE|GRID_API_REQUEST_INVALID|GRID_API_FILE_UNKNOWN|GRID_API_ROUTE_UNKNOWN/,
    );
    t.notOk((await readdir(home, { recursive: true })).some((name) => name.endsWith('evil')));
  }
});

t.test('links are not followed', async (t) => {
  const { fetch, home } = await finished(t.teardown, [file('a/b', 'evil')]);
  await mkdir(join(home, 'elsewhere'));
  await mkdir(join(home, 'out'));
  await symlink(join(home, 'elsewhere'), join(home, 'out/a'));
  t.match(await fetch('--out', 'out', '--force'), { code: 1, err: /GRID_RESULT_PATH_UNSAFE/ });
  t.same(await readdir(join(home, 'elsewhere')), []);
  await mkdir(join(home, 'out2/a'), { recursive: true });
  await writeFile(join(home, 'mine'), 'mine');
  await symlink(join(home, 'mine'), join(home, 'out2/a/b'));
  t.match(await fetch('--out', 'out2', '--force'), { code: 1, err: /GRID_RESULT_PATH_UNSAFE/ });
  t.equal(await readFile(join(home, 'mine'), 'utf8'), 'mine');
});

t.test('what is there is kept unless it may be overwritten', async (t) => {
  const { fetch, home } = await finished(t.teardown, [file('a', 'new')]);
  await mkdir(join(home, 'out'));
  await writeFile(join(home, 'out/a'), 'old and longer');
  t.match(await fetch('--out', 'out'), { code: 1, err: /GRID_RESULT_FILE_EXISTS[\s\S]*--force/ });
  t.equal(await readFile(join(home, 'out/a'), 'utf8'), 'old and longer');
  t.equal((await fetch('--out', 'out', '--force')).code, 0);
  t.equal(await readFile(join(home, 'out/a'), 'utf8'), 'new');
});

t.test("a result's own report.json is not lost", async (t) => {
  const { fetch, home } = await finished(t.teardown, [file('report.json', '"mine"')]);
  t.equal((await fetch('--out', 'out')).code, 0);
  t.equal(await readFile(join(home, 'out/report.json'), 'utf8'), '"mine"');
  t.match(await readFile(join(home, 'out/conun-report.json'), 'utf8'), /"units":/);
});

t.test('a batch without a result says so and exits with 4', async (t) => {
  const { fetch, node } = await finished(t.teardown, []);
  node.change(batchView({ phase: 'open' }));
  t.match(await fetch(), { code: 4, err: /it is open\. \[GRID_RESULTS_NOT_READY\]/ });
  node.change(batchView({ phase: 'failed', reason: 'too many errors' }));
  t.match(await fetch(), { code: 4, err: /it is failed: too many errors\./ });
});
