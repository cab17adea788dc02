/**
 * Where sandboxes are tried: starts tasks, waits for outcomes, and looks at the processes that came of it.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate as nextPass } from 'node:timers/promises';
import type { Test } from 'tap';
import type { Clock } from '../../src/actors/index.ts';
import { systemClock } from '../../src/actors/index.ts';
import type {
  Cid,
  ProgramLoader,
  Sandbox,
  SandboxFactory,
  StagedTask,
  TaskId,
  TaskOutcome,
} from '../../src/fabric/index.ts';

export interface GroundOptions {
  readonly slots: number;
  readonly depthPerSlot: number;
  readonly clock: Clock;
}

export type MakeSandbox = (options: GroundOptions) => SandboxFactory;

export class Ground {
  readonly sandbox: Sandbox & ProgramLoader;
  readonly outcomes: TaskOutcome[] = [];
  readonly progress: { id: TaskId; fraction: number }[] = [];
  #wake = Promise.withResolvers<void>();

  constructor(make: MakeSandbox, options: Partial<GroundOptions> = {}) {
    const complete = { slots: 1, depthPerSlot: 512, clock: systemClock(), ...options };
    this.sandbox = make(complete)({
      outcomes: (outcomes) => {
        this.outcomes.push(...outcomes);
        this.#stir();
      },
      progress: (id, fraction) => {
        this.progress.push({ id, fraction });
        this.#stir();
      },
    });
  }

  /** A ground that is cleared when the test is over. */
  static for(t: Test, make: MakeSandbox, options: Partial<GroundOptions> = {}): Ground {
    const ground = new Ground(make, options);
    t.teardown(() => ground.sandbox.close());
    return ground;
  }

  /** Loads programs under their names, once each. */
  async load(programs: Readonly<Record<string, Uint8Array>>): Promise<void> {
    for (const [name, bytes] of Object.entries(programs)) await this.sandbox.load(name as Cid, bytes);
  }

  /** Starts tasks and waits for all their outcomes, in the order of the tasks. */
  async run(...tasks: readonly StagedTask[]): Promise<TaskOutcome[]> {
    this.sandbox.start(tasks);
    return this.outcomesOf(...tasks.map((task) => task.id));
  }

  async outcomesOf(...ids: readonly string[]): Promise<TaskOutcome[]> {
    const find = (id: string) => this.outcomes.find((outcome) => outcome.id === id);
    await this.until(() => ids.every((id) => find(id) !== undefined));
    return ids.map((id) => find(id)!);
  }

  /** Until a program has said by `progress` that it runs. */
  begun(id: string): Promise<void> {
    return this.until(() => this.progress.some((progress) => progress.id === id));
  }

  /** Looks again whenever the sandbox has reported something. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.#wake.promise;
  }

  #stir(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }
}

/** Processes that this one has started and that are still there, by Linux's own account. */
export function childProcesses(parent = process.pid): number[] {
  const tasks = readdirSync(`/proc/${parent}/task`);
  const children = tasks.flatMap((task) => {
    const text = read(`/proc/${parent}/task/${task}/children`);
    return text === undefined ? [] : text.trim().split(' ');
  });
  return children.filter((pid) => pid !== '').map(Number);
}

export interface ProcessLook {
  /** `R` running, `S` sleeping, `T` stopped, `Z` a zombie. */
  readonly state: string;
  /** Processor time in clock ticks. */
  readonly ticks: number;
  readonly niceness: number;
}

/** Fields 3, 14, 15 and 19 of `/proc/<pid>/stat` (proc(5)); undefined when the process is gone. */
export function look(pid: number): ProcessLook | undefined {
  const fields = read(`/proc/${pid}/stat`)?.split(') ')[1]?.split(' ');
  if (fields === undefined || fields[0] === 'Z') return undefined;
  return { state: fields[0]!, ticks: Number(fields[11]) + Number(fields[12]), niceness: Number(fields[16]) };
}

/** Looks again at every pass of the event loop, for what only the operating system knows. */
export async function untilTrue(holds: () => boolean): Promise<void> {
  while (!holds()) await nextPass();
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
