/** How long a person waits: for help, and for a daemon that is ready. */

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CONUN, Stage } from '../src/grid/demo/stage.ts';
import type { BenchLine } from './line.ts';
import { median } from './median.ts';

const RUNS = 5;

export async function run(wanted: (name: string) => boolean): Promise<readonly BenchLine[]> {
  const lines: BenchLine[] = [];
  if (wanted('cli.start')) lines.push({ name: 'cli.start', value: await medianMs(help), unit: 'ms' });
  if (wanted('daemon.start')) lines.push({ name: 'daemon.start', value: await medianMs(daemon), unit: 'ms' });
  return lines;
}

async function help(): Promise<void> {
  await promisify(execFile)(CONUN, ['--help']);
}

/** A new home each time: keys, journal and block store are made, too. */
async function daemon(): Promise<void> {
  const stage = new Stage(await mkdtemp(join(tmpdir(), 'conun-bench-')));
  await stage.cast({ name: 'node', roles: ['broker', 'provider'] });
  // Stopping is not part of what is measured, yet it must be over before the next begins.
  ended.push(async () => {
    await stage.close();
    await rm(stage.folder, { recursive: true, force: true });
  });
}

const ended: (() => Promise<void>)[] = [];

async function medianMs(action: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const startedAt = performance.now();
    await action();
    times.push(performance.now() - startedAt);
    await ended.pop()?.();
  }
  return median(times);
}
