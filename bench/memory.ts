/** What a broker holds in memory while a batch of a million units is open and being worked on. */

import { readFile } from 'node:fs/promises';
import { benchGrid } from './grid.ts';
import type { BenchLine } from './line.ts';

const UNITS = 1_000_000;

/** Verified before the reading is taken, so that it is of a broker at work. */
const UNITS_BEFORE = 20_000;

export async function run(): Promise<readonly BenchLine[]> {
  const grid = await benchGrid();
  try {
    const startedAt = performance.now();
    const { batch } = await grid.submit(UNITS);
    const submitMs = performance.now() - startedAt;
    const leave = new AbortController();
    for await (const news of grid.broker.client.followBatches(leave.signal, batch)) {
      if (news.type === 'changed' && news.view.counts.agreed >= UNITS_BEFORE) break;
    }
    leave.abort();
    const value = (await residentBytes(grid.broker.pid!)) / 1e6;
    await grid.broker.client.cancel(batch, 'measured');
    return [
      { name: 'broker.memory.million', value, unit: 'MB' },
      { name: 'broker.memory.million.submit', value: submitMs, unit: 'ms' },
    ];
  } finally {
    await grid.close();
  }
}

/** The peak resident set of the broker process, as the kernel counts it. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]) * 1_024;
}
