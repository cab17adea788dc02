/**
 * The WASM sandbox without its processes: the production runner, here and now. For tests that are not about
 * walls.
 */

import type { SandboxFactory, TaskId, TaskOutcome } from '../../src/fabric/index.ts';
import type { HostOutcome } from '../../src/fabric/wasm/host-wire.ts';
import { TaskRunner } from '../../src/fabric/wasm/task-runner.ts';

export const inProcessSandbox: SandboxFactory = (reports) => {
  const runner = new TaskRunner(() => {});
  const programs = new Set<string>();
  let number = 0;
  return {
    kind: 'wasm',
    slots: 1,
    depthMax: 4,
    start(tasks) {
      for (const task of tasks) {
        const outcome = toOutcome(task.id, runner.run({ ...task, number: number++, alone: true }));
        setImmediate(() => reports.outcomes([outcome]));
      }
    },
    cancel() {},
    suspend() {},
    resume() {},
    async close() {},
    async load(program, bytes) {
      runner.keep(program, runner.check(bytes));
      programs.add(program);
    },
    has: (program) => programs.has(program),
  };
};

function toOutcome(id: TaskId, ran: HostOutcome): TaskOutcome {
  const { number: _, ...outcome } = ran;
  if (outcome.status === 'failed') return { id, ...outcome };
  const { stdout, files, ...rest } = outcome;
  const kept = files.map(({ path, bytes }) => ({ path, content: { inline: bytes } }));
  return { id, ...rest, output: { exitCode: 0, stdout, files: kept } };
}
