import t from 'tap';
import { Fault, type MemoryJournal, memoryJournal } from '../../src/actors/index.ts';
import { journalConformance } from '../conformance/journal.ts';

t.test('the journal in memory keeps the promises of a journal', (t) =>
  journalConformance(t, async () => {
    let last: MemoryJournal | undefined;
    return {
      open: async () => {
        last = last?.crash() ?? memoryJournal();
        return last;
      },
    };
  }),
);

const entry = new Uint8Array([1]);

async function lengthOf(journal: MemoryJournal, stream: string): Promise<number> {
  let length = 0;
  for await (const _ of journal.replay(stream)) length += 1;
  return length;
}

t.test('a crash loses what was not yet durable, and nothing else', async (t) => {
  const disk = Promise.withResolvers<void>();
  let syncs = 0;
  const journal = memoryJournal({ sync: () => (++syncs === 1 ? Promise.resolve() : disk.promise) });
  await journal.commit({ entries: [{ stream: 's', entry }] });
  let settled = false;
  const lost = () => {
    settled = true;
  };
  journal.commit({ entries: [{ stream: 's', entry }], puts: [{ key: 'k', value: entry }] }).then(lost, lost);
  const restarted = journal.crash();
  disk.resolve();
  await new Promise(setImmediate);
  t.equal(settled, false, 'the dead process learns nothing more');
  t.equal(await lengthOf(restarted, 's'), 1);
  t.equal(await restarted.get('k'), undefined);
  await restarted.commit({ entries: [{ stream: 's', entry }] });
  t.equal(await lengthOf(restarted, 's'), 2);
});

t.test(
  'a disk that fails refuses this commit and all later ones, and nothing of them is there',
  async (t) => {
    const journal = memoryJournal({ sync: () => Promise.reject(new TypeError('the disk is on fire')) });
    const commits = ['1', '2'].map(() => journal.commit({ entries: [{ stream: 's', entry }] }));
    for (const commit of [...commits, ...commits]) {
      await t.rejects(commit, { code: 'ACTORS_JOURNAL_BROKEN', message: /the disk is on fire/ });
    }
    await t.rejects(journal.commit({}), Fault);
    t.equal(await lengthOf(journal, 's'), 0);
    await journal.close();
  },
);

t.test('a closed journal says so', async (t) => {
  const journal = memoryJournal();
  await journal.close();
  await t.rejects(journal.commit({}), { code: 'ACTORS_JOURNAL_CLOSED', retry: true });
});
