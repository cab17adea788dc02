/**
 * A grid to measure: one broker process and two provider processes on loopback, with the app of `bench/app`
 * published. Everything that a researcher's batch passes through is in it: API, plugin process, journal,
 * libp2p, signed receipts, sandboxes.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BatchView } from '../src/collective/index.ts';
import { CONUN, type Player, Stage } from '../src/grid/demo/stage.ts';

export interface BenchGrid {
  readonly broker: Player;
  /**
   * Submits and resolves with the last state, and the milliseconds until the last verdict was committed (what
   * the plugin merges afterwards is its own work). Rejects unless the batch is done.
   */
  work(units: number, options?: WorkOptions): Promise<{ readonly view: BatchView; readonly ms: number }>;
  submit(units: number, options?: WorkOptions): Promise<BatchView>;
  close(): Promise<void>;
}

export interface WorkOptions {
  readonly quorum?: number;
  readonly iterations?: number;
}

export interface GridOptions {
  readonly providers?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export async function benchGrid({ providers = 2, env = {} }: GridOptions = {}): Promise<BenchGrid> {
  const stage = new Stage(await mkdtemp(join(tmpdir(), 'conun-bench-')));
  process.once('exit', () => stage.killAll());
  const quiet = { 'log.level': 'info' };
  const broker = await stage.cast({ name: 'broker', roles: ['broker'], set: quiet, env });
  const bootstrap = await broker.address();
  const set = { ...quiet, 'network.bootstrap': bootstrap, 'provider.slots': '1' };
  for (let n = 1; n <= providers; n++)
    await stage.cast({ name: `provider-${n}`, roles: ['provider'], set, env });
  await promisify(execFile)(CONUN, [
    'app',
    'publish',
    join(import.meta.dirname, 'app'),
    '--home',
    broker.home,
  ]);

  const submit = (units: number, { quorum = 1, iterations = 0 }: WorkOptions = {}): Promise<BatchView> => {
    const counts = `min_quorum: ${quorum}, target_nresults: ${quorum}`;
    const file = [
      'app: bench@1.0.0',
      `name: ${units} units`,
      `parameters: { units: ${units}, iterations: ${iterations} }`,
      `quorum: { ${counts}, max_error_results: 3, max_total_results: 8 }`,
      'delay_bound: 60s',
    ];
    return broker.client.submit({ file: file.join('\n'), inputs: {} });
  };

  return {
    broker,
    submit,
    async work(units, options) {
      const leave = new AbortController();
      const startedAt = performance.now();
      const { batch } = await submit(units, options);
      let ms: number | undefined;
      for await (const item of broker.client.followBatches(leave.signal, batch)) {
        if (item.type !== 'changed') continue;
        const { view } = item;
        if (view.phase === 'open') continue;
        ms ??= performance.now() - startedAt;
        if (view.phase !== 'done') continue;
        leave.abort();
        finalOnce(view, units);
        return { view, ms };
      }
      throw new TypeError('the broker ended while it was measured');
    },
    async close() {
      await stage.close();
      await rm(stage.folder, { recursive: true, force: true });
    },
  };
}

/** A run counts only if every unit is final exactly once. */
function finalOnce({ counts }: BatchView, units: number): void {
  const { total, agreed, failed, cancelled } = counts;
  if (total !== units || agreed !== units || failed + cancelled !== 0) {
    throw new RangeError(`${agreed} of ${units} units agreed, ${failed} failed: this run does not count`);
  }
}
