/**
 * Runs one test file in a process of its own and says what became of it. The file leads a process group, and
 * everything it starts inherits a mark in its environment, so that at the end whatever is still there can be
 * found, ended and reported: a test that leaves processes behind would spoil the measurements and ports of
 * the next.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface FileRun {
  /** What it printed on stdout: TAP. */
  readonly tap: string;
  /** The last of what it printed on stderr. */
  readonly complaints: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly overstayed: boolean;
  /** Command lines of the processes that outlived it, by then ended. */
  readonly leftBehind: readonly string[];
  readonly tookMs: number;
}

/** The longest file takes about a minute on two free cores; five leave room for a loaded machine. */
export const FILE_MS_MAX = 300_000;

/** tap's own limit ends first, as it can name the block that hangs. */
const BLOCK_S_MAX = 290;

/** How long what is being stopped may take to be gone: a daemon syncs its journal first. */
const GRACE_MS = 2_000;

/** A megabyte of stderr explains any failure; more would be a flood. */
const COMPLAINTS_CHARACTERS_MAX = 1_000_000;

/** Compiled code is kept between processes: loading the same modules is half of what a short file costs. */
const COMPILE_CACHE = join('node_modules', '.cache', 'conun-tests');

const MARK = 'CONUN_TEST_FILE';
const running = new Set<ChildProcess>();

export async function runFile(root: string, file: string): Promise<FileRun> {
  const mark = `${process.pid}:${file}`;
  const startedMs = performance.now();
  const child = spawn(process.execPath, [file], {
    cwd: root,
    detached: true,
    env: {
      ...process.env,
      NO_COLOR: '1',
      NODE_COMPILE_CACHE: join(root, COMPILE_CACHE),
      TAP: '1',
      TAP_TIMEOUT: String(BLOCK_S_MAX),
      [MARK]: mark,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let overstayed = false;
  const limit = setTimeout(() => {
    overstayed = true;
    endGroup(child);
  }, FILE_MS_MAX);
  const tap = gather(child.stdout, Infinity);
  const complaints = gather(child.stderr, COMPLAINTS_CHARACTERS_MAX);
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const ending = await endOf(child, mark);
  // What escaped even the mark may hold the pipes: it must not hold the run.
  await Promise.race([closed, pause(GRACE_MS, undefined, { ref: false })]);
  clearTimeout(limit);
  running.delete(child);
  return {
    tap: tap(),
    complaints: complaints(),
    ...ending,
    overstayed,
    tookMs: performance.now() - startedMs,
  };
}

/** Ends every file that runs, with all it started in its group. */
export function stopAll(): void {
  for (const child of running) endGroup(child);
}

/**
 * Resolves when the file and all it started are gone; waits for the exit only, as heirs may hold its pipes.
 */
async function endOf(
  child: ChildProcess,
  mark: string,
): Promise<Pick<FileRun, 'code' | 'signal' | 'leftBehind'>> {
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('exit', (code, signal) => resolve([code, signal]));
    child.once('error', () => resolve([1, null]));
  });
  const left = await lastAfterGrace(mark);
  for (const { pid } of left) end(pid);
  endGroup(child);
  await lastAfterGrace(mark);
  return { code, signal, leftBehind: left.map(({ command }) => command) };
}

async function lastAfterGrace(mark: string): Promise<{ pid: number; command: string }[]> {
  let left = survivors(mark);
  for (let waitedMs = 0; left.length > 0 && waitedMs < GRACE_MS; waitedMs += 50) {
    await pause(50);
    left = survivors(mark);
  }
  return left;
}

/** The processes that carry the mark; only Linux tells, elsewhere the process group has to do. */
function survivors(mark: string): { pid: number; command: string }[] {
  if (process.platform !== 'linux') return [];
  const needle = `${MARK}=${mark}\0`;
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || !processFile(pid, 'environ').includes(needle)) return [];
    return [{ pid, command: processFile(pid, 'cmdline').replaceAll('\0', ' ').trim() }];
  });
}

/** Empty when the process is gone, ending, or another person's. */
function processFile(pid: number, name: string): string {
  try {
    return readFileSync(join('/proc', String(pid), name), 'utf8');
  } catch {
    return '';
  }
}

function endGroup(child: ChildProcess): void {
  if (child.pid !== undefined) end(-child.pid);
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already: what was wanted.
  }
}

function gather(stream: NodeJS.ReadableStream, charactersMax: number): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (piece: string) => {
    text = `${text}${piece}`.slice(-charactersMax);
  });
  return () => text;
}
