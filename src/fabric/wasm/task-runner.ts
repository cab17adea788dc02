/**
 * Runs tasks in this process, one at a time, to their end. Lives in a host process: whatever a program does,
 * it does it there.
 *
 * Between two tasks nothing is left of the first: its files, its clock and its descriptors are dropped here,
 * its memory and globals by `Program`.
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
import { Program } from './program.ts';
import { exitCodeOf, Wasi } from './wasi.ts';

const WASI_MODULE = 'wasi_snapshot_preview1';
const OWN_MODULE = 'conun';

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
    new Program(shaped).checkExports();
    return shaped;
  }

  keep(program: Cid, shaped: ShapedModule): void {
    this.#programs.set(program, new Program(shaped));
  }

  forget(program: Cid): void {
    this.#programs.delete(program);
  }

  run(task: HostTask): HostOutcome {
    const startedMs = performance.now();
    const bytesMax = task.limits.memoryBytesMax;
    const program = this.#programs.get(task.program);
    let memory: WebAssembly.Memory | undefined;
    let failure: Failure | undefined;
    try {
      if (program === undefined) throw new LimitReached('FABRIC_PROGRAM_MISSING', { program: task.program });
      memory = program.memoryFor(bytesMax);
      this.#wasi.begin(task, memory);
      this.#own['memory'] = memory;
      program.run(memory, bytesMax, this.#imports);
    } catch (thrown) {
      failure = failureOf(thrown, memory, bytesMax);
    }
    const outcome = this.#outcome(task, failure, startedMs, memory?.buffer.byteLength ?? 0);
    this.#wasi.end();
    return outcome;
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

/** What a program's end by exception means; nothing if it was a good one. */
function failureOf(
  thrown: unknown,
  memory: WebAssembly.Memory | undefined,
  bytesMax: Bytes,
): Failure | undefined {
  const exitCode = exitCodeOf(thrown);
  if (exitCode === undefined) return explain(thrown, memory, bytesMax);
  return exitCode === 0 ? undefined : { code: 'FABRIC_TASK_EXIT', details: { exitCode } };
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
