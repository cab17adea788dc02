/**
 * What end-to-end tests stand on: grids of real daemons in a temporary folder, the real command line, and
 * small apps. Whatever a test does, nothing that it started is left running.
 */

import { type ExecFileOptions, execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BatchNews, BatchView, UnitResult } from '../../src/collective/index.ts';
import type { ApiClient } from '../../src/grid/api/client.ts';
import { CONUN, type Player, Stage } from '../../src/grid/demo/stage.ts';
import { spinProgram } from '../fixtures/programs.ts';

/**
 * A daemon is ready in two seconds; this is for a machine where twenty other processes want the same two
 * cores. Before the runner's own limit, as it can say where it hangs.
 */
export const FILE_MS_MAX = 280_000;

export interface Told {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The program `conun` in a process of its own; with a home, it talks to the daemon there. */
export function conun(words: readonly string[], home?: string, folder?: string): Promise<Told> {
  const env = { ...process.env, ...(home !== undefined && { CONUN_HOME: home }) };
  return ended(CONUN, words, { env, ...(folder !== undefined && { cwd: folder }) });
}

/** A command that has not ended by then hangs: it is killed, and has the exit code -1. */
const COMMAND_MS_MAX = 60_000;

/** Runs a program to its end. */
export function ended(program: string, words: readonly string[], options: ExecFileOptions): Promise<Told> {
  const bounded = { ...options, encoding: 'utf8', timeout: COMMAND_MS_MAX, killSignal: 'SIGKILL' } as const;
  return new Promise((resolve) => {
    execFile(program, words, bounded, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err });
    });
  });
}

interface Test {
  teardown(end: () => unknown): void;
}

/** An empty stage, ended with the test: also by an exception, a time limit, or Ctrl-C. */
export async function emptyStage(test: Test): Promise<Stage> {
  const stage = new Stage(await mkdtemp(join(tmpdir(), 'conun-e2e-')));
  process.once('exit', () => stage.killAll());
  test.teardown(async () => {
    stage.killAll();
    await Promise.all(stage.players.map((player) => player.stop('SIGKILL')));
    await rm(stage.folder, { recursive: true, force: true, maxRetries: 3 });
  });
  return stage;
}

/** Quick to notice a dead provider, as a test must be. */
export const PATIENCE = { 'broker.heartbeatMs': '500', 'broker.lapseAfterMs': '3000' };

/** Settings of a provider with one slot that is told where the broker is. */
export function serving(broker: string): Record<string, string> {
  return { 'network.bootstrap': broker, 'provider.slots': '1', 'provider.brokers': broker };
}

export interface SmallApp {
  readonly name: string;
  /** A program by other means; without it, the AssemblyScript in `source`. */
  readonly program?: Uint8Array;
  readonly source?: string;
  /** Names of inputs. */
  readonly inputs?: readonly string[];
}

/** Its batches name the arguments of each unit: `parameters: { units: [[a], [b]] }`. */
const PLUGIN = `import { definePlugin } from 'conun/plugin';

export default definePlugin({
  parameters: ({ units = [], each = [], count = 0 }) => ({ units, each, count }),
  *split({ parameters: { units, each, count } }) {
    for (const args of units) yield { args };
    for (let unit = 0; unit < count; unit++) yield { args: each };
  },
  async *merge(_batch, results) {
    const lines = [];
    for await (const { stdout, files } of results) {
      lines.push([stdout, ...files.map(({ bytes }) => bytes)].map((part) => [...part].join(' ')).join(', '));
    }
    yield { path: 'merged.txt', bytes: new TextEncoder().encode(lines.join('\\n')) };
  },
});
`;

/** The folder of an author, with an app in it that is ready to be published. */
export async function writeApp(stage: Stage, app: SmallApp): Promise<string> {
  const folder = join(stage.folder, 'apps', app.name);
  await mkdir(join(folder, 'assembly'), { recursive: true });
  const manifest = [
    `name: ${app.name}`,
    'version: 1.0.0',
    'title: Tried from end to end',
    'description: An app of the tests.',
    'category: testing',
    'license: Apache-2.0',
    'compare: digest',
    `inputs: [${(app.inputs ?? []).join(', ')}]`,
    'limits: { memory: 16MB, time: 60s, output: 1KB, log: 64KB }',
    ...(app.program === undefined ? [] : ['program: program.wasm']),
  ];
  await writeFile(join(folder, 'manifest.yaml'), `${manifest.join('\n')}\n`);
  await writeFile(join(folder, 'plugin.ts'), PLUGIN);
  if (app.source !== undefined) await writeFile(join(folder, 'assembly/index.ts'), app.source);
  if (app.program !== undefined) await writeFile(join(folder, 'program.wasm'), app.program);
  return folder;
}

/** Through the command line. Rejects with what it complains of. */
export async function publish({ home }: Player, folder: string): Promise<void> {
  const { code, err } = await conun(['app', 'publish', folder], home);
  if (code !== 0) throw new RangeError(err);
}

/** An app whose units do nothing but use the processor: their one argument is how long, about 1 ns each. */
export function spinning(stage: Stage): Promise<string> {
  return writeApp(stage, { name: 'spin', program: spinProgram() });
}

/** The text of a batch file for `count` equal units. */
export function equalUnits(app: string, count: number, argument: number, quorum = 1): string {
  const rule = { min_quorum: quorum, max_error_results: 3, max_total_results: 16 };
  return batchFile(app, { count, each: [String(argument)] }, { quorum: rule });
}

export function batchFile(app: string, parameters: object, members: object = {}): string {
  // JSON is YAML.
  return JSON.stringify({ app: `${app}@1.0.0`, name: app, parameters, delay_bound: '60s', ...members });
}

/** Submits through the local API. */
export async function submit(player: Player, file: string): Promise<BatchView> {
  return player.client.submit({ file, inputs: {} });
}

/** The first state that fulfils `when`. Rejects when the daemon goes away before. */
export async function until(
  client: ApiClient,
  batch: string,
  when: (view: BatchView) => boolean,
): Promise<BatchView> {
  return (await news(client, batch, (item) => item.type === 'changed' && when(item.view))).view;
}

type Changed = Extract<BatchNews, { type: 'changed' }>;

async function news(client: ApiClient, batch: string, wanted: (item: Changed) => boolean): Promise<Changed> {
  const leave = new AbortController();
  try {
    for await (const item of client.followBatches(leave.signal, batch)) {
      if (item.type === 'changed' && wanted(item)) return item;
    }
  } finally {
    leave.abort();
  }
  throw new RangeError('the daemon told nothing more');
}

export function isOver({ phase }: BatchView): boolean {
  return phase === 'done' || phase === 'failed' || phase === 'cancelled';
}

/** All verdicts, in unit order. */
export async function verdicts(client: ApiClient, batch: string): Promise<readonly UnitResult[]> {
  const all: UnitResult[] = [];
  for (;;) {
    const last = all.at(-1);
    const page = await client.units(batch, { limit: 500, ...(last && { after: last.unit }) });
    all.push(...page);
    if (page.length < 500) return all;
  }
}
