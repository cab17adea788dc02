/**
 * The pool's end of one host process: starts it, talks to it, stops and kills it, and knows what it ran last.
 *
 * The walls around a program, from the inside out: WebAssembly's own (it can call only what it imports),
 * Node's permission model (the process may read this package's code and nothing else: no files, no child
 * processes, no addons), a clean environment and no inherited descriptors but its channel and its mark, and
 * the lowest priority. It never outlives this process: the kernel kills it with its parent (`setpriv
 * --pdeathsig`), or, where that tool is missing, a thread in it does.
 */

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { constants, setPriority, tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Milliseconds } from '../../actors/index.ts';
import type { HostSays, PoolSays } from './host-wire.ts';
import { MARK_NUMBERS } from './host-wire.ts';

/** util-linux: on every Linux distribution with a usual base system; not on macOS. */
const SETPRIV_PATHS = ['/usr/bin/setpriv', '/bin/setpriv'];

/** This file's own ending: `.ts` in the sources, `.js` once built. */
const PROGRAM = fileURLToPath(new URL(`./host-process${extname(import.meta.url)}`, import.meta.url));

/**
 * Node's permission model has no finer grain than directories: our own sources, and the libraries next to
 * them.
 */
const READABLE = [
  join(dirname(PROGRAM), '../..'),
  ...nodeModulesOf(fileURLToPath(import.meta.resolve('@bjorn3/browser_wasi_shim'))),
];

export interface HostOptions {
  /** The engine's heap. Linear memories, files and code come on top. */
  readonly heapMb: number;
  /** `kernel` where it can; `thread` is the way of other systems, for tests on one that can. */
  readonly deathWatch?: 'kernel' | 'thread';
}

export interface HostListener {
  received(message: HostSays): void;
  /** Called once, last: the process is gone and everything it said has been received. */
  gone(reason: string): void;
}

/** Makes the names of marks unique within this process. */
let marksMade = 0;

export class HostLink {
  readonly #child: ChildProcess;
  readonly #mark: number;
  readonly #listener: HostListener;
  readonly #ended = Promise.withResolvers<void>();
  #waitingFor = 2;
  #reason = '';

  constructor(options: HostOptions, listener: HostListener) {
    this.#listener = listener;
    this.#mark = openMark();
    const { command, args, isGuarded } = commandLine(options);
    this.#child = spawn(command, args, {
      cwd: '/',
      env: {},
      stdio: [isGuarded ? 'pipe' : 'ignore', 'ignore', 'ignore', 'ipc', this.#mark],
      serialization: 'advanced',
    });
    this.#child.on('message', (message) => listener.received(message as HostSays));
    this.#child.once('error', (error) => {
      if (this.#child.pid === undefined) this.#partEnded(error.message, 2);
    });
    this.#child.once('exit', (code, signal) => this.#partEnded(signal ?? `exit code ${code}`, 1));
    // A channel ends only after its last message was delivered; the process's end alone does not say that.
    this.#child.once('disconnect', () => this.#partEnded('', 1));
    this.#lowerPriority();
  }

  /** Resolves after `gone`. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  send(message: PoolSays): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /** What the host wrote down before it began to run; number 0 before the first task. */
  mark(): { readonly number: number; readonly isExact: boolean } {
    const [number, isExact] = this.#readMark();
    return { number: Number(number), isExact: isExact === 1n };
  }

  /**
   * Processor time since the mark was made; undefined where the system does not tell (anywhere but on Linux).
   */
  processorMs(): Milliseconds | undefined {
    const [, , beforeUs] = this.#readMark();
    try {
      // utime and stime, fields 14 and 15 of proc(5), in ticks of 10 ms; the name before them may hold
      // anything.
      const [, rest] = readFileSync(`/proc/${this.#child.pid}/stat`, 'latin1').split(') ');
      const fields = rest!.split(' ');
      return (Number(fields[11]) + Number(fields[12])) * 10 - Number(beforeUs) / 1_000;
    } catch {
      return undefined;
    }
  }

  stop(): void {
    this.#child.kill('SIGSTOP');
  }

  goOn(): void {
    this.#child.kill('SIGCONT');
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #readMark(): BigUint64Array {
    const mark = new BigUint64Array(MARK_NUMBERS);
    readSync(this.#mark, mark, 0, mark.byteLength, 0);
    return mark;
  }

  #lowerPriority(): void {
    try {
      if (this.#child.pid !== undefined) setPriority(this.#child.pid, constants.priority.PRIORITY_LOW);
    } catch {
      // It is gone already, which `exit` tells.
    }
  }

  #partEnded(reason: string, parts: number): void {
    if (reason !== '') this.#reason = reason;
    this.#waitingFor -= parts;
    if (this.#waitingFor !== 0) return;
    this.#listener.gone(this.#reason);
    closeSync(this.#mark);
    this.#ended.resolve();
  }
}

function commandLine(options: HostOptions): { command: string; args: string[]; isGuarded: boolean } {
  const setpriv = SETPRIV_PATHS.find((path) => existsSync(path));
  const isGuarded = setpriv === undefined || options.deathWatch === 'thread';
  const node = [
    '--permission',
    ...READABLE.map((directory) => `--allow-fs-read=${directory}/`),
    ...(isGuarded ? ['--allow-worker'] : []),
    `--max-old-space-size=${options.heapMb}`,
    // One thread besides the main one for compiling: a task may not take more than its slot's processor.
    '--v8-pool-size=1',
    '--disable-warning=ExperimentalWarning',
    PROGRAM,
    ...(isGuarded ? ['guarded'] : []),
  ];
  if (isGuarded) return { command: process.execPath, args: node, isGuarded };
  const args = ['--pdeathsig', 'KILL', '--no-new-privs', process.execPath, ...node];
  return { command: setpriv!, args, isGuarded };
}

/**
 * A file of a few bytes without a name: shared memory by the oldest means, which outlives the one who wrote
 * it.
 */
function openMark(): number {
  const path = join(tmpdir(), `conun-mark-${process.pid}-${++marksMade}`);
  rmSync(path, { force: true });
  const mark = openSync(path, 'wx+', 0o600);
  rmSync(path);
  return mark;
}

function nodeModulesOf(file: string): string[] {
  const at = file.lastIndexOf('/node_modules/');
  return at < 0 ? [] : [file.slice(0, at + '/node_modules'.length)];
}
