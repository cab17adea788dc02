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

const JOBS_AT_A_TIME = 1_000;
const CONCURRENCY = 50;
const QUEUE = 'bench';

if (process.argv[2] === 'worker') work(process.argv[3]!);

/** Jobs a second; `undefined`, with the reason printed, on a machine without Redis. */
export async function measureBullmq(jobs: number): Promise<number | undefined> {
  const missing = lacks('redis-server');
  if (missing) {
    process.stderr.write(`bench: BullMQ is not measured: ${missing}\n`);
    return undefined;
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
    await drive(socket, jobs);
    return (jobs / (await drive(socket, jobs))) * 1_000;
  } finally {
    for (const child of [...workers, redis]) child.kill();
    await once(redis, 'exit');
    await rm(folder, { recursive: true, force: true });
  }
}

function ready(redis: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    redis.once('exit', (code) => reject(new RangeError(`redis-server ended with ${code}`)));
    redis.stdout!.on('data', (text) => {
      if (/ready to accept connections/i.test(String(text))) resolve();
    });
  });
}

/** Milliseconds from the first job added to the last one completed. */
async function drive(path: string, jobs: number): Promise<number> {
  const connection = { path };
  const queue = new Queue(QUEUE, { connection });
  const events = new QueueEvents(QUEUE, { connection });
  await events.waitUntilReady();
  let left = jobs;
  const completed = new Promise<void>((resolve) => {
    events.on('completed', () => {
      left -= 1;
      if (left === 0) resolve();
    });
  });
  const startedAt = performance.now();
  for (let from = 0; from < jobs; from += JOBS_AT_A_TIME) {
    const bundle = Array.from({ length: JOBS_AT_A_TIME }, (_, n) => ({
      name: 'unit',
      data: { unit: from + n },
    }));
    await queue.addBulk(bundle);
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
