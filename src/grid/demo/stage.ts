/**
 * A grid of separate processes on this machine: what the demonstration, the end-to-end tests and the
 * benchmarks start, watch, kill and start again. Every process is a whole node with a home folder, keys and a
 * journal of its own, and they know each other by network address alone.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { IdentityView } from '../node.ts';
import { type ApiClient, apiClient } from '../api/client.ts';
import { gridErrors } from '../errors.ts';

export interface Casting {
  /** Names the process in tables, and its home folder. */
  readonly name: string;
  readonly roles: readonly ('broker' | 'provider')[];
  /** Configuration members as texts: `{ 'provider.slots': '1' }`. */
  readonly set?: Readonly<Record<string, string>>;
  /** A module to run instead of `conun`; it gets the same arguments. */
  readonly program?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The program as a person starts it. */
export const CONUN = join(import.meta.dirname, '../../../bin/conun');

export class Player {
  readonly name: string;
  readonly home: string;
  readonly client: ApiClient;
  #casting: Casting;
  #port: number;
  #process: ChildProcess | undefined;

  constructor(casting: Casting, home: string, port: number) {
    this.#casting = casting;
    this.#port = port;
    this.name = casting.name;
    this.home = home;
    this.client = apiClient(join(home, 'run', 'api.sock'));
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Where the others reach it; the same after a restart. */
  async address(): Promise<string> {
    const { peer } = await this.client.node();
    return `/ip4/127.0.0.1/tcp/${this.#port}/p2p/${peer}`;
  }

  /** Resolves when the node says that it is ready. Rejects when it ends before. */
  async start(): Promise<IdentityView> {
    const { roles, set = {}, program, env = {} } = this.#casting;
    const settings = {
      name: this.name,
      roles: roles.join(','),
      'network.listen': `/ip4/127.0.0.1/tcp/${this.#port}`,
      'network.mdns': 'false',
      ...set,
    };
    const flags = Object.entries(settings).flatMap(([member, text]) => ['--set', `${member}=${text}`]);
    await mkdir(this.home, { recursive: true, mode: 0o700 });
    const words = ['daemon', '--home', this.home, ...flags];
    const [command, ...args] =
      program === undefined ? [CONUN, ...words] : [process.execPath, program, ...words];
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.#process = child;
    const log = createWriteStream(join(this.home, 'node.log'), { flags: 'a' });
    child.stderr.pipe(log, { end: false });
    await this.#ready(child, log);
    return this.client.node();
  }

  /** Resolves when the process is gone. SIGTERM asks, SIGKILL does not. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    await gone;
  }

  /** For the last moment of a script: nothing is left running, however it ends. */
  killNow(): void {
    this.#process?.kill('SIGKILL');
  }

  #ready(child: ChildProcess, log: NodeJS.WritableStream): Promise<void> {
    return new Promise((resolve, reject) => {
      child.once('exit', (code, signal) => {
        const ended = `${this.name} ended (${signal ?? code}) before it was ready`;
        const reason = `${ended}; see ${this.home}/node.log`;
        reject(gridErrors.GRID_NODE_FAILED({ reason }));
      });
      createInterface({ input: child.stdout! }).on('line', (line) => {
        log.write(`${line}\n`);
        if (line.includes('"topic":"node.ready"')) resolve();
      });
    });
  }
}

export class Stage {
  readonly folder: string;
  readonly players: Player[] = [];

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Where a player of that name lives, also before it is cast. */
  homeOf(name: string): string {
    return join(this.folder, name);
  }

  async cast(casting: Casting): Promise<Player> {
    const player = new Player(casting, this.homeOf(casting.name), await freePort());
    this.players.push(player);
    await player.start();
    return player;
  }

  killAll(): void {
    for (const player of this.players) player.killNow();
  }

  /** Ends every process in good order. */
  async close(): Promise<void> {
    await Promise.all(this.players.map((player) => player.stop()));
  }
}

/**
 * A port that was free a moment ago: fixed addresses survive a restart, so that others find the node again.
 */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
