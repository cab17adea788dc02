/**
 * BullMQ on Redis beside us: the same number of no-op jobs through one queue process and two worker
 * processes, with every write of Redis synced to disk. It replicates, verifies and authenticates nothing; it
 * is what many would take.
 */

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, QueueEvents, Worker } from 'bullmq';
import { lacks } from '../test/engine.ts';
import type { BenchLine } from './line.ts';

const JOBS = 10_000;
const JOBS_AT_A_TIME = 1_000;
const CONCURRENCY = 50;
const QUEUE = 'bench';

if (process.argv[2] === 'worker') work(process.argv[3]!);

export async function run(): Promise<readonly BenchLine[]> {
  const missing = lacks('redis-server');
  if (missing) {
    process.stderr.write(`bench: BullMQ is not measured: ${missing}\n`);
    return [];
  }
  const folder = await mkdtemp(join(tmpdir(), 'conun-redis-'));
  const socket = join(folder, 'redis.sock');
  const redis = spawn(
    'redis-server',
    [
      '--port',
      '0',
      '--unixsocket',
      socket,
      '--dir',
      folder,
      '--appendonly',
      'yes',
      '--appendfsync',
      'always',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const workers: ChildProcess[] = [];
  try {
    await ready(redis);
    for (let n = 0; n < 2; n++) workers.push(fork(import.meta.filename, ['worker', socket]));
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    await drive(socket);
    return [{ name: 'dispatch.bullmq', value: (JOBS / (await drive(socket))) * 1_000, unit: 'jobs/s' }];
  } finally {
    for (const child of [...workers, redis]) child.kill();
    await once(redis, 'exit');
    await rm(folder, { recursive: true, force: true });
  }
}

async function ready(redis: ChildProcess): Promise<void> {
  for await (const text of redis.stdout!) if (String(text).includes('Ready to accept connections')) return;
}

/** Milliseconds from the first job added to the last one completed. */
async function drive(path: string): Promise<number> {
  const connection = { path };
  const queue = new Queue(QUEUE, { connection });
  const events = new QueueEvents(QUEUE, { connection });
  await events.waitUntilReady();
  let left = JOBS;
  const completed = new Promise<void>((resolve) => {
    events.on('completed', () => {
      left -= 1;
      if (left === 0) resolve();
    });
  });
  const startedAt = performance.now();
  for (let from = 0; from < JOBS; from += JOBS_AT_A_TIME) {
    const jobs = Array.from({ length: JOBS_AT_A_TIME }, (_, n) => ({
      name: 'unit',
      data: { unit: from + n },
    }));
    await queue.addBulk(jobs);
  }
  await completed;
  const ms = performance.now() - startedAt;
  await Promise.all([queue.close(), events.close()]);
  return ms;
}

function work(path: string): void {
  const worker = new Worker(QUEUE, async () => 0, { connection: { path }, concurrency: CONCURRENCY });
  void worker.waitUntilReady().then(() => process.send!('ready'));
}
