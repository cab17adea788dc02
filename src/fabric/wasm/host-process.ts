/**
 * The program of a host process: takes tasks from the pool, runs them one after the other, answers in
 * bundles.
 *
 * A program that runs blocks this process; nothing here can be done meanwhile, and nothing needs to be:
 * limits in time, suspension and cancellation come from outside, as signals. Before a task begins its number
 * is written to the mark, a file shared with the pool, so that the pool knows whom to blame when this process
 * is gone.
 *
 * A program has a pace, which its last task tells. Of a long one each outcome leaves at once. Those of short
 * ones wait for a few others: an answer wakes the pool, whose caches then hold nothing of what it needs, and
 * costs more than it says. Quick ones are also marked a few dozen at a time: they would spend more on that
 * than on their work.
 */

import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Bytes, Milliseconds } from '../../actors/index.ts';
import { toFault } from '../../actors/index.ts';
import { fabricErrors } from '../errors.ts';
import type { Cid } from '../task.ts';
import { packOutcomes, unpackTasks } from './host-bundle.ts';
import type { HostOutcome, HostSays, HostTask, PoolSays } from './host-wire.ts';
import { GATHER_MS, MARK_DESCRIPTOR, MARK_NUMBERS } from './host-wire.ts';
import { TaskRunner } from './task-runner.ts';

/** Messages are read at least this often while tasks are quick; quick outcomes wait no longer. */
const TURN_MS = 2;

type Pace = 'quick' | 'short' | 'long';

/** What the last task of a program took less than, to be called so. */
const QUICK_MS = 0.5;
const SHORT_MS = GATHER_MS / 2;

/** Outcomes of more wait for no others: memory is worth more than the message. */
const GATHER_BYTES: Bytes = 1_048_576;

/** Four a second and task: enough for a progress bar, too few to flood the pool. */
const PROGRESS_PERIOD_MS = 250;

// Programs end by exceptions, and their stacks would be captured only to be thrown away.
Error.stackTraceLimit = 0;

const runner = new TaskRunner(reportProgress);
const mark = new BigUint64Array(MARK_NUMBERS);
const paces = new Map<Cid, Pace>();
let waiting: HostTask[] = [];
let outcomes: HostOutcome[] = [];
/** Of the outcomes: when the first of their tasks began, their tasks' limit, their bytes. */
let gatheredSinceMs: Milliseconds = 0;
let gatheredLimitMs: Milliseconds = 0;
let gatheredBytes: Bytes = 0;
let processor = process.cpuUsage();
let running = 0;
/** When the running task last said how far it is. */
let progressAtMs = Number.NEGATIVE_INFINITY;
let isScheduled = false;

process.on('message', (message: PoolSays) => receive(message));
process.on('disconnect', () => process.exit());
if (process.argv[2] === 'guarded') guard();
say({ type: 'ready' });

function receive(message: PoolSays): void {
  switch (message.type) {
    case 'keep':
      runner.keep(message.program, message.module);
      say({ type: 'kept', program: message.program });
      break;
    case 'forget':
      runner.forget(message.program);
      paces.delete(message.program);
      break;
    case 'run':
      waiting.push(...unpackTasks(message.bundle));
      schedule();
      break;
    case 'revoke':
      drop(new Set(message.numbers));
      break;
    case 'check':
      check(message.bytes);
      break;
  }
}

function drop(revoked: ReadonlySet<number>): void {
  const dropped = waiting.filter((task) => revoked.has(task.number));
  waiting = waiting.filter((task) => !revoked.has(task.number));
  if (dropped.length > 0) say({ type: 'dropped', numbers: dropped.map((task) => task.number) });
}

function schedule(): void {
  if (isScheduled || waiting.length === 0) return;
  isScheduled = true;
  setImmediate(turn);
}

/** Runs waiting tasks for one turn's time, at least one, then lets messages in. */
function turn(): void {
  isScheduled = false;
  const endsAtMs = performance.now() + TURN_MS;
  let begun = 0;
  while (begun < waiting.length && (begun === 0 || performance.now() < endsAtMs)) run(waiting[begun++]!);
  const last = waiting[begun - 1];
  waiting.splice(0, begun);
  if (last === undefined || waiting.length === 0 || !mayWait(last)) flush();
  schedule();
}

function run(task: HostTask): void {
  const pace = task.alone ? 'long' : paceOf(task.program);
  if (pace === 'long' || task.limits.runMsMax !== gatheredLimitMs) flush();
  if (outcomes.length === 0) {
    gatheredSinceMs = performance.now();
    gatheredLimitMs = task.limits.runMsMax;
  }
  // A mark that names the task before, exactly, would blame it for this one: its outcome has not left yet.
  if (pace !== 'quick') writeMark(task.number, true);
  else if (outcomes.length === 0 || mark[1] === 1n) writeMark(task.number, false);
  running = task.number;
  progressAtMs = Number.NEGATIVE_INFINITY;
  const outcome = runner.run(task);
  outcomes.push(outcome);
  if (outcome.status === 'succeeded')
    gatheredBytes += outcome.files.reduce((sum, { bytes }) => sum + bytes.length, outcome.stdout.length);
  paces.set(task.program, paceAt(outcome.usage.wallMs));
  if (task.alone || gatheredBytes > GATHER_BYTES) flush();
}

function paceOf(program: Cid): Pace {
  return paces.get(program) ?? 'long';
}

function paceAt(wallMs: Milliseconds): Pace {
  if (wallMs < QUICK_MS) return 'quick';
  return wallMs < SHORT_MS ? 'short' : 'long';
}

/** Whether the outcomes, of which this task's is the last, wait for those of tasks that wait. */
function mayWait(last: HostTask): boolean {
  return paceOf(last.program) === 'short' && performance.now() - gatheredSinceMs < GATHER_MS - SHORT_MS;
}

function writeMark(number: number, isExact: boolean): void {
  const { user, system } = process.cpuUsage();
  mark[0] = BigInt(number);
  mark[1] = isExact ? 1n : 0n;
  mark[2] = BigInt(user + system);
  writeSync(MARK_DESCRIPTOR, mark, 0, mark.byteLength, 0);
}

function flush(): void {
  if (outcomes.length === 0) return;
  const now = process.cpuUsage();
  const cpuMs = (now.user - processor.user + now.system - processor.system) / 1_000;
  processor = now;
  const wallMs = outcomes.reduce((sum, outcome) => sum + outcome.usage.wallMs, 0);
  say({ type: 'outcomes', bundle: packOutcomes(outcomes, Math.min(1, cpuMs / wallMs)) });
  outcomes = [];
  gatheredBytes = 0;
}

function reportProgress(fraction: number): void {
  const now = performance.now();
  if (now - progressAtMs < PROGRESS_PERIOD_MS) return;
  progressAtMs = now;
  say({ type: 'progress', number: running, fraction });
}

function check(bytes: Uint8Array): void {
  try {
    say({ type: 'fits', module: runner.check(bytes) });
  } catch (thrown) {
    const fault = toFault(thrown, fabricErrors.FABRIC_PROGRAM_INVALID);
    say({ type: 'refused', fault: fault.toWire() });
  }
}

function say(message: HostSays): void {
  // A write to a pool that is gone fails; `disconnect` says the same and ends this process.
  process.send!(message, undefined, undefined, () => {});
}

/**
 * Where the kernel cannot be told to kill this process with its parent: a thread that waits for the end of a
 * pipe which only the parent holds open. It runs also while a program loops for ever.
 */
function guard(): void {
  const watch = `
    const buffer = new Uint8Array(1);
    try { while (require('node:fs').readSync(0, buffer) > 0); } catch {}
    process.kill(process.pid, 'SIGKILL');`;
  new Worker(watch, { eval: true }).unref();
}
