/**
 * One daemon for one home directory.
 *
 * The lock is a file with the process id of its holder, made with a hard link, which succeeds for exactly one
 * of many processes. A holder that was killed leaves its file behind; whoever comes next sees that the
 * process is gone and takes the file away. On Linux the file also names when the process was started, because
 * after a restart of the machine its id may belong to another one.
 *
 * This is the kind answer, with the process to stop. Should two daemons come in the same instant to a stale
 * file, the locks of the stores in the home, which the system takes from a dead process, still let only one
 * of them in.
 */

import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toFault } from '../actors/index.ts';
import { fabricErrors } from './errors.ts';

export interface HomeLock {
  /** Lets the next one in. May be called twice. */
  release(): Promise<void>;
}

const LOCK_NAME = 'daemon.lock';

/** Each round ends with the lock, a living holder, or a stale file less; more mean a race without end. */
const ROUNDS_MAX = 10;

/** Rejects with `FABRIC_HOME_IN_USE` and the holder's process id, or `FABRIC_HOME_UNUSABLE`. */
export async function lockHome(path: string): Promise<HomeLock> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    return await lock(path);
  } catch (error) {
    throw toFault(error, (details) => fabricErrors.FABRIC_HOME_UNUSABLE({ path, ...details }, error));
  }
}

async function lock(path: string): Promise<HomeLock> {
  const file = join(path, LOCK_NAME);
  const mine = (await claimOf(process.pid))!;
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, mine, { mode: 0o600 });
  try {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      if (await linked(draft, file)) return heldLock(file, mine);
      const claim = await readFile(file, 'utf8').catch(absent);
      if (claim === undefined) continue;
      const pid = Number.parseInt(claim, 10);
      // Our own id in a file that we did not make now: a second daemon in one process, or this id used again.
      if (claim === (await claimOf(pid))) throw fabricErrors.FABRIC_HOME_IN_USE({ path, pid });
      await removeStale(file, claim);
    }
  } finally {
    await rm(draft, { force: true });
  }
  throw fabricErrors.FABRIC_HOME_UNUSABLE({ path, reason: 'its lock changes hands all the time' });
}

/** The text that the process would write now; undefined if there is none with this id. */
async function claimOf(pid: number): Promise<string | undefined> {
  if (!isAlive(pid)) return undefined;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(absent);
  // Field 22, counted after the name, which may hold spaces and parentheses.
  const startedAt = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return `${pid} ${startedAt}\n`;
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

async function linked(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Moved aside first: of several that found it stale, one moves it, and nobody removes the next holder's file.
 */
async function removeStale(file: string, claim: string): Promise<void> {
  const aside = `${file}.stale.${process.pid}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  const moved = await readFile(aside, 'utf8');
  if (moved !== claim) await linked(aside, file);
  await rm(aside, { force: true });
}

function heldLock(file: string, mine: string): HomeLock {
  let held = true;
  return {
    async release() {
      if (!held) return;
      held = false;
      const claim = await readFile(file, 'utf8').catch(absent);
      if (claim === mine) await rm(file, { force: true });
    },
  };
}

function absent(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ESRCH') throw error;
  return undefined;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
