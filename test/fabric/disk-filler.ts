/**
 * Runs on a disk of a few megabytes: commits until it is full, makes room, and counts what is still there.
 */

import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault, MIB } from '../../src/actors/index.ts';
import { openLevelJournal } from '../../src/fabric/journal-level.ts';

const disk = process.argv[2]!;
const ballast = join(disk, 'ballast');
await writeFile(ballast, new Uint8Array(2 * MIB));
const path = join(disk, 'journal');
const entry = new Uint8Array(16 * 1024);
const codeOf = (error: unknown) => (error instanceof Fault ? error.code : String(error));

const journal = await openLevelJournal({ path });
const commit = () => journal.commit({ entries: [{ stream: 's', entry }] });
let acknowledged = 0;
let first = 'none';
while (first === 'none') {
  first = await commit().then(() => 'none', codeOf);
  if (first === 'none') acknowledged++;
}
await rm(ballast);
const later = await commit().then(() => 'none', codeOf);
await journal.close();

const again = await openLevelJournal({ path });
let kept = 0;
for await (const _ of again.replay('s')) kept++;
await again.close();
process.stdout.write(JSON.stringify({ first, later, acknowledged, kept }));
