/**
 * Executors of a simulated grid: honest, slow, lying, failing or stuck, each in its own way but by the seed.
 */

import type { ActorRef, BehaviourFactory, Random } from '../../src/actors/index.ts';
import {
  type ExecutorMail,
  type ExecutorNews,
  outputDigest,
  type Task,
  type TaskId,
  type TaskOutcome,
  type TaskOutput,
  type Usage,
} from '../../src/fabric/index.ts';
import { outputOf } from './work.ts';

export type Character = 'honest' | 'slow' | 'lying' | 'failing' | 'stuck' | 'crashing';

export interface Habits {
  readonly name: string;
  readonly character: Character;
  readonly slots: number;
  /** What a task takes on an ordinary machine; half as much again or less by chance. */
  readonly runMs: number;
  readonly random: Random;
}

type Mail = ExecutorMail | { readonly type: 'ran'; readonly task: Task };

/** `running` is told how many tasks run: a law. */
export function simulatedExecutor(
  owner: ActorRef<ExecutorNews>,
  habits: Habits,
  running: (tasks: number) => void,
): BehaviourFactory<ExecutorMail> {
  return () => {
    const queue: Task[] = [];
    const started = new Map<TaskId, Task>();
    let outcomes: TaskOutcome[] = [];

    const cancel = (id: TaskId): void => {
      const at = queue.findIndex((task) => task.id === id);
      if (at >= 0) queue.splice(at, 1);
      else if (!started.delete(id)) return;
      outcomes.push({ id, status: 'cancelled', usage: usageOf(0) });
    };

    return {
      receive(mail: Mail) {
        if (mail.type === 'execute') queue.push(...mail.tasks);
        else if (mail.type === 'cancel') for (const id of mail.ids) cancel(id);
        else if (mail.type === 'ran' && started.delete(mail.task.id))
          outcomes.push(outcomeOf(mail.task, habits));
      },
      turnEnd(context) {
        for (const task of queue.splice(0, habits.slots - started.size)) {
          started.set(task.id, task);
          if (!isStuck(task, habits)) context.schedule(runMsOf(habits), { type: 'ran', task });
        }
        running(started.size);
        if (outcomes.length === 0) return;
        owner.tell({ type: 'outcomes', outcomes });
        outcomes = [];
      },
    } satisfies ReturnType<BehaviourFactory<Mail>> as ReturnType<BehaviourFactory<ExecutorMail>>;
  };
}

function runMsOf({ character, runMs, random }: Habits): number {
  const factor = character === 'slow' ? 6 : 1;
  return Math.round(factor * runMs * (0.5 + random.fraction()));
}

/** A stuck machine stays silent about one exact task in five until it is told to stop. */
function isStuck({ args }: Task, { character, random }: Habits): boolean {
  return character === 'stuck' && args[0] === 'exact' && random.below(5) === 0;
}

function outcomeOf(task: Task, habits: Habits): TaskOutcome {
  const { id } = task;
  const usage = usageOf(habits.runMs);
  if (habits.character === 'failing' && habits.random.below(3) === 0)
    return { id, status: 'failed', code: 'FABRIC_TASK_TRAPPED', message: 'trapped', stderr: '', usage };
  const output = leaves(task, habits);
  return { id, status: 'succeeded', digest: outputDigest(output), output, usage };
}

/** Most of what a liar says is right: a liar that is always wrong is too easy to find. */
function leaves(task: Task, { name, character, random }: Habits): TaskOutput {
  if (character === 'lying' && random.below(3) === 0) return outputOf({ seed: `${name} invents ${task.id}` });
  return task.args[0] === 'numeric' ? outputOf(task, ` ~${name}`) : outputOf(task);
}

function usageOf(ms: number): Usage {
  return { cpuMs: ms, wallMs: ms, memoryBytesPeak: 65_536 };
}
