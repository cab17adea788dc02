import t from 'tap';
import type { HostOutcome, HostTask } from '../../../src/fabric/wasm/host-wire.ts';
import { TaskRunner } from '../../../src/fabric/wasm/task-runner.ts';
import { assemble } from '../../fixtures/assembler.ts';
import { memoryBombProgram, noopProgram, trapProgram } from '../../fixtures/programs.ts';
import { limits, stagedTask } from '../../fixtures/tasks.ts';

const run = (runner: TaskRunner, program: string, more: Partial<HostTask> = {}): HostOutcome => {
  const { files, args, seed, limits } = stagedTask('any', program);
  const task = { number: 1, alone: false, program: program as never, files, args, seed, limits, ...more };
  return runner.run(task);
};

const runnerWith = (
  programs: Readonly<Record<string, Uint8Array>>,
  progress: (part: number) => void = () => {},
) => {
  const runner = new TaskRunner(progress);
  for (const [name, bytes] of Object.entries(programs)) runner.keep(name as never, runner.check(bytes));
  return runner;
};

t.test('a task leaves what its program wrote', async (t) => {
  const outcome = run(runnerWith({ noop: noopProgram() }), 'noop');
  t.match(outcome, { number: 1, status: 'succeeded', files: [{ path: 'r' }] });
  if (outcome.status === 'succeeded') t.same(outcome.files[0]!.bytes, Buffer.from('done'));
});

t.test('memory that is used again is as good as new', async (t) => {
  const text = `(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1) (data (i32.const 8) "\\05")
    (func (export "_start")
      (if (i32.or (i32.load (i32.const 100)) (i32.ne (i32.load8_u (i32.const 8)) (i32.const 5)))
        (then (call $exit (i32.const 1))))
      (i32.store (i32.const 100) (i32.const 7)) (i32.store8 (i32.const 8) (i32.const 6))))`;
  const runner = runnerWith({ dirty: assemble(text) });
  for (let round = 0; round < 3; round++) t.equal(run(runner, 'dirty').status, 'succeeded');
});

t.test('memory that grew, or was made for another limit, is not used again', async (t) => {
  const text = `(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "_start")
      (if (i32.ne (memory.grow (i32.const 3)) (i32.const 1)) (then (call $exit (i32.const 1))))))`;
  const runner = runnerWith({ grows: assemble(text) });
  const tight = { limits: limits({ memoryBytesMax: 65_536 }) };
  t.equal(run(runner, 'grows').status, 'succeeded');
  t.match(run(runner, 'grows', tight), { status: 'failed', code: 'FABRIC_TASK_EXIT' });
  const outcome = run(runner, 'grows');
  t.equal(outcome.status, 'succeeded');
  t.equal(outcome.usage.memoryBytesPeak, 4 * 65_536);
});

t.test('a failure says what it was and what the program said last', async (t) => {
  const text = `(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1) (data (i32.const 0) "\\08\\00\\00\\00\\04\\00\\00\\00oops")
    (func (export "_start")
      (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 20))) (unreachable)))`;
  const runner = runnerWith({ trap: trapProgram(), says: assemble(text), bomb: memoryBombProgram() });
  t.match(run(runner, 'says'), { status: 'failed', code: 'FABRIC_TASK_TRAPPED', stderr: 'oops' });
  t.match(run(runner, 'trap'), { status: 'failed', message: /unreachable/, stderr: '' });
  t.match(run(runner, 'bomb'), { status: 'failed', code: 'FABRIC_TASK_MEMORY_LIMIT' });
  t.match(run(runner, 'nothing'), { status: 'failed', code: 'FABRIC_PROGRAM_MISSING' });
});

t.test('a trap far from the limit is not blamed on memory', async (t) => {
  t.match(run(runnerWith({ trap: trapProgram() }), 'trap'), { code: 'FABRIC_TASK_TRAPPED' });
});

t.test('progress is a fraction, whatever the program calls it', async (t) => {
  const said: number[] = [];
  const calls = ['0.5', '-3', '17', 'nan', 'inf']
    .map((value) => `(call $progress (f64.const ${value}))`)
    .join('');
  const text = `(module (import "conun" "progress" (func $progress (param f64))) (memory (export "memory") 1)
    (func (export "_start") ${calls}))`;
  run(
    runnerWith({ said: assemble(text) }, (fraction) => said.push(fraction)),
    'said',
  );
  t.same(said, [0.5, 0, 1, 0, 1]);
});

t.test('proc_exit with zero is success', async (t) => {
  const text = `(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1) (func (export "_start") (call $exit (i32.const 0)) (unreachable)))`;
  t.equal(run(runnerWith({ exits: assemble(text) }), 'exits').status, 'succeeded');
});

t.test('a forgotten program is gone', async (t) => {
  const runner = runnerWith({ noop: noopProgram() });
  runner.forget('noop' as never);
  t.match(run(runner, 'noop'), { code: 'FABRIC_PROGRAM_MISSING' });
});
