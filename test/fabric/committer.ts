/**
 * A process to be killed: commits numbered pairs to a journal as fast as it can, and reports what is durable.
 */

import { openLevelJournal } from '../../src/fabric/journal-level.ts';

/** Commits under way at the same time, so that a kill hits merged groups too. */
const PIPELINE = 16;
const SNAPSHOT_EVERY = 100;

const journal = await openLevelJournal({ path: process.argv[2]! });
const number = (value: number) => Buffer.from(String(value));

let sent = 0;
const lane = async () => {
  for (;;) {
    const mine = sent++;
    await journal.commit({
      entries: [
        { stream: 'left', entry: number(mine) },
        { stream: 'right', entry: number(mine) },
      ],
      snapshots: mine % SNAPSHOT_EVERY === 0 ? [{ stream: 'right', state: number(mine) }] : [],
      puts: [{ key: 'newest', value: number(mine) }],
    });
    process.stdout.write(`${mine}\n`);
  }
};
await Promise.all(Array.from({ length: PIPELINE }, lane));
