/**
 * The executor as an actor: the machine decides, the staging fetches, the sandbox runs, the owner is told.
 *
 * Tasks come in bundles, start in bundles and are reported in bundles, one of each a turn. What the sandbox
 * reports between turns is collected and announced by one mail. When the actor goes, every task it still has
 * is reported as cancelled, so its owner never waits for one that nobody runs.
 */

import type {
  ActorRef,
  Behaviour,
  BehaviourFactory,
  Bytes,
  Context,
  Fault,
  Milliseconds,
} from '../actors/index.ts';
import { MIB, toFault } from '../actors/index.ts';
import type { ContentStore } from './block-store.ts';
import { fabricErrors } from './errors.ts';
import type { ExecutorMail, ExecutorNews } from './executor.ts';
import type { Need } from './executor-contents.ts';
import type { ExecutorEffect, ExecutorEvent, ExecutorState } from './executor-machine.ts';
import { executorMachine, executorState } from './executor-machine.ts';
import { Staging } from './executor-staging.ts';
import type { ProgramLoader, Sandbox, SandboxFactory } from './sandbox.ts';
import type { StagedTask, Task, TaskId, TaskOutcome } from './task.ts';

export interface ExecutorOptions {
  readonly sandbox: SandboxFactory;
  readonly store: ContentStore;
  readonly owner: ActorRef<ExecutorNews>;
  /** Tasks known at the same time; four times what the sandbox takes unless given: staging runs ahead. */
  readonly tasksMax?: number;
  /** Staged files in memory; 256 MiB unless given. */
  readonly stagedBytesMax?: Bytes;
}

/** Peers serve several requests at once; more would only share the same line. */
const FETCHES_MAX = 8;

/** Half of what one task may use by default: room for the files of a few hundred usual ones. */
const STAGED_BYTES_MAX: Bytes = 256 * MIB;

/** How soon an owner whose mailbox was full is told again. */
const RETRY_MS: Milliseconds = 10;

/** `woken`: something has been collected outside of a turn, or the owner may have room again. */
type Internal = ExecutorEvent | { readonly type: 'woken' };

export function executorActor(options: ExecutorOptions): BehaviourFactory<ExecutorMail> {
  return () => new ExecutorBehaviour(options);
}

class ExecutorBehaviour implements Behaviour<ExecutorMail | Internal> {
  readonly #options: ExecutorOptions;
  #context!: Context<ExecutorMail | Internal>;
  #sandbox!: Sandbox & ProgramLoader;
  #staging!: Staging;
  #state!: ExecutorState;
  /** From the sandbox, not yet read. At most as many as it takes. */
  #collected: TaskOutcome[] = [];
  #isWoken = false;
  #toStart: StagedTask[] = [];
  #toReport: TaskOutcome[] = [];
  /** What the owner's mailbox did not take. Bounded by the tasks that the machine knows. */
  #untold: ExecutorNews[] = [];

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  start(context: Context<ExecutorMail | Internal>): void {
    const { sandbox, store, tasksMax, stagedBytesMax = STAGED_BYTES_MAX } = this.#options;
    this.#context = context;
    this.#sandbox = sandbox({
      outcomes: (outcomes) => {
        this.#collected.push(...outcomes);
        this.#wake();
      },
      progress: (id, fraction) => this.#progress(id, fraction),
    });
    this.#staging = new Staging({ store, programs: this.#sandbox, clock: context.clock });
    const startedMax = this.#sandbox.depthMax;
    this.#state = executorState({
      tasksMax: tasksMax ?? 4 * startedMax,
      startedMax,
      fetchesMax: FETCHES_MAX,
      stagedBytesMax,
    });
  }

  receive(mail: ExecutorMail | Internal): void {
    if (mail.type === 'woken') this.#isWoken = false;
    else this.#step(mail);
    if (this.#collected.length === 0) return;
    const outcomes = this.#collected;
    this.#collected = [];
    this.#step({ type: 'ended', outcomes });
  }

  turnEnd(): void {
    this.#flush();
  }

  stop(): void {
    this.#staging.close();
    const unfinished = [...this.#state.tasks.keys()].map(cancelled);
    this.#toReport.push(...unfinished);
    this.#toStart = [];
    this.#flush();
    void this.#sandbox.close();
  }

  #step(event: ExecutorEvent): void {
    const { state, effects } = executorMachine.step(this.#state, event, this.#context.clock.now());
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: ExecutorEffect): void {
    switch (effect.type) {
      case 'fetch':
        this.#fetch(effect.need);
        break;
      case 'drop':
        this.#staging.drop(effect.cid);
        break;
      case 'start':
        for (const task of effect.tasks) this.#stage(task);
        break;
      case 'stop':
        for (const id of effect.ids) this.#stopTask(id);
        break;
      case 'store':
        this.#store(effect.outcome);
        break;
      case 'govern':
        this.#govern(effect.suspended, effect.reason);
        break;
      case 'report':
        for (const outcome of effect.outcomes) this.#toReport.push(outcome);
        break;
    }
  }

  #fetch(need: Need): void {
    this.#context.pipe(
      this.#staging.fetch(need),
      (bytes) => ({ type: 'fetched', need, bytes }),
      (reason) => ({ type: 'unfetched', need, reason }),
    );
  }

  #stage(task: Task): void {
    try {
      this.#toStart.push(this.#staging.stage(task));
    } catch (thrown) {
      this.#collected.push(failed(task.id, toFault(thrown, fabricErrors.FABRIC_TASK_STAGING)));
      this.#wake();
    }
  }

  /** It may be on its way to the sandbox within this very turn. */
  #stopTask(id: TaskId): void {
    const index = this.#toStart.findIndex((task) => task.id === id);
    if (index < 0) {
      this.#sandbox.cancel(id);
      return;
    }
    this.#toStart.splice(index, 1);
    this.#collected.push(cancelled(id));
    this.#wake();
  }

  #store(outcome: TaskOutcome): void {
    if (outcome.status !== 'succeeded') return;
    this.#context.pipe(
      this.#staging.store(outcome),
      (stored) => ({ type: 'stored', outcome: stored }),
      (fault) => ({ type: 'stored', outcome: failed(outcome.id, fault) }),
    );
  }

  #govern(suspended: boolean, reason: string): void {
    if (suspended) this.#sandbox.suspend();
    else this.#sandbox.resume();
    this.#context.inspect({ topic: 'executor.governed', level: 'info', details: { suspended, reason } });
    this.#untold.push({ type: 'governed', suspended, reason });
  }

  #progress(id: TaskId, fraction: number): void {
    // Not worth keeping when the owner is busy: there is a newer one soon.
    if (this.#untold.length === 0) this.#options.owner.tell({ type: 'progress', id, fraction });
  }

  /** Timers come in the lane that is never refused. */
  #wake(): void {
    if (this.#isWoken) return;
    this.#isWoken = true;
    if (this.#context.self.tell({ type: 'woken' }) === 'full') this.#context.schedule(0, { type: 'woken' });
  }

  #flush(): void {
    if (this.#toStart.length > 0) {
      const tasks = this.#toStart;
      this.#toStart = [];
      this.#sandbox.start(tasks);
    }
    if (this.#toReport.length > 0) {
      this.#untold.push({ type: 'outcomes', outcomes: this.#toReport });
      this.#toReport = [];
    }
    for (let next = this.#untold[0]; next !== undefined; next = this.#untold[0]) {
      if (this.#options.owner.tell(next) === 'full') {
        this.#context.schedule(RETRY_MS, { type: 'woken' });
        return;
      }
      this.#untold.shift();
    }
  }
}

function failed(id: TaskId, { code, message }: Fault): TaskOutcome {
  const usage = { cpuMs: 0, wallMs: 0, memoryBytesPeak: 0 };
  return { id, status: 'failed', code, message, stderr: '', usage };
}

function cancelled(id: TaskId): TaskOutcome {
  return { id, status: 'cancelled', usage: { cpuMs: 0, wallMs: 0, memoryBytesPeak: 0 } };
}
