/**
 * Tasks and outcomes as they travel between the pool and a host: many in one flat list of numbers and
 * strings, with all file contents in one piece beside it.
 *
 * Structured clone pays for every object and most of all for every typed array; flat it takes a third of the
 * time (measured for a bundle of 64 no-op outcomes: 4.8 µs each as objects, 1.7 µs flat). A host may have
 * been taken over by what it ran, so what comes back is read as from a stranger: anything of the wrong type
 * or length throws.
 */

import type { Digest } from '../../actors/index.ts';
import { fabricErrors } from '../errors.ts';
import type { Cid, TaskLimits, Usage } from '../task.ts';
import type { Bundle, BundleItem, HostOutcome, HostTask } from './host-wire.ts';

/** In a list of items, where an outcome's kind stands. */
const SUCCEEDED = 1;
const FAILED = 0;

export function packTasks(tasks: readonly HostTask[]): Bundle {
  const writer = new BundleWriter();
  let last: HostTask | undefined;
  for (const task of tasks) {
    // Tasks of one batch share program and limits: most bundles name them once.
    const isLikeLast = last !== undefined && last.program === task.program && last.limits === task.limits;
    writer.items.push(task.number, task.alone, task.seed, isLikeLast);
    if (!isLikeLast) {
      const { memoryBytesMax, runMsMax, outputBytesMax, logBytesMax } = task.limits;
      writer.items.push(task.program, memoryBytesMax, runMsMax, outputBytesMax, logBytesMax);
    }
    writer.items.push(task.args.length, ...task.args, task.files.length);
    for (const file of task.files) writer.file(file.path, file.bytes);
    last = task;
  }
  return writer.bundle();
}

export function unpackTasks(bundle: Bundle): HostTask[] {
  const reader = new BundleReader(bundle);
  const tasks: HostTask[] = [];
  let program = '' as Cid;
  let limits: TaskLimits | undefined;
  while (!reader.done) {
    const [number, alone, seed] = [reader.number(), reader.flag(), reader.text()];
    if (!reader.flag()) {
      program = reader.text() as Cid;
      const [memoryBytesMax, runMsMax] = [reader.number(), reader.number()];
      limits = { memoryBytesMax, runMsMax, outputBytesMax: reader.number(), logBytesMax: reader.number() };
    }
    const args = reader.many(() => reader.text());
    const files = reader.many(() => ({ path: reader.text(), bytes: reader.piece() }));
    tasks.push({ number, alone, program, args, files, seed, limits: limits! });
  }
  return tasks;
}

/** `processorShare` is how much of their wall time these outcomes together had a processor, 0 to 1. */
export function packOutcomes(outcomes: readonly HostOutcome[], processorShare: number): Bundle {
  const writer = new BundleWriter();
  const { items } = writer;
  for (const outcome of outcomes) {
    const { number, usage } = outcome;
    const isSuccess = outcome.status === 'succeeded';
    const cpuMs = Math.round(usage.wallMs * processorShare * 1_000) / 1_000;
    items.push(number, isSuccess ? SUCCEEDED : FAILED, cpuMs, usage.wallMs, usage.memoryBytesPeak);
    if (isSuccess) {
      items.push(outcome.digest);
      writer.piece(outcome.stdout);
      items.push(outcome.files.length);
      for (const { path, bytes } of outcome.files) writer.file(path, bytes);
    } else {
      items.push(outcome.code, outcome.message, outcome.stderr);
    }
  }
  return writer.bundle();
}

/** Throws `FABRIC_TASK_CRASHED` for anything that is not a bundle of outcomes. */
export function unpackOutcomes(bundle: Bundle): HostOutcome[] {
  const reader = new BundleReader(bundle);
  const outcomes: HostOutcome[] = [];
  while (!reader.done) {
    const number = reader.number();
    const isSuccess = reader.number() === SUCCEEDED;
    const usage: Usage = {
      cpuMs: reader.number(),
      wallMs: reader.number(),
      memoryBytesPeak: reader.number(),
    };
    outcomes.push(isSuccess ? readSuccess(reader, number, usage) : readFailure(reader, number, usage));
  }
  return outcomes;
}

function readSuccess(reader: BundleReader, number: number, usage: Usage): HostOutcome {
  const digest = reader.text() as Digest;
  const stdout = reader.piece();
  const files = reader.many(() => ({ path: reader.text(), bytes: reader.piece() }));
  return { number, status: 'succeeded', digest, stdout, files, usage };
}

function readFailure(reader: BundleReader, number: number, usage: Usage): HostOutcome {
  const [code, message, stderr] = [reader.text(), reader.text(), reader.text()];
  return { number, status: 'failed', code, message, stderr, usage };
}

class BundleWriter {
  readonly items: BundleItem[] = [];
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  piece(bytes: Uint8Array): void {
    this.items.push(bytes.byteLength);
    if (bytes.byteLength === 0) return;
    this.#pieces.push(bytes);
    this.#length += bytes.byteLength;
  }

  file(path: string, bytes: Uint8Array): void {
    this.items.push(path);
    this.piece(bytes);
  }

  bundle(): Bundle {
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.byteLength;
    }
    return { items: this.items, bytes };
  }
}

class BundleReader {
  readonly #items: readonly BundleItem[];
  readonly #bytes: Uint8Array;
  #at = 0;
  #byte = 0;

  constructor(bundle: Bundle) {
    if (!Array.isArray(bundle?.items) || !(bundle.bytes instanceof Uint8Array)) throw garbled();
    this.#items = bundle.items;
    this.#bytes = bundle.bytes;
  }

  get done(): boolean {
    return this.#at >= this.#items.length;
  }

  number(): number {
    const item = this.#items[this.#at++];
    if (typeof item !== 'number' || !(item >= 0)) throw garbled();
    return item;
  }

  text(): string {
    const item = this.#items[this.#at++];
    if (typeof item !== 'string') throw garbled();
    return item;
  }

  flag(): boolean {
    const item = this.#items[this.#at++];
    if (typeof item !== 'boolean') throw garbled();
    return item;
  }

  many<Value>(read: () => Value): Value[] {
    const count = this.number();
    if (count > this.#items.length - this.#at) throw garbled();
    const values: Value[] = [];
    for (let index = 0; index < count; index++) values.push(read());
    return values;
  }

  /** A copy: small results would otherwise keep their whole bundle alive. */
  piece(): Uint8Array {
    const from = this.#byte;
    this.#byte += this.number();
    if (this.#byte > this.#bytes.byteLength) throw garbled();
    return this.#bytes.slice(from, this.#byte);
  }
}

function garbled(): Error {
  return fabricErrors.FABRIC_TASK_CRASHED({ reason: 'it answered with something that is not an outcome' });
}
