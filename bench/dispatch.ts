/**
 * Units from submission to verdict, through a broker process and two provider processes: journalled, receipts
 * signed, every unit executed in a WebAssembly sandbox. BullMQ does as many jobs in the same run.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BatchId } from '../src/collective/index.ts';
import { allUnits } from '../src/grid/api/client.ts';
import { type BenchGrid, benchGrid } from './grid.ts';
import { measureBullmq } from './bullmq.ts';
import type { BenchLine } from './line.ts';
import { median } from './median.ts';

const UNITS = 10_000;
const RUNS = 3;
const LONE_UNITS = 400;
const BUSY_UNITS = 1_000;
const PROVIDERS = 2;

export async function run(wanted: (name: string) => boolean): Promise<readonly BenchLine[]> {
  const lines: BenchLine[] = [];
  const grid = await benchGrid({ providers: PROVIDERS });
  try {
    // Two runs are enough for the just-in-time compiler to have seen everything.
    for (const quorum of [1, 2]) await grid.work(UNITS, { quorum });
    for (const quorum of [1, 2]) {
      const name = `dispatch.q${quorum}.throughput`;
      if (wanted(name)) lines.push({ name, value: await throughput(grid, quorum), unit: 'units/s' });
    }
    // Nothing of a batch of one unit is in those, and most of its path is taken once a batch.
    for (let unit = 0; unit < LONE_UNITS; unit++) await grid.work(1);
    if (wanted('dispatch.q1.latency.p50') || wanted('dispatch.q1.latency.p99'))
      lines.push(...(await latency(grid)));
    if (wanted('dispatch.q1.efficiency.10ms')) lines.push(await efficiency(grid));
  } finally {
    await grid.close();
  }
  if (wanted('dispatch.q2.slowsync')) lines.push(...(await slowSync()));
  return wanted('dispatch.bullmq') ? besideBullmq(lines) : lines;
}

async function besideBullmq(lines: readonly BenchLine[]): Promise<readonly BenchLine[]> {
  const peer = await measureBullmq(UNITS);
  if (peer === undefined) return lines;
  const compared = lines.map((line) =>
    line.unit === 'units/s' ? { ...line, peer: 'bullmq', ratio: line.value / peer } : line,
  );
  return [...compared, { name: 'dispatch.bullmq', value: peer, unit: 'jobs/s' }];
}

async function throughput(grid: BenchGrid, quorum: number): Promise<number> {
  return medianOfRuns(async () => (UNITS / (await grid.work(UNITS, { quorum })).ms) * 1_000);
}

async function medianOfRuns(run: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let runs = 0; runs < RUNS; runs++) values.push(await run());
  return median(values);
}

/** Batches of one unit, one after the other: from what the broker took in to its committed verdict. */
async function latency(grid: BenchGrid): Promise<readonly BenchLine[]> {
  const times: number[] = [];
  for (let unit = 0; unit < LONE_UNITS; unit++) {
    const { view } = await grid.work(1);
    const [result] = await grid.broker.client.units(view.batch);
    times.push(result!.decidedAt - view.submittedAt);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.ceil(times.length * share) - 1]!;
  return [
    { name: 'dispatch.q1.latency.p50', value: at(0.5), unit: 'ms' },
    { name: 'dispatch.q1.latency.p99', value: at(0.99), unit: 'ms' },
  ];
}

/**
 * The share of both processors' time that units of about 10 ms get. Their time is metered in the run itself:
 * the ideal of 200 a second is that of units which take 10.0 ms, and processors do not keep their speed.
 */
async function efficiency(grid: BenchGrid): Promise<BenchLine> {
  const iterations = await iterationsFor10Ms(grid);
  const value = await medianOfRuns(async () => {
    const { view, ms } = await grid.work(BUSY_UNITS, { iterations });
    const times = await processorTimes(grid, view.batch);
    return times.reduce((sum, cpuMs) => sum + cpuMs, 0) / (PROVIDERS * ms);
  });
  return { name: 'dispatch.q1.efficiency.10ms', value, unit: 'of ideal' };
}

/**
 * Loop iterations that take 10 ms of processor time, as the sandbox meters them while both providers are
 * busy: two processors of one core are slower together than each alone.
 */
async function iterationsFor10Ms(grid: BenchGrid): Promise<number> {
  const guess = 10_000_000;
  const { view } = await grid.work(BUSY_UNITS / 4, { iterations: guess });
  return Math.round((guess * 10) / median(await processorTimes(grid, view.batch)));
}

/** Of the replicas that agreed, one of each unit, in milliseconds. */
async function processorTimes(grid: BenchGrid, batch: BatchId): Promise<number[]> {
  const times: number[] = [];
  for await (const { replicas } of allUnits(grid.broker.client, batch))
    times.push(replicas.find(({ state }) => state === 'agreed')!.usage!.cpuMs);
  return times;
}

/** The same at quorum 2, with every sync of every node delayed by 2 ms: a disk as most people have it. */
async function slowSync(): Promise<readonly BenchLine[]> {
  const folder = await mkdtemp(join(tmpdir(), 'conun-slowsync-'));
  try {
    const library = join(folder, 'slowsync.so');
    const source = join(import.meta.dirname, 'slowsync.c');
    await promisify(execFile)('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl']);
    const grid = await benchGrid({ env: { LD_PRELOAD: library, FSYNC_US: '2000' } });
    try {
      await grid.work(UNITS, { quorum: 2 });
      return [{ name: 'dispatch.q2.slowsync', value: await throughput(grid, 2), unit: 'units/s' }];
    } finally {
      await grid.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
