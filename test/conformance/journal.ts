/**
 * What every binding of the `Journal` port promises. Each test gets a home of its own: a place that can be
 * opened, closed and opened again.
 */

import { deepEqual } from 'node:assert/strict';
import { setImmediate as nextPass } from 'node:timers/promises';
import fc from 'fast-check';
import type { Test } from 'tap';
import { Fault, type Journal, type JournalCommit, memoryJournal } from '../../src/actors/index.ts';

export interface JournalHome {
  /** Opens the journal; what earlier ones have made durable is there. At most one is open at a time. */
  open(): Promise<Journal>;
}

export type MakeJournalHome = (t: Test) => Promise<JournalHome>;

export interface JournalConformanceOptions {
  /** Random histories that are compared with the journal in memory; fewer for slow stores. */
  readonly histories?: number;
}

export async function journalConformance(
  t: Test,
  makeHome: MakeJournalHome,
  { histories = 50 }: JournalConformanceOptions = {},
): Promise<void> {
  await t.test('streams', (t) => streamTests(t, makeHome));
  await t.test('snapshots and drops', (t) => snapshotTests(t, makeHome));
  await t.test('rows', (t) => rowTests(t, makeHome));
  await t.test('commits', (t) => commitTests(t, makeHome));
  await t.test('any history leaves what it leaves in the journal in memory', (t) =>
    historyTest(t, makeHome, histories),
  );
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : new TextDecoder().decode(bytes);

const append = (stream: string, ...entries: string[]): JournalCommit => ({
  entries: entries.map((entry) => ({ stream, entry: bytes(entry) })),
});

/** Snapshots with a star before them. */
async function replayed(journal: Journal, stream: string): Promise<string[]> {
  const items: string[] = [];
  for await (const { kind, bytes } of journal.replay(stream)) {
    items.push(`${kind === 'snapshot' ? '*' : ''}${text(bytes)}`);
  }
  return items;
}

async function scanned(
  journal: Journal,
  prefix: string,
  options?: { after?: string; limit?: number },
): Promise<string[]> {
  const rows: string[] = [];
  for await (const { key, value } of journal.scan(prefix, options)) rows.push(`${key}=${text(value)}`);
  return rows;
}

async function streamTests(t: Test, makeHome: MakeJournalHome): Promise<void> {
  await t.test('a stream that was never written replays as nothing', async (t) => {
    const journal = await (await makeHome(t)).open();
    t.same(await replayed(journal, 'nobody'), []);
    t.same(await journal.streams(''), []);
    await journal.close();
  });

  await t.test('entries replay oldest first, each stream its own', async (t) => {
    const journal = await (await makeHome(t)).open();
    await journal.commit(append('a', '1', '2'));
    await journal.commit({
      entries: [...(append('b', 'x').entries ?? []), ...(append('a', '3').entries ?? [])],
    });
    t.same(await replayed(journal, 'a'), ['1', '2', '3']);
    t.same(await replayed(journal, 'b'), ['x']);
    await journal.close();
  });

  await t.test('more than nine entries keep their order', async (t) => {
    const journal = await (await makeHome(t)).open();
    const all = Array.from({ length: 1_234 }, (_, index) => String(index));
    await journal.commit(append('long', ...all));
    t.same(await replayed(journal, 'long'), all);
    await journal.close();
  });

  await t.test('streams are listed by prefix, in order', async (t) => {
    const journal = await (await makeHome(t)).open();
    for (const stream of ['batch/2', 'leases', 'batch/1', 'batch', 'batch/1/more']) {
      await journal.commit(append(stream, 'x'));
    }
    t.same(await journal.streams('batch/'), ['batch/1', 'batch/1/more', 'batch/2']);
    t.same(await journal.streams(''), ['batch', 'batch/1', 'batch/1/more', 'batch/2', 'leases']);
    await journal.close();
  });

  await t.test('a stream whose name begins another one is kept apart from it', async (t) => {
    const journal = await (await makeHome(t)).open();
    await journal.commit(append('a', '1'));
    await journal.commit(append('a/b', '2'));
    await journal.commit({ drops: ['a'] });
    t.same(await replayed(journal, 'a'), []);
    t.same(await replayed(journal, 'a/b'), ['2']);
    await journal.close();
  });

  await t.test('an empty entry is an entry', async (t) => {
    const journal = await (await makeHome(t)).open();
    await journal.commit(append('a', '', 'x', ''));
    t.same(await replayed(journal, 'a'), ['', 'x', '']);
    await journal.close();
  });

  await t.test('a replay shows the stream as it was when it began', async (t) => {
    const journal = await (await makeHome(t)).open();
    await journal.commit(append('a', '1', '2'));
    const replay = journal.replay('a')[Symbol.asyncIterator]();
    t.same(text((await replay.next()).value?.bytes), '1');
    await journal.commit(append('a', '3'));
    t.same(text((await replay.next()).value?.bytes), '2');
    t.equal((await replay.next()).done, true);
    await journal.close();
  });
}

async function snapshotTests(t: Test, makeHome: MakeJournalHome): Promise<void> {
  await t.test('a snapshot replaces the entries before it, and replays first', async (t) => {
    const journal = await (await makeHome(t)).open();
    await journal.commit(append('a', '1', '2'));
    await journal.commit({ snapshots: [{ stream: 'a', state: bytes('12') }] });
    await journal.commit(append('a', '3'));
    t.same(await replayed(journal, 'a'), ['*12', '3']);
    await journal.commit({ snapshots: [{ stream: 'a', state: bytes('123') }] });
    t.same(await replayed(journal, 'a'), ['*123']);
    await journal.close();
  });

  await t.test('entries in the commit of a snapshot come after it', async (t) => {
    const journal = await (await makeHome(t)).open();
    await journal.commit(append('a', '1'));
    await journal.commit({ ...append('a', '2'), snapshots: [{ stream: 'a', state: bytes('1') }] });
    t.same(await replayed(journal, 'a'), ['*1', '2']);
    await journal.close();
  });

  await t.test('a snapshot replaces what was called before it, though not yet durable', async (t) => {
    const journal = await (await makeHome(t)).open();
    await Promise.all([
      journal.commit(append('a', '1')),
      journal.commit({ snapshots: [{ stream: 'a', state: bytes('1') }] }),
      journal.commit(append('a', '2')),
    ]);
    t.same(await replayed(journal, 'a'), ['*1', '2']);
    await journal.close();
  });

  await t.test('a stream that only has a snapshot is listed', async (t) => {
    const journal = await (await makeHome(t)).open();
    await journal.commit({ snapshots: [{ stream: 'a', state: bytes('s') }] });
    t.same(await journal.streams(''), ['a']);
    await journal.close();
  });

  await t.test('a dropped stream is gone, and can begin anew in the same commit', async (t) => {
    const journal = await (await makeHome(t)).open();
    await journal.commit({ ...append('a', '1'), snapshots: [{ stream: 'a', state: bytes('s') }] });
    await journal.commit(append('b', '1'));
    await journal.commit({ drops: ['a', 'b'], ...append('b', '2') });
    t.same(await journal.streams(''), ['b']);
    t.same(await replayed(journal, 'a'), []);
    t.same(await replayed(journal, 'b'), ['2']);
    await journal.close();
  });
}

async function rowTests(t: Test, makeHome: MakeJournalHome): Promise<void> {
  const rows = (...keys: string[]): JournalCommit => ({
    puts: keys.map((key) => ({ key, value: bytes(key.toUpperCase()) })),
  });

  await t.test('a row is found by its key until it is deleted, and can be replaced', async (t) => {
    const journal = await (await makeHome(t)).open();
    t.equal(await journal.get('k'), undefined);
    await journal.commit(rows('k'));
    t.equal(text(await journal.get('k')), 'K');
    await journal.commit({ puts: [{ key: 'k', value: bytes('new') }] });
    t.equal(text(await journal.get('k')), 'new');
    await journal.commit({ deletes: ['k', 'never there'] });
    t.equal(await journal.get('k'), undefined);
    await journal.close();
  });

  await t.test('the last of two values for one key in one commit counts', async (t) => {
    const journal = await (await makeHome(t)).open();
    await journal.commit({
      puts: [
        { key: 'k', value: bytes('first') },
        { key: 'k', value: bytes('last') },
      ],
    });
    t.equal(text(await journal.get('k')), 'last');
    await journal.close();
  });

  await t.test('a scan goes in key order through a prefix, after a key, up to a limit', async (t) => {
    const journal = await (await makeHome(t)).open();
    await journal.commit(rows('u/3', 'u/1', 'v', 'u', 'u/2', 't/9'));
    t.same(await scanned(journal, 'u/'), ['u/1=U/1', 'u/2=U/2', 'u/3=U/3']);
    t.same(await scanned(journal, 'u/', { after: 'u/1' }), ['u/2=U/2', 'u/3=U/3']);
    t.same(await scanned(journal, 'u/', { after: 'u/15', limit: 1 }), ['u/2=U/2']);
    t.same(await scanned(journal, 'u/', { limit: 0 }), []);
    t.same(await scanned(journal, 'nothing'), []);
    t.equal((await scanned(journal, '')).length, 6);
    await journal.close();
  });

  await t.test('rows and streams of one name do not meet', async (t) => {
    const journal = await (await makeHome(t)).open();
    await journal.commit({ ...append('a', 'entry'), ...rows('a') });
    await journal.commit({ drops: ['a'] });
    t.equal(text(await journal.get('a')), 'A');
    await journal.commit({ ...append('a', 'entry'), deletes: ['a'] });
    t.same(await replayed(journal, 'a'), ['entry']);
    await journal.close();
  });
}

async function commitTests(t: Test, makeHome: MakeJournalHome): Promise<void> {
  await t.test('what was committed is there after closing and opening again', async (t) => {
    const home = await makeHome(t);
    const first = await home.open();
    await first.commit({ ...append('a', '1'), snapshots: [{ stream: 'a', state: bytes('0') }] });
    await first.commit({ puts: [{ key: 'k', value: bytes('v') }] });
    await first.close();
    const second = await home.open();
    await second.commit(append('a', '2'));
    t.same(await replayed(second, 'a'), ['*0', '1', '2']);
    t.equal(text(await second.get('k')), 'v');
    await second.close();
  });

  await t.test('commits resolve in the order of their calls, and one of nothing is a barrier', async (t) => {
    const journal = await (await makeHome(t)).open();
    const order: number[] = [];
    const calls = Array.from({ length: 20 }, (_, index) =>
      journal.commit(index % 3 === 2 ? {} : append('a', String(index))).then(() => order.push(index)),
    );
    await Promise.all(calls);
    t.same(
      order,
      order.map((_, index) => index),
    );
    t.equal((await replayed(journal, 'a')).length, 14);
    await journal.close();
  });

  await t.test('what a commit says is visible when it resolves', async (t) => {
    const journal = await (await makeHome(t)).open();
    const seen = await Promise.all(
      ['1', '2', '3'].map(async (value) => {
        await journal.commit({ puts: [{ key: value, value: bytes(value) }] });
        return text(await journal.get(value));
      }),
    );
    t.same(seen, ['1', '2', '3']);
    await journal.close();
  });

  await t.test('closing waits for commits under way', async (t) => {
    const home = await makeHome(t);
    const first = await home.open();
    const commits = Promise.all(['1', '2'].map((entry) => first.commit(append('a', entry))));
    await first.close();
    await commits;
    const second = await home.open();
    t.same(await replayed(second, 'a'), ['1', '2']);
    await second.close();
  });

  await t.test('a closed journal refuses commits with a fault, and can be closed again', async (t) => {
    const journal = await (await makeHome(t)).open();
    await journal.close();
    await t.rejects(journal.commit(append('a', '1')), Fault);
    await journal.close();
  });
}

/** Few names and keys, so that histories meet themselves often. */
const stream = fc.constantFrom('a', 'a/b', 'b');
const value = fc.uint8Array({ maxLength: 4 });
const key = fc.constantFrom('k', 'k/1', 'k/2', 'l');

const commit: fc.Arbitrary<JournalCommit> = fc
  .record({
    entries: fc.array(fc.record({ stream, entry: value }), { maxLength: 4 }),
    snapshots: fc.uniqueArray(fc.record({ stream, state: value }), { maxLength: 1 }),
    drops: fc.uniqueArray(stream, { maxLength: 1 }),
    rows: fc.uniqueArray(fc.tuple(key, fc.option(value, { nil: undefined })), { selector: ([key]) => key }),
  })
  .map(({ rows, ...commit }) => ({
    ...commit,
    puts: rows.flatMap(([key, value]) => (value === undefined ? [] : [{ key, value }])),
    deletes: rows.flatMap(([key, value]) => (value === undefined ? [key] : [])),
  }));

type Act = JournalCommit | 'wait' | 'reopen';
const history: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: commit },
    { weight: 1, arbitrary: fc.constantFrom<Act>('wait', 'reopen') },
  ),
  { maxLength: 24 },
);

async function historyTest(t: Test, makeHome: MakeJournalHome, histories: number): Promise<void> {
  const property = fc.asyncProperty(history, async (acts) => {
    const home = await makeHome(t);
    const oracle = memoryJournal();
    let journal = await home.open();
    for (const act of acts) {
      if (act === 'reopen') {
        await journal.close();
        journal = await home.open();
      } else if (act === 'wait') {
        await nextPass();
      } else {
        void journal.commit(act);
        void oracle.commit(act);
      }
    }
    await Promise.all([journal.commit({}), oracle.commit({})]);
    const [found, expected] = [await contentOf(journal), await contentOf(oracle)];
    await journal.close();
    deepEqual(found, expected);
  });
  await fc.assert(property, { numRuns: histories });
  t.pass(`${histories} histories`);
}

async function contentOf(journal: Journal): Promise<Record<string, readonly string[]>> {
  const content: Record<string, readonly string[]> = { rows: await scanned(journal, '') };
  for (const name of await journal.streams('')) content[`stream ${name}`] = await replayed(journal, name);
  return content;
}
