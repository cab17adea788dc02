/**
 * Starts and ends the processes in which plugins run, and speaks with them: one request, one answer, each
 * within a time. A process that is late, that ends, or that says something unusable is killed, and its batch
 * told why.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { extname } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import type { Clock, Fault, Milliseconds } from '../actors/index.ts';
import { applicationErrors } from './errors.ts';
import { encodeFrame, type Frame, frameReader } from './plugin-frame.ts';
import { ANSWER_BYTES_MAX, failure, type Request } from './plugin-wire.ts';

/**
 * JavaScript objects of a plugin; typed arrays are outside of it, bounded by what is handed over and back.
 */
const HEAP_MEGABYTES = 256;
const STDERR_CHARACTERS = 2_000;

const PROCESS = sibling('plugin-process');
const READABLE = [PROCESS, sibling('plugin-frame')];

export interface Spoken<Answer> {
  readonly answer: Answer;
  readonly tail: Uint8Array;
}

export interface PluginProcessOptions {
  /** `render@1.0.0`, for messages. */
  readonly app: string;
  readonly clock: Clock;
}

export interface AskPluginOptions {
  readonly timeoutMs: Milliseconds;
  /** Bytes that the request speaks of. */
  readonly parts?: readonly Uint8Array[];
}

interface Waiting {
  answer(frame: Frame): void;
  fail(fault: Fault): void;
}

export class PluginProcess {
  readonly #app: string;
  readonly #clock: Clock;
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;
  #complaints = '';
  #ended: Fault | undefined;
  #step = 'start';
  #waiting: Waiting | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ app, clock }: PluginProcessOptions) {
    this.#app = app;
    this.#clock = clock;
    const child = launch();
    this.#child = child;
    const [input, output, errors] = child.stdio as unknown as [Writable, Readable, Readable];
    this.#gone = new Promise((resolve) => child.once('close', () => resolve()));
    output.on('data', this.#reader());
    errors.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints = (this.#complaints + text).slice(-STDERR_CHARACTERS);
    });
    // Writing to a process that has ended fails here; that it has ended is told by `close`.
    input.on('error', () => {});
    child.on('error', (error) => this.#end(this.#failed(error.message)));
    child.on('close', (code, signal) => this.#end(this.#failed(this.#lastWords(code, signal))));
  }

  get alive(): boolean {
    return this.#ended === undefined;
  }

  /** In turn: a second request waits for the answer to the first. Rejects with an application fault. */
  ask<Schema extends z.ZodType>(
    request: Request,
    schema: Schema,
    options: AskPluginOptions,
  ): Promise<Spoken<z.output<Schema>>> {
    const asked = this.#turn.then(() => this.#exchange(request, schema, options));
    this.#turn = asked.catch(() => {});
    return asked;
  }

  /** Kills it. Idempotent; resolves when it has ended. */
  close(): Promise<void> {
    this.#end(applicationErrors.APPLICATION_STOPPED());
    return this.#gone;
  }

  async #exchange<Schema extends z.ZodType>(
    request: Request,
    schema: Schema,
    { timeoutMs, parts = [] }: AskPluginOptions,
  ): Promise<Spoken<z.output<Schema>>> {
    this.#step = request.type;
    const { head, tail } = await this.#speak(encodeFrame(request, parts), timeoutMs);
    const refused = failure.safeParse(head);
    if (refused.success) throw this.#failed(refused.data.message);
    const parsed = schema.safeParse(head);
    if (parsed.success) return { answer: parsed.data, tail };
    const issue = parsed.error.issues[0];
    throw this.#unusable(`${issue?.path.join('.') || 'the answer'}: ${issue?.message ?? 'not understood'}`);
  }

  #speak(frame: readonly Uint8Array[], timeoutMs: Milliseconds): Promise<Frame> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(timeoutMs, () => {
        const details = { app: this.#app, step: this.#step, timeoutMs };
        this.#end(applicationErrors.APPLICATION_PLUGIN_TIMEOUT(details));
      });
      this.#waiting = {
        answer(answer) {
          cancel();
          resolve(answer);
        },
        fail(fault) {
          cancel();
          reject(fault);
        },
      };
      for (const part of frame) this.#child.stdin?.write(part);
    });
  }

  #reader(): (chunk: Uint8Array) => void {
    const read = frameReader(ANSWER_BYTES_MAX, (frame) => {
      const waiting = this.#waiting;
      this.#waiting = undefined;
      if (waiting === undefined) this.#unusable('it spoke without being asked');
      else waiting.answer(frame);
    });
    return (chunk) => {
      if (!this.alive) return;
      try {
        read(chunk);
      } catch (error) {
        this.#unusable(error instanceof Error ? error.message : String(error));
      }
    };
  }

  #end(fault: Fault): void {
    this.#ended ??= fault;
    this.#child.kill('SIGKILL');
    this.#waiting?.fail(this.#ended);
    this.#waiting = undefined;
  }

  #unusable(problem: string): Fault {
    const fault = applicationErrors.APPLICATION_PLUGIN_ANSWER({ app: this.#app, step: this.#step, problem });
    this.#end(fault);
    return fault;
  }

  #failed(reason: string): Fault {
    return applicationErrors.APPLICATION_PLUGIN_FAILED({ app: this.#app, step: this.#step, reason });
  }

  #lastWords(code: number | null, signal: NodeJS.Signals | null): string {
    const complaints = this.#complaints.trim();
    if (complaints.includes('heap out of memory'))
      return `it needed more than ${HEAP_MEGABYTES} MiB of memory`;
    return `its process ended (${signal ?? `exit code ${code}`}). ${complaints}`.trim();
  }
}

function launch(): ChildProcess {
  const rights = ['--permission', '--allow-worker', ...READABLE.map((file) => `--allow-fs-read=${file}`)];
  const bounds = [`--max-old-space-size=${HEAP_MEGABYTES}`, '--disallow-code-generation-from-strings'];
  return spawn(process.execPath, [...rights, ...bounds, '--no-warnings', PROCESS], {
    env: {},
    // The fourth is held open by this process alone: its end tells the plugin's process that it is an orphan.
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
}

/** This file's own ending: `.ts` in the sources, `.js` once built. */
function sibling(name: string): string {
  return fileURLToPath(new URL(`./${name}${extname(import.meta.url)}`, import.meta.url));
}
