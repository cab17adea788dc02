/**
 * Which task may do what: the executor as a pure machine.
 *
 *     queued ─▶ staging ─▶ ready ─▶ running ─▶ (storing) ─▶ outcome
 *
 * A task leaves the queue when its inputs fit beside those of the others, stages what is not here, runs when
 * the sandbox has room, and has its large files stored. Each accepted task has exactly one outcome, whatever
 * is cancelled, refused or lost on the way. Bytes never come in here: contents are known by address and size.
 *
 * What tasks share is fetched once. It stays after its last user until newer contents need the room.
 */

import type { Bytes, Machine } from '../actors/index.ts';
import type { FailureReason, Need } from './executor-contents.ts';
import { Contents } from './executor-contents.ts';
import type { Cid, Task, TaskFile, TaskId, TaskOutcome, Usage } from './task.ts';
import { INLINE_BYTES_MAX } from './task.ts';
import { fabricErrors } from './errors.ts';

export interface ExecutorLimits {
  /** Tasks that are known at the same time; more are refused. */
  readonly tasksMax: number;
  /** Tasks in the sandbox, running or next to run: its `depthMax`. */
  readonly startedMax: number;
  /** Contents being fetched at the same time. */
  readonly fetchesMax: number;
  /** Staged files in memory, those kept for the next tasks included. No task may need more. */
  readonly stagedBytesMax: Bytes;
}

type Phase = 'queued' | 'staging' | 'ready' | 'running' | 'storing';

/** A task as the machine knows it. */
interface Entry {
  readonly task: Task;
  phase: Phase;
  /** Contents it still waits for. */
  missing: number;
  /** It has been sent back once because the sandbox no longer knew its program. */
  isSecondTry: boolean;
}

export interface ExecutorState {
  readonly limits: ExecutorLimits;
  readonly tasks: Map<TaskId, Entry>;
  readonly queued: Set<Entry>;
  readonly ready: Set<Entry>;
  readonly contents: Contents;
  started: number;
  suspended: boolean;
}

export type ExecutorEvent =
  | { readonly type: 'execute'; readonly tasks: readonly Task[] }
  | { readonly type: 'cancel'; readonly ids: readonly TaskId[] }
  | { readonly type: 'govern'; readonly suspended: boolean; readonly reason: string }
  /** A program is loaded, or a file's bytes are here and have been compared with their address. */
  | { readonly type: 'fetched'; readonly need: Need; readonly bytes: Bytes }
  | { readonly type: 'unfetched'; readonly need: Need; readonly reason: FailureReason }
  /** From the sandbox. */
  | { readonly type: 'ended'; readonly outcomes: readonly TaskOutcome[] }
  /** Large files have been stored, or could not be. */
  | { readonly type: 'stored'; readonly outcome: TaskOutcome };

export type ExecutorEffect =
  | { readonly type: 'fetch'; readonly need: Need }
  /** Forget a staged file. */
  | { readonly type: 'drop'; readonly cid: Cid }
  | { readonly type: 'start'; readonly tasks: readonly Task[] }
  | { readonly type: 'stop'; readonly ids: readonly TaskId[] }
  | { readonly type: 'store'; readonly outcome: TaskOutcome }
  | { readonly type: 'govern'; readonly suspended: boolean; readonly reason: string }
  | { readonly type: 'report'; readonly outcomes: readonly TaskOutcome[] };

const NO_USAGE: Usage = { cpuMs: 0, wallMs: 0, memoryBytesPeak: 0 };

export function executorState(limits: ExecutorLimits): ExecutorState {
  return {
    limits,
    tasks: new Map(),
    queued: new Set(),
    ready: new Set(),
    contents: new Contents(limits.stagedBytesMax),
    started: 0,
    suspended: false,
  };
}

export const executorMachine: Machine<ExecutorState, ExecutorEvent, ExecutorEffect> = {
  name: 'executor',
  step(state, event) {
    const turn = new Turn(state);
    turn.take(event);
    return { state, effects: turn.effects };
  },
};

/** One step: what it changes, and what is to be done about it. */
class Turn {
  readonly effects: ExecutorEffect[] = [];
  readonly #state: ExecutorState;
  readonly #outcomes: TaskOutcome[] = [];

  constructor(state: ExecutorState) {
    this.#state = state;
  }

  take(event: ExecutorEvent): void {
    switch (event.type) {
      case 'execute':
        for (const task of event.tasks) this.#accept(task);
        break;
      case 'cancel':
        this.#cancel(event.ids);
        break;
      case 'govern':
        this.#state.suspended = event.suspended;
        this.effects.push(event);
        break;
      case 'fetched':
        for (const { task, flaw } of this.#state.contents.arrived(event.need, event.bytes)) {
          this.#supply(task, flaw);
        }
        break;
      case 'unfetched':
        for (const task of this.#state.contents.failed(event.need, event.reason)) {
          this.#fail(task, event.reason);
        }
        break;
      case 'ended':
        for (const outcome of event.outcomes) this.#ended(outcome);
        break;
      case 'stored':
        this.#finish(this.#state.tasks.get(event.outcome.id), event.outcome);
        break;
    }
    this.#advance();
    if (this.#outcomes.length > 0) this.effects.push({ type: 'report', outcomes: this.#outcomes });
  }

  /** A task that is known already was sent twice: its one outcome will come. */
  #accept(task: Task): void {
    const { tasks, queued, limits, contents } = this.#state;
    if (tasks.has(task.id)) return;
    if (tasks.size >= limits.tasksMax) {
      this.#refuse(task, fabricErrors.FABRIC_TASK_REFUSED({ tasksMax: limits.tasksMax }));
      return;
    }
    if (contents.sizeOf(task) > limits.stagedBytesMax) {
      const reason = `its input files have more than ${limits.stagedBytesMax} bytes`;
      this.#refuse(task, fabricErrors.FABRIC_TASK_INVALID({ reason }));
      return;
    }
    const entry: Entry = { task, phase: 'queued', missing: 0, isSecondTry: false };
    tasks.set(task.id, entry);
    queued.add(entry);
  }

  #cancel(ids: readonly TaskId[]): void {
    const { tasks } = this.#state;
    const running: TaskId[] = [];
    for (const id of ids) {
      const entry = tasks.get(id);
      if (entry?.phase === 'running') running.push(id);
      else if (entry !== undefined && entry.phase !== 'storing') {
        this.#finish(entry, { id, status: 'cancelled', usage: NO_USAGE });
      }
    }
    if (running.length > 0) this.effects.push({ type: 'stop', ids: running });
  }

  /** One of the contents that a task waits for is here. */
  #supply(task: Task, flaw: FailureReason | undefined): void {
    const entry = this.#state.tasks.get(task.id)!;
    entry.missing -= 1;
    if (flaw !== undefined) this.#fail(task, flaw);
    else if (entry.missing === 0) this.#getReady(entry);
  }

  #ended(outcome: TaskOutcome): void {
    const entry = this.#state.tasks.get(outcome.id);
    if (entry?.phase !== 'running') return;
    this.#state.started -= 1;
    if (outcome.status === 'failed' && outcome.code === 'FABRIC_PROGRAM_MISSING' && !entry.isSecondTry) {
      entry.isSecondTry = true;
      entry.phase = 'queued';
      this.#state.contents.lost(entry.task.common.program);
      this.#release(entry);
      this.#state.queued.add(entry);
    } else if (outcome.status === 'succeeded' && hasLargeFile(outcome.output.files)) {
      entry.phase = 'storing';
      this.effects.push({ type: 'store', outcome });
    } else {
      this.#finish(entry, outcome);
    }
  }

  #refuse(task: Task, { code, message }: FailureReason): void {
    this.#outcomes.push({ id: task.id, status: 'failed', code, message, stderr: '', usage: NO_USAGE });
  }

  #fail({ id }: Task, { code, message }: FailureReason): void {
    const outcome = { id, status: 'failed', code, message, stderr: '', usage: NO_USAGE } as const;
    this.#finish(this.#state.tasks.get(id), outcome);
  }

  #finish(entry: Entry | undefined, outcome: TaskOutcome): void {
    if (entry === undefined) return;
    const { tasks, queued, ready } = this.#state;
    tasks.delete(entry.task.id);
    ready.delete(entry);
    if (!queued.delete(entry)) this.#release(entry);
    this.#outcomes.push(outcome);
  }

  #release(entry: Entry): void {
    for (const cid of this.#state.contents.release(entry.task)) this.effects.push({ type: 'drop', cid });
  }

  #getReady(entry: Entry): void {
    entry.phase = 'ready';
    this.#state.ready.add(entry);
  }

  #advance(): void {
    this.#stage();
    if (this.#state.suspended) return;
    this.#fetch();
    this.#start();
  }

  /** In order of arrival: a task whose inputs do not fit yet holds up the others, or might wait for ever. */
  #stage(): void {
    const { queued, contents } = this.#state;
    for (const entry of queued) {
      if (!contents.hasRoomFor(entry.task)) return;
      queued.delete(entry);
      const held = contents.hold(entry.task);
      for (const cid of held.dropped) this.effects.push({ type: 'drop', cid });
      if (held.flaw !== undefined) {
        this.#fail(entry.task, held.flaw);
        continue;
      }
      entry.missing = held.missing;
      if (entry.missing === 0) this.#getReady(entry);
      else entry.phase = 'staging';
    }
  }

  #fetch(): void {
    const { contents, limits } = this.#state;
    let need = contents.nextToFetch(limits.fetchesMax);
    for (; need !== undefined; need = contents.nextToFetch(limits.fetchesMax)) {
      this.effects.push({ type: 'fetch', need });
    }
  }

  #start(): void {
    const { ready, limits } = this.#state;
    const tasks: Task[] = [];
    for (const entry of ready) {
      if (this.#state.started >= limits.startedMax) break;
      ready.delete(entry);
      entry.phase = 'running';
      this.#state.started += 1;
      tasks.push(entry.task);
    }
    if (tasks.length > 0) this.effects.push({ type: 'start', tasks });
  }
}

function hasLargeFile(files: readonly TaskFile[]): boolean {
  return files.some(({ content }) => 'inline' in content && content.inline.byteLength > INLINE_BYTES_MAX);
}
