/**
 * Runs tasks in this process, one at a time, to their end. Lives in a host process: whatever a program does,
 * it does it there.
 *
 * A program is compiled once and instantiated for each task. Its memory is made here: with the task's limit
 * as its maximum, and used again after being zeroed when it is small and has not grown.
 */

import type { Bytes, Digest, Fault, FaultDetails, MakeFault } from '../../actors/index.ts';
import { fabricErrors } from '../errors.ts';
import { outputDigest } from '../output-digest.ts';
import type { Cid, Usage } from '../task.ts';
import type { NamedBytes } from './file-tree.ts';
import { LimitReached } from './file-tree.ts';
import type { HostOutcome, HostTask } from './host-wire.ts';
import { STDERR_BYTES_MAX } from './host-wire.ts';
import type { ShapedModule } from './module-shape.ts';
import { PAGE_BYTES, shapeModule } from './module-shape.ts';
import { exitCodeOf, Wasi } from './wasi.ts';

/** Zeroing 256 KiB costs what mapping a new memory costs (15 µs); above, a new one is cheaper. */
const REUSED_PAGES_MAX = 4;

const WASI_MODULE = 'wasi_snapshot_preview1';
const OWN_MODULE = 'conun';

interface Program {
  readonly module: WebAssembly.Module;
  readonly initialPages: number;
  readonly maximumPages: number;
  /** A zeroed memory of the initial size, with the maximum it was made with. */
  spare: { readonly memory: WebAssembly.Memory; readonly maximum: number } | undefined;
}

interface Failure {
  readonly code: string;
  readonly details: FaultDetails;
}

export class TaskRunner {
  readonly #programs = new Map<Cid, Program>();
  readonly #wasi = new Wasi();
  readonly #own: Record<string, WebAssembly.ImportValue>;
  readonly #imports: WebAssembly.Imports;

  /** `progress` is called from within a running program. */
  constructor(progress: (fraction: number) => void) {
    this.#own = {
      // A point where a later version may suspend or take a snapshot; the process is stopped from outside
      // today.
      yield: () => {},
      progress: (fraction: number) => progress(Math.min(1, Math.max(0, Number(fraction) || 0))),
    };
    this.#imports = { [WASI_MODULE]: this.#wasi.imports, [OWN_MODULE]: this.#own };
  }

  /** Checks a program and compiles it once, to see that it can be. Throws a fault. */
  check(bytes: Uint8Array): ShapedModule {
    const shaped = shapeModule(bytes, (module, name) => this.#hasImport(module, name));
    const exports = new Map(
      WebAssembly.Module.exports(compile(shaped.bytes)).map(({ name, kind }) => [name, kind]),
    );
    for (const [name, kind] of [
      ['_start', 'function'],
      ['memory', 'memory'],
    ] as const) {
      if (exports.get(name) !== kind) {
        throw fabricErrors.FABRIC_PROGRAM_INVALID({ reason: `it does not export ${name}` });
      }
    }
    return shaped;
  }

  keep(program: Cid, shaped: ShapedModule): void {
    const { initialPages, maximumPages } = shaped;
    this.#programs.set(program, {
      module: compile(shaped.bytes),
      initialPages,
      maximumPages,
      spare: undefined,
    });
  }

  forget(program: Cid): void {
    this.#programs.delete(program);
  }

  run(task: HostTask): HostOutcome {
    const startedMs = performance.now();
    const program = this.#programs.get(task.program);
    let memory: WebAssembly.Memory | undefined;
    let failure: Failure | undefined;
    try {
      if (program === undefined) throw new LimitReached('FABRIC_PROGRAM_MISSING', { program: task.program });
      memory = takeMemory(program, task.limits.memoryBytesMax);
      failure = this.#execute(task, program, memory);
    } catch (thrown) {
      failure = explain(thrown, memory, task.limits.memoryBytesMax);
    }
    const outcome = this.#outcome(task, failure, startedMs, memory?.buffer.byteLength ?? 0);
    this.#wasi.end();
    if (program !== undefined && memory !== undefined) giveBack(program, memory, task.limits.memoryBytesMax);
    return outcome;
  }

  /** Returns a failure the program itself chose; throws what ended it otherwise. */
  #execute(task: HostTask, program: Program, memory: WebAssembly.Memory): Failure | undefined {
    this.#wasi.begin(task, memory);
    this.#own['memory'] = memory;
    try {
      const instance = new WebAssembly.Instance(program.module, this.#imports);
      (instance.exports['_start'] as () => void)();
      return undefined;
    } catch (thrown) {
      const exitCode = exitCodeOf(thrown);
      if (exitCode === undefined) throw thrown;
      return exitCode === 0 ? undefined : { code: 'FABRIC_TASK_EXIT', details: { exitCode } };
    }
  }

  #outcome(
    task: HostTask,
    failure: Failure | undefined,
    startedMs: number,
    memoryBytesPeak: Bytes,
  ): HostOutcome {
    const { number } = task;
    let reason = failure;
    try {
      if (reason === undefined) return { number, status: 'succeeded', ...this.#collected(), usage: usage() };
    } catch (thrown) {
      reason = explain(thrown, undefined, 0);
    }
    const { code, message } = faultOf(reason!);
    return {
      number,
      status: 'failed',
      code,
      message,
      stderr: this.#wasi.stderrEnd(STDERR_BYTES_MAX),
      usage: usage(),
    };

    // Asking the kernel for processor time costs 1 µs and more, so the host does it once for a whole bundle.
    function usage(): Usage {
      const wallMs = Math.round((performance.now() - startedMs) * 1_000) / 1_000;
      return { cpuMs: wallMs, wallMs, memoryBytesPeak };
    }
  }

  #collected(): { stdout: Uint8Array; files: NamedBytes[]; digest: Digest } {
    const stdout = this.#wasi.stdout();
    const files = this.#wasi.files();
    const digest = outputDigest({
      exitCode: 0,
      stdout,
      files: files.map(({ path, bytes }) => ({ path, content: { inline: bytes } })),
    });
    return { stdout, files, digest };
  }

  #hasImport(module: string, name: string): boolean {
    if (module === WASI_MODULE) return Object.hasOwn(this.#wasi.imports, name);
    return module === OWN_MODULE && (name === 'yield' || name === 'progress');
  }
}

function compile(bytes: Uint8Array): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  } catch (error) {
    throw fabricErrors.FABRIC_PROGRAM_INVALID({ reason: reasonOf(error) }, error);
  }
}

function takeMemory(program: Program, bytesMax: Bytes): WebAssembly.Memory {
  const { initialPages: initial, spare } = program;
  const maximum = maximumOf(program, bytesMax);
  if (initial > maximum) throw new LimitReached('FABRIC_TASK_MEMORY_LIMIT', { limitBytes: bytesMax });
  program.spare = undefined;
  if (spare?.maximum === maximum) return spare.memory;
  try {
    return new WebAssembly.Memory({ initial, maximum });
  } catch (error) {
    throw new LimitReached('FABRIC_TASK_CRASHED', { reason: reasonOf(error) });
  }
}

function giveBack(program: Program, memory: WebAssembly.Memory, bytesMax: Bytes): void {
  const { initialPages } = program;
  if (initialPages > REUSED_PAGES_MAX || memory.buffer.byteLength !== initialPages * PAGE_BYTES) return;
  new Uint8Array(memory.buffer).fill(0);
  program.spare = { memory, maximum: maximumOf(program, bytesMax) };
}

function maximumOf(program: Program, bytesMax: Bytes): number {
  return Math.min(program.maximumPages, Math.floor(bytesMax / PAGE_BYTES));
}

/** Why a program ended that did not end by itself. */
function explain(thrown: unknown, memory: WebAssembly.Memory | undefined, bytesMax: Bytes): Failure {
  if (thrown instanceof LimitReached) return { code: thrown.code, details: thrown.details };
  if (thrown instanceof WebAssembly.RuntimeError && memory !== undefined && isExhausted(memory, bytesMax)) {
    return { code: 'FABRIC_TASK_MEMORY_LIMIT', details: { limitBytes: bytesMax } };
  }
  return { code: 'FABRIC_TASK_TRAPPED', details: { reason: reasonOf(thrown) } };
}

/**
 * Allocators trap when `memory.grow` fails, which the host cannot see. They ask for more than one page at a
 * time, so a trap in the last quarter counts as well as one at the limit itself.
 */
function isExhausted(memory: WebAssembly.Memory, bytesMax: Bytes): boolean {
  const bytes = memory.buffer.byteLength;
  return bytes + PAGE_BYTES > bytesMax || bytes >= 0.75 * bytesMax;
}

function reasonOf(thrown: unknown): string {
  return (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 200);
}

function faultOf(failure: Failure): Fault {
  const make = fabricErrors[failure.code as keyof typeof fabricErrors] as MakeFault;
  return make(failure.details);
}
