import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { BlockShelf } from '../../src/connectivity/block-shelf.ts';
import { noopProgram } from '../fixtures/programs.ts';
import {
  batchFile,
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
  type Told,
  until,
  verdicts,
  writeApp,
} from './ground.ts';

t.setTimeout(FILE_MS_MAX);

/** What an app can do wrong, by its argument. */
const MISCHIEF = `import { args, print } from "conun";
const what = args()[0];
if (what == "trap") unreachable();
if (what == "loop") while (true) {}
if (what == "hoard") { while (memory.grow(1) != -1) {} unreachable(); }
if (what == "flood") while (true) print("more and more and more and more and more and more");
print(what);
`;

const stage = await emptyStage(t);
const QUOTA = { 'provider.storageQuota': '8 MiB' };
const broker = await stage.cast({ name: 'broker', roles: ['broker'], set: { ...PATIENCE, ...QUOTA } });
const address = await broker.address();
const [spin, mischief, provider] = await Promise.all([
  spinning(stage),
  writeApp(stage, { name: 'mischief', source: MISCHIEF }),
  stage.cast({ name: 'provider', roles: ['provider'], set: serving(address) }),
]);
await publish(broker, spin);
await publish(broker, mischief);

// Accepted before anything goes wrong, and open all the while, because it needs a second owner: it must end
// well.
const accepted = await submit(broker, equalUnits('spin', 20, 1_000, 2));
await until(broker.client, accepted.batch, ({ counts }) => counts.replicasReturned > 0);

/** A sentence, a code, what to do; no stack. */
function complains(test: Test, told: Told, code: number, ...patterns: RegExp[]): void {
  test.equal(told.code, code, told.err);
  test.match(told.err, /^conun: .+ \[[A-Z]+(_[A-Z]+)+\]\n→ .+\n$/s);
  test.notMatch(told.err, /^\s+at /m, 'no stack');
  for (const pattern of patterns) test.match(told.err, pattern);
}

async function submitted(text: string): Promise<Told> {
  const file = join(stage.folder, 'wrong.yaml');
  await writeFile(file, text);
  return conun(['submit', file], broker.home);
}

async function emptyHome(name: string): Promise<string> {
  const home = join(stage.folder, name);
  await mkdir(home, { mode: 0o700 });
  return home;
}

/** Turns over one bit of each stored block with these contents, as a failing disk does. Says how many. */
async function damage(path: string, contents: Uint8Array): Promise<number> {
  const shelf = await BlockShelf.openAt(path, 2 ** 30);
  let damaged = 0;
  for await (const [key, block] of shelf.db.iterator({ gte: '/', lt: '0' })) {
    if (!contents.every((byte, at) => block[at] === byte)) continue;
    const wrong = Uint8Array.from(block);
    wrong[0]! ^= 1;
    await shelf.db.put(key, wrong, { sync: true });
    damaged += 1;
  }
  await shelf.close();
  return damaged;
}

t.test('a batch file that is no YAML names line and column', async (t) => {
  const told = await submitted('app: spin@1.0.0\nname: [one\nparameters: {}\n');
  complains(t, told, 1, /APPLICATION_FILE_INVALID/, /line 3|:3:/);
});

t.test('a member that a batch file does not know is named, with its place', async (t) => {
  const told = await submitted('app: spin@1.0.0\nname: one\nquorums: {}\n');
  complains(t, told, 1, /APPLICATION_FILE_INVALID/, /quorums/, /line 3|:3:/);
});

t.test('an unknown app is refused, and the near name suggested', async (t) => {
  complains(t, await submitted(batchFile('spinn', {})), 1, /APPLICATION_APP_UNKNOWN/, /spin@1\.0\.0/);
});

t.test('a program that does not validate is not published', async (t) => {
  const damaged = noopProgram().map((byte, at) => (at === 60 ? 255 - byte : byte));
  const app = await writeApp(stage, { name: 'damaged', program: damaged });
  complains(t, await conun(['app', 'publish', app], broker.home), 1, /APPLICATION_BUILD_FAILED/);
});

t.test('a program that imports what does not exist is not published', async (t) => {
  const name = Buffer.from('wasi_snapshot_preview1');
  const program = Buffer.from(noopProgram());
  Buffer.from('host_windows_of_mine11').copy(program, program.indexOf(name));
  const app = await writeApp(stage, { name: 'importing', program });
  const told = await conun(['app', 'publish', app], broker.home);
  complains(t, told, 1, /APPLICATION_BUILD_FAILED/, /host_windows_of_mine11/);
});

t.test('units that trap, loop for ever, hoard memory or flood fail alone, each with its code', async (t) => {
  const units = ['fine', 'trap', 'loop', 'hoard', 'flood', 'fine'].map((what) => [what]);
  const rule = { min_quorum: 1, max_error_results: 1, max_total_results: 4 };
  const limits = { time: '500ms' };
  const { batch } = await submit(broker, batchFile('mischief', { units }, { quorum: rule, limits }));
  await until(broker.client, batch, isOver);
  const results = await verdicts(broker.client, batch);
  t.strictSame(
    results.map(({ verdict }) => verdict),
    ['agreed', 'failed', 'failed', 'failed', 'failed', 'agreed'],
  );
  const codes = ['TRAPPED', 'TIME_LIMIT', 'MEMORY_LIMIT', 'LOG_LIMIT'].map((what) => `FABRIC_TASK_${what}`);
  for (const [at, code] of codes.entries()) {
    const unit = at + 1;
    t.ok(
      results[unit]?.replicas.some((replica) => replica.code === code),
      `unit ${unit}: ${code}`,
    );
    const told = await conun(['explain', batch, String(unit)], broker.home);
    t.equal(told.code, 0, told.err);
    t.match(told.out, code, 'explain shows the code');
  }
  const out = join(stage.folder, 'mischief-out');
  const told = await conun(['results', batch, '--out', out], broker.home);
  t.equal(told.code, 0, told.err);
  const report = await readFile(join(out, 'report.json'), 'utf8');
  for (const code of codes) t.match(report, code, 'the report shows the code');
  t.match((await conun(['status', batch], broker.home)).out, /4 failed/);
});

t.test('an input that does not fit the quota is refused, and the node goes on', async (t) => {
  const app = await writeApp(stage, { name: 'reading', program: noopProgram(), inputs: ['data'] });
  await publish(broker, app);
  await writeFile(join(stage.folder, 'large.bin'), Buffer.alloc(9 * 2 ** 20));
  const told = await submitted(batchFile('reading', { count: 1 }, { inputs: { data: 'large.bin' } }));
  complains(t, told, 1, /FABRIC_STORAGE_QUOTA/);
});

t.test('a second daemon on one home ends with the name of the first', async (t) => {
  const told = await conun(['daemon', '--home', broker.home]);
  complains(t, told, 1, /FABRIC_HOME_IN_USE|GRID_DAEMON_RUNNING/, new RegExp(`${broker.pid}`));
});

t.test('a configuration file with an unknown member is refused with what it may be', async (t) => {
  const home = await emptyHome('misspelt');
  await writeFile(join(home, 'config.yaml'), 'provider: { slotss: 2 }\n');
  const told = await conun(['daemon', '--home', home]);
  complains(t, told, 2, /GRID_CONFIG_INVALID/, /slotss/, /config\.yaml/);
});

t.test('a key that others can read is refused; nothing is made in its place', async (t) => {
  await provider.stop();
  const key = join(provider.home, 'node.key');
  const before = await readFile(key);
  await chmod(key, 0o644);
  const told = await conun(['daemon', '--home', provider.home]);
  complains(t, told, 1, /CONNECTIVITY_KEY_MODE/, /node\.key/);
  t.same(await readFile(key), before);
  await chmod(key, 0o600);
  await provider.start();
});

t.test('a damaged block is not used: it is fetched again from a peer', async (t) => {
  const { batch } = await submit(broker, equalUnits('spin', 1, 1_000));
  await until(broker.client, batch, isOver);
  await provider.stop();
  const damaged = await damage(
    join(provider.home, 'data', 'blocks'),
    await readFile(join(spin, 'program.wasm')),
  );
  t.equal(damaged, 1, 'the program was on the disk');
  await provider.start();
  const again = await submit(broker, equalUnits('spin', 1, 2_000));
  t.match(await until(broker.client, again.batch, isOver), {
    phase: 'done',
    counts: { agreed: 1, failed: 0 },
  });
});

t.test('nothing accepted is lost: the batch from before all this ends well', async (t) => {
  t.equal((await broker.client.batch(accepted.batch)).phase, 'open');
  await stage.cast({ name: 'second', roles: ['provider'], set: serving(address) });
  const view = await until(broker.client, accepted.batch, isOver);
  t.match(view, { phase: 'done', counts: { total: 20, agreed: 20, failed: 0, cancelled: 0 } });
});

t.test('a provider whose disk is too small fails its units with the reason', async (t) => {
  await Promise.all(stage.players.filter((player) => player !== broker).map((player) => player.stop()));
  const set = { ...serving(address), 'provider.storageQuota': '100 B' };
  await stage.cast({ name: 'tiny', roles: ['provider'], set });
  const rule = { min_quorum: 1, max_error_results: 1, max_total_results: 2 };
  const { batch } = await submit(broker, batchFile('spin', { units: [['1']] }, { quorum: rule }));
  t.match(await until(broker.client, batch, isOver), { counts: { failed: 1 } });
  t.match((await conun(['explain', batch, '0'], broker.home)).out, /FABRIC_STORAGE_QUOTA/);
});
