import { spawn, spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Level } from 'level';
import t, { type Test } from 'tap';
import type { Inspection, Journal } from '../../src/actors/index.ts';
import { openLevelJournal } from '../../src/fabric/journal-level.ts';
import { journalConformance } from '../conformance/journal.ts';

const bytes = (text: string) => Buffer.from(text);

async function home(t: Test): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'conun-journal-'));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function replayed(journal: Journal, stream: string): Promise<string[]> {
  const items: string[] = [];
  for await (const { kind, bytes } of journal.replay(stream)) {
    items.push(`${kind === 'snapshot' ? '*' : ''}${Buffer.from(bytes).toString()}`);
  }
  return items;
}

const append = (journal: Journal, stream: string, ...entries: string[]) =>
  journal.commit({ entries: entries.map((entry) => ({ stream, entry: bytes(entry) })) });

t.test('the journal on disk keeps the promises of a journal', (t) =>
  journalConformance(t, async (t) => {
    const path = await home(t);
    return { open: () => openLevelJournal({ path }) };
  }),
);

t.test('commits that wait for one sync leave together, in order', async (t) => {
  const synced: Inspection[] = [];
  const clock = { now: () => 0, monotonic: () => 0, after: () => () => undefined };
  const journal = await openLevelJournal({
    path: await home(t),
    clock,
    inspect: (event) => synced.push(event),
  });
  const done: number[] = [];
  const commits = Array.from({ length: 500 }, (_, at) =>
    append(journal, 's', String(at)).then(() => void done.push(at)),
  );
  await Promise.all(commits);
  t.same(
    synced.map(({ details }) => details?.commits),
    [500],
    'one turn, one sync',
  );
  t.same(done, [...done.keys()]);
  t.same(await replayed(journal, 's'), done.map(String));
  await journal.close();
});

t.test('a dropped stream is gone, and starts empty when it is used again', async (t) => {
  const path = await home(t);
  const journal = await openLevelJournal({ path });
  await append(journal, 'a', '1', '2');
  await append(journal, 'ab', '1');
  await journal.commit({ drops: ['a'] });
  t.same(await replayed(journal, 'a'), []);
  t.same(await journal.streams(''), ['ab']);
  await append(journal, 'a', '3');
  t.same(await replayed(journal, 'a'), ['3']);
  await journal.commit({ drops: ['ab'] });
  await journal.close();

  const again = await openLevelJournal({ path });
  t.same(await again.streams(''), ['a']);
  t.same(await replayed(again, 'a'), ['3']);
  await again.close();
});

t.test('closing waits for commits, and refuses later ones', async (t) => {
  const path = await home(t);
  const journal = await openLevelJournal({ path });
  const commit = append(journal, 's', 'last');
  await journal.close();
  await commit;
  await t.rejects(append(journal, 's', 'late'), { code: 'FABRIC_STORE_CLOSED' });
  await journal.close();
  const again = await openLevelJournal({ path });
  t.same(await replayed(again, 's'), ['last']);
  await again.close();
});

t.test('a store that is open already is refused', async (t) => {
  const path = await home(t);
  const journal = await openLevelJournal({ path });
  await t.rejects(openLevelJournal({ path }), { code: 'FABRIC_STORE_LOCKED' });
  await journal.close();
  await (await openLevelJournal({ path })).close();
});

t.test('a hole in a stream is reported, not skipped', async (t) => {
  const path = await home(t);
  const journal = await openLevelJournal({ path });
  await append(journal, 's', '0', '1', '2');
  await journal.close();
  const store = new Level(path);
  await store.del('es\x000000000001');
  await store.close();
  const holed = await openLevelJournal({ path });
  await t.rejects(replayed(holed, 's'), { code: 'FABRIC_STORE_CORRUPT', message: /entry 1 of stream s/ });
  await holed.close();
});

t.test('what a crash left of a forgotten stream is erased at the next opening', async (t) => {
  const path = await home(t);
  const journal = await openLevelJournal({ path });
  await append(journal, 'dropped', '0', '1');
  await append(journal, 'cut', '0', '1');
  await journal.close();
  // As the commit of a drop and of a snapshot leave them, before anything is erased.
  const store = new Level(path);
  await store.batch([
    { type: 'put', key: 'fdropped', value: '0000000002' },
    { type: 'put', key: 'fcut', value: '0000000001' },
  ]);
  await store.close();
  const opened = await openLevelJournal({ path });
  t.same(await opened.streams(''), ['cut']);
  t.same(await replayed(opened, 'cut'), ['1']);
  await opened.close();
  const after = new Level(path);
  t.same(await after.keys().all(), ['ecut\x000000000001', 'fcut']);
  await after.close();
});

t.test('a damaged store is refused, and left as it is', async (t) => {
  const path = await home(t);
  const journal = await openLevelJournal({ path });
  await append(journal, 's', '0');
  await journal.close();
  const names = await readdir(path);

  const beheaded = join(await home(t), 'beheaded');
  await cp(path, beheaded, { recursive: true });
  await rm(join(beheaded, 'CURRENT'));
  await t.rejects(openLevelJournal({ path: beheaded }), { code: 'FABRIC_STORE_CORRUPT' });
  t.same(
    await readdir(beheaded),
    names.filter((name) => name !== 'CURRENT'),
  );

  const manifest = join(path, names.find((name) => name.startsWith('MANIFEST'))!);
  const damaged = await readFile(manifest);
  damaged.fill(0xff, 0, 20);
  await writeFile(manifest, damaged);
  await t.rejects(openLevelJournal({ path }), { code: 'FABRIC_STORE_CORRUPT' });
});

t.test('a name that is no stream name is a programmer error', async (t) => {
  const journal = await openLevelJournal({ path: await home(t) });
  t.throws(() => append(journal, 'a\0b', 'x'), { code: 'ACTORS_ASSERTION' });
  await journal.close();
});

for (const killAfter of [1, 60, 333, 1_500]) {
  t.test(`what was acknowledged survives a kill after ${killAfter} acknowledgements`, async (t) => {
    const path = await home(t);
    const acknowledged = await killCommitter(path, killAfter);
    const journal = await openLevelJournal({ path });
    const left = await replayed(journal, 'left');
    t.ok(left.length >= acknowledged.length, 'nothing acknowledged is lost');
    t.same(left, [...left.keys()].map(String), 'the stream is a prefix of what was sent');
    const [snapshot, ...right] = await replayed(journal, 'right');
    const begin = Number(snapshot!.slice(1));
    t.same(right, left.slice(begin), 'a commit is there wholly or not at all');
    t.equal(Buffer.from((await journal.get('newest'))!).toString(), left.at(-1));
    await journal.close();
  });
}

/**
 * Starts a committer, kills it without warning after some acknowledgements, returns what it had acknowledged.
 */
async function killCommitter(path: string, killAfter: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'committer.ts'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line);
    if (acknowledged.length === killAfter) child.kill('SIGKILL');
  }
  return acknowledged;
}

const inTinyDisk = ['-Urm', 'sh', '-c', 'mount -t tmpfs -o size=4m none "$1" && exec "$0" "$2" "$1"'];
const namespaces = spawnSync('unshare', ['-Urm', 'true']).status === 0;

t.test(
  'a full disk refuses new commits, and keeps what was acknowledged',
  { skip: namespaces ? false : 'needs unprivileged mount namespaces (unshare) to make a tiny disk' },
  async (t) => {
    const filler = join(import.meta.dirname, 'disk-filler.ts');
    const { stdout } = spawnSync('unshare', [...inTinyDisk, process.execPath, await home(t), filler], {
      encoding: 'utf8',
    });
    const { first, later, acknowledged, kept } = JSON.parse(stdout);
    t.equal(first, 'FABRIC_STORE_FULL');
    t.equal(later, 'FABRIC_STORE_FULL', 'though there is room again: nothing goes on behind a hole');
    t.ok(acknowledged > 0);
    t.equal(kept, acknowledged);
  },
);
