/**
 * The embedded sandbox: WebAssembly tasks in a pool of low-priority processes, one for each slot.
 *
 * Tasks wait here and are handed to slots a few at a time: about 100 ms of work, by how long the program's
 * tasks took so far. So a bundle carries hundreds of quick tasks, and a long task has next to nothing waiting
 * behind it; what little there is moves to a slot that becomes idle. Every task that is started is reported
 * once.
 */

import type { Bytes, Clock, Fault, Milliseconds } from '../../actors/index.ts';
import { assert } from '../../actors/index.ts';
import { fabricErrors } from '../errors.ts';
import type { ProgramLoader, Sandbox, SandboxFactory, SandboxReports } from '../sandbox.ts';
import type { Cid, StagedTask, TaskId, TaskOutcome } from '../task.ts';
import type { HostOptions } from './host-link.ts';
import type { HostOutcome } from './host-wire.ts';
import { GATHER_MS } from './host-wire.ts';
import { ProgramShelf } from './program-shelf.ts';
import type { Job, Landed, Loss } from './slot.ts';
import { Slot } from './slot.ts';

export interface WasmSandboxOptions {
  /** Tasks that execute at the same time; each has a process of its own, started when it is first needed. */
  readonly slots: number;
  /** Tasks that may be started for each slot, the running one included. */
  readonly depthPerSlot: number;
  /** Heap of each host process in MB, linear memories and files not included. */
  readonly hostMemoryMb?: number;
  readonly clock: Clock;
  /** How hosts learn of this process's death: the kernel where it can, else a thread. Named only by tests. */
  readonly deathWatch?: 'kernel' | 'thread';
}

/** Enough for the engine with 16 compiled programs; code lives outside of it. */
const HOST_MEMORY_MB = 256;

/**
 * Work handed to a slot ahead: twice what its host gathers before it answers, below what anyone would notice.
 */
const AHEAD_MS: Milliseconds = 2 * GATHER_MS;
/** One bundle of no-op tasks is about 20 KB at this size, a third of a socket's buffer. */
const AHEAD_MAX = 256;
/** The next task is there when one ends: at 10 ms each, fetching it on demand would cost 5 %. */
const AHEAD_MIN = 2;

/** A slot whose first task has run this long gives away what waits behind it, if another one is idle. */
const STUCK_MS: Milliseconds = 5;

/** Arguments are copied into the program's memory; Linux allows 128 KiB for one. */
const ARGUMENT_BYTES_MAX: Bytes = 131_072;

/**
 * Hosts lost in a row, before they could do anything, until waiting tasks fail instead of trying for ever.
 */
const FUTILE_STARTS_MAX = 3;
/** A task that lost this many hosts while nobody could be blamed is blamed itself. */
const LOSSES_MAX = 3;

/** How far the average follows the last task: a tenth, so that one slow tile does not close the window. */
const LEARNING = 0.1;

const NOTHING_USED = { cpuMs: 0, wallMs: 0 };

export function createWasmSandbox(options: WasmSandboxOptions): SandboxFactory {
  assert(options.slots > 0 && options.depthPerSlot > 0, 'a sandbox has slots, and each slot takes tasks');
  return (reports) => new WasmSandbox(options, reports);
}

class WasmSandbox implements Sandbox, ProgramLoader {
  readonly kind = 'wasm';
  readonly slots: number;
  readonly depthMax: number;
  readonly #reports: SandboxReports;
  readonly #clock: Clock;
  readonly #shelf: ProgramShelf;
  readonly #pool: readonly Slot[];
  readonly #jobs = new Map<TaskId, Job>();
  readonly #slotOf = new Map<Job, Slot>();
  readonly #meanMs = new Map<Cid, Milliseconds>();
  #waiting: Job[] = [];
  #futileStarts = 0;
  #isSuspended = false;
  #isClosed = false;
  #cancelRecall: (() => void) | undefined;
  #closed: Promise<unknown> | undefined;

  constructor(options: WasmSandboxOptions, reports: SandboxReports) {
    const { slots, depthPerSlot, clock, hostMemoryMb = HOST_MEMORY_MB, deathWatch = 'kernel' } = options;
    const host: HostOptions = { heapMb: hostMemoryMb, deathWatch };
    this.slots = slots;
    this.depthMax = slots * depthPerSlot;
    this.#reports = reports;
    this.#clock = clock;
    this.#shelf = new ProgramShelf(host, clock, (program) => this.#isNeeded(program));
    const listener = {
      outcomes: (landed: readonly Landed[]) => this.#landed(landed),
      progress: (job: Job, fraction: number) => reports.progress?.(job.task.id, fraction),
      eased: () => this.#dispatch(),
      lost: (slot: Slot, loss: Loss) => this.#lost(slot, loss),
    };
    this.#pool = Array.from({ length: slots }, () => new Slot(host, clock, listener));
  }

  load(program: Cid, bytes: Uint8Array): Promise<void> {
    return this.#shelf.load(program, bytes);
  }

  has(program: Cid): boolean {
    return this.#shelf.has(program);
  }

  start(tasks: readonly StagedTask[]): void {
    assert(this.#jobs.size + tasks.length <= this.depthMax, 'no more than depthMax tasks are started');
    assert(!this.#isClosed, 'a closed sandbox starts nothing');
    const refused: TaskOutcome[] = [];
    for (const task of tasks) {
      const fault = this.#whyNot(task);
      if (fault !== undefined) {
        refused.push(failed(task, fault, NOTHING_USED));
        continue;
      }
      const job: Job = { task, losses: 0, alone: false };
      this.#jobs.set(task.id, job);
      this.#waiting.push(job);
    }
    if (refused.length > 0) this.#reports.outcomes(refused);
    this.#dispatch();
  }

  cancel(id: TaskId): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    const slot = this.#slotOf.get(job);
    this.#forget(job);
    if (slot === undefined) this.#waiting = this.#waiting.filter((other) => other !== job);
    else slot.abandon(job);
    this.#reports.outcomes([cancelled(job.task)]);
  }

  suspend(): void {
    this.#isSuspended = true;
    this.#shelf.suspend();
    for (const slot of this.#pool) slot.suspend();
  }

  resume(): void {
    this.#isSuspended = false;
    this.#shelf.resume();
    for (const slot of this.#pool) slot.resume();
    this.#dispatch();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRecall?.();
    this.#closed ??= Promise.all([this.#shelf.close(), ...this.#pool.map((slot) => slot.close())]);
    const unfinished = [...this.#jobs.values()].map((job) => cancelled(job.task));
    this.#jobs.clear();
    this.#slotOf.clear();
    this.#waiting = [];
    if (unfinished.length > 0) this.#reports.outcomes(unfinished);
    await this.#closed;
  }

  #whyNot(task: StagedTask): Fault | undefined {
    if (this.#jobs.has(task.id)) {
      return fabricErrors.FABRIC_TASK_INVALID({ reason: 'a task of the same id is not finished' });
    }
    if (this.#shelf.get(task.program) === undefined) {
      return fabricErrors.FABRIC_PROGRAM_MISSING({ program: task.program });
    }
    const argumentBytes = task.args.reduce((sum, arg) => sum + Buffer.byteLength(arg) + 1, 0);
    if (argumentBytes > ARGUMENT_BYTES_MAX) {
      return fabricErrors.FABRIC_TASK_INVALID({
        reason: `arguments of more than ${ARGUMENT_BYTES_MAX} bytes`,
      });
    }
    return undefined;
  }

  /**
   * Hands waiting tasks to slots with room, idle ones first; an equal share each, so that few tasks spread
   * out.
   */
  #dispatch(): void {
    if (this.#isSuspended || this.#isClosed) return;
    const open = this.#pool
      .filter((slot) => !slot.isDying && slot.load <= this.#ahead() / 2)
      .sort((a, b) => a.load - b.load);
    for (const [index, slot] of open.entries()) {
      if (this.#waiting.length === 0) break;
      const share = Math.ceil(this.#waiting.length / (open.length - index));
      const jobs = this.#waiting.splice(0, Math.min(share, this.#ahead() - slot.load));
      for (const job of jobs) this.#slotOf.set(job, slot);
      slot.assign(jobs, (program) => this.#shelf.get(program)!);
    }
    if (this.#waiting.length === 0) this.#planRecall();
  }

  /** How many tasks like the next one make up the work that a slot gets ahead. */
  #ahead(): number {
    const [next] = this.#waiting;
    if (next === undefined) return AHEAD_MIN;
    const meanMs = this.#meanMs.get(next.task.program) ?? AHEAD_MS;
    return Math.min(AHEAD_MAX, Math.max(AHEAD_MIN, Math.floor(AHEAD_MS / Math.max(meanMs, 0.001))));
  }

  #landed(landed: readonly Landed[]): void {
    const outcomes: TaskOutcome[] = [];
    for (const { job, outcome } of landed) {
      if (this.#jobs.get(job.task.id) !== job) continue;
      this.#forget(job);
      this.#learn(job.task.program, outcome.usage.wallMs);
      outcomes.push(outcomeOf(job.task, outcome));
    }
    this.#futileStarts = 0;
    this.#dispatch();
    if (outcomes.length > 0) this.#reports.outcomes(outcomes);
  }

  #lost(slot: Slot, loss: Loss): void {
    if (this.#isClosed) return;
    const outcomes: TaskOutcome[] = [];
    const fail = (job: Job, fault: Fault) => {
      this.#forget(job);
      outcomes.push(failed(job.task, fault, loss));
    };
    const again = loss.others.filter((job) => this.#slotOf.get(job) === slot);
    for (const job of again) {
      this.#slotOf.delete(job);
      if (!loss.isExplained) job.losses += 1;
      if (job.losses >= LOSSES_MAX) fail(job, fabricErrors.FABRIC_TASK_CRASHED({ reason: loss.reason }));
    }
    if (loss.culprit !== undefined && this.#jobs.get(loss.culprit.task.id) === loss.culprit) {
      fail(loss.culprit, verdictOn(loss, loss.culprit));
    }
    this.#waiting.unshift(...again.filter((job) => this.#jobs.get(job.task.id) === job));
    this.#futileStarts = loss.wasReady ? 0 : this.#futileStarts + 1;
    if (this.#futileStarts >= FUTILE_STARTS_MAX) {
      for (const job of this.#waiting.splice(0)) {
        fail(job, fabricErrors.FABRIC_SANDBOX_BROKEN({ reason: loss.reason }));
      }
    }
    this.#dispatch();
    if (outcomes.length > 0) this.#reports.outcomes(outcomes);
  }

  /** When a slot is idle and another one has tasks behind a long one, they change over. */
  #planRecall(): void {
    const isWanted = this.#pool.some((slot) => slot.load === 0) && this.#pool.some((slot) => slot.behind > 0);
    if (!isWanted || this.#cancelRecall !== undefined) return;
    this.#cancelRecall = this.#clock.after(STUCK_MS, () => {
      this.#cancelRecall = undefined;
      if (this.#isSuspended || this.#isClosed) return;
      for (const slot of this.#pool) {
        if (slot.behind === 0 || slot.headMs() < STUCK_MS) continue;
        const jobs = slot.recall();
        for (const job of jobs) this.#slotOf.delete(job);
        this.#waiting.push(...jobs);
      }
      this.#dispatch();
    });
  }

  #learn(program: Cid, wallMs: Milliseconds): void {
    const meanMs = this.#meanMs.get(program);
    this.#meanMs.delete(program);
    this.#meanMs.set(program, meanMs === undefined ? wallMs : meanMs + LEARNING * (wallMs - meanMs));
    const [oldest] = this.#meanMs.keys();
    if (this.#meanMs.size > AHEAD_MAX) this.#meanMs.delete(oldest!);
  }

  #forget(job: Job): void {
    this.#jobs.delete(job.task.id);
    this.#slotOf.delete(job);
  }

  #isNeeded(program: Cid): boolean {
    for (const job of this.#jobs.values()) if (job.task.program === program) return true;
    return false;
  }
}

function verdictOn(loss: Loss, culprit: Job): Fault {
  const limitMs = culprit.task.limits.runMsMax;
  if (loss.end === 'time') return fabricErrors.FABRIC_TASK_TIME_LIMIT({ limitMs });
  return fabricErrors.FABRIC_TASK_CRASHED({ reason: loss.reason });
}

function outcomeOf(task: StagedTask, outcome: HostOutcome): TaskOutcome {
  const { id } = task;
  if (outcome.status === 'failed') {
    const { code, message, stderr, usage } = outcome;
    return { id, status: 'failed', code, message, stderr, usage };
  }
  const { digest, stdout, usage } = outcome;
  const files = outcome.files.map(({ path, bytes }) => ({ path, content: { inline: bytes } }));
  return { id, status: 'succeeded', digest, output: { exitCode: 0, stdout, files }, usage };
}

function failed(task: StagedTask, fault: Fault, { cpuMs, wallMs }: typeof NOTHING_USED): TaskOutcome {
  const { code, message } = fault;
  const usage = { cpuMs, wallMs, memoryBytesPeak: 0 };
  return { id: task.id, status: 'failed', code, message, stderr: '', usage };
}

function cancelled(task: StagedTask): TaskOutcome {
  return { id: task.id, status: 'cancelled', usage: { ...NOTHING_USED, memoryBytesPeak: 0 } };
}
