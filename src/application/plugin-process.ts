/**
 * Runs in a process of its own and executes an author's plugin: it asks nothing, and answers requests on
 * standard input one by one on standard output (`plugin-wire.ts`).
 *
 * The walls: an empty environment, and Node's permission model without files, child processes, addons or
 * WASI. That model does not cover the network in Node 24, so before the plugin is imported every further
 * import is refused and every global that leads to the network or to the process is removed. Time and chance
 * stand still, so that the same inputs give the same units.
 */

import { registerHooks } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { BatchInputs, FileBytes, Output, Plugin, Result, Unit } from './plugin.ts';
import { cut, encodeFrame, type Frame, frameReader } from './plugin-frame.ts';
import type { FileHead, Request, ResultHead, UnitHead } from './plugin-wire.ts';

interface Answer {
  readonly head: unknown;
  readonly parts?: readonly Uint8Array[];
}

type Open = Extract<Request, { type: 'open' }>;
type Pull = Extract<Request, { type: 'pull' }>;

interface Asked {
  readonly request: Request;
  readonly tail: Uint8Array;
}

/** The parent sends no more than all inputs of a batch at once. */
const REQUEST_BYTES_MAX = 536_870_912;
const MESSAGE_CHARACTERS = 2_000;
const GLOBALS_REMOVED = [
  ...['process', 'global', 'Buffer', 'fetch', 'Request', 'Response', 'Headers', 'FormData', 'WebSocket'],
  ...[
    'EventSource',
    'BroadcastChannel',
    'navigator',
    'localStorage',
    'sessionStorage',
    'Worker',
    'WebAssembly',
  ],
];

const MovingDate = Date;
const { stdin, stdout, stderr } = process;
const requests: Asked[] = [];
let arrived: () => void = () => {};
let turn: Promise<unknown> = Promise.resolve();
let source = '';
let opened = 0;
let plugin: Plugin<unknown>;
let batch: BatchInputs<unknown>;
let units: Iterator<Unit> | AsyncIterator<Unit>;
/** The unit that `units` gives next; none, if it has not begun or broke off. */
let position: number | undefined;

endWithParent();
closeDoors();
const read = frameReader(REQUEST_BYTES_MAX, ({ head, tail }: Frame) => {
  requests.push({ request: head as Request, tail });
  arrived();
});
stdin.on('data', read);
await serve();

async function serve(): Promise<never> {
  let asked = await nextRequest();
  for (;;) {
    const answer = await handle(asked).catch(refusal);
    asked = await exchange(answer);
  }
}

async function handle({ request, tail }: Asked): Promise<Answer> {
  if (request.type === 'open') return open(request, tail);
  if (request.type === 'share') return share();
  if (request.type === 'pull') return pull(request);
  if (request.type === 'compare') return compare(resultsOf(request.outputs, tail));
  if (request.type === 'merge') return merge();
  throw new TypeError(`nothing is waiting for "${request.type}"`);
}

async function open({ pluginBytes, now, parameters, inputs }: Open, tail: Uint8Array): Promise<Answer> {
  standStill(now);
  if (pluginBytes > 0) source = encodeURIComponent(new TextDecoder().decode(tail.subarray(0, pluginBytes)));
  opened += 1;
  position = undefined;
  // Another fragment, another module: nothing that a plugin keeps outlives its batch.
  const module = await import(`data:text/javascript;charset=utf-8,${source}#${opened}`);
  plugin = module.default;
  for (const needed of ['parameters', 'split', 'merge'] as const) {
    if (typeof plugin?.[needed] !== 'function') throw new TypeError(`its default export has no ${needed}()`);
  }
  const files = filesOf(inputs, tail.subarray(pluginBytes));
  const named = Object.fromEntries(files.map(({ path, bytes }) => [path, bytes]));
  batch = { parameters: plugin.parameters(parameters), inputs: named };
  const head = { type: 'opened', shares: plugin.share !== undefined, compares: plugin.compare !== undefined };
  return { head };
}

async function share(): Promise<Answer> {
  const files = (await plugin.share?.(batch)) ?? [];
  return { head: { type: 'files', files: files.map(fileHead) }, parts: files.map(({ bytes }) => bytes) };
}

async function begin(from: number): Promise<void> {
  const drawn = plugin.split(batch);
  units = Symbol.asyncIterator in drawn ? drawn[Symbol.asyncIterator]() : drawn[Symbol.iterator]();
  for (let at = 0; at < from; at++) {
    const step = units.next();
    if ((step instanceof Promise ? await step : step).done) break;
  }
}

async function pull({ from, unitsMax, bytesMax }: Pull): Promise<Answer> {
  const isThere = position === from;
  position = undefined;
  if (!isThere) await begin(from);
  const heads: UnitHead[] = [];
  const parts: Uint8Array[] = [];
  let bytes = 0;
  let end = false;
  while (heads.length < unitsMax && bytes < bytesMax) {
    const next = units.next();
    const { done = false, value } = next instanceof Promise ? await next : next;
    end = done;
    if (done) break;
    const { args = [], files = [], label = '' } = value as Unit;
    heads.push([args, files.map(fileHead), label]);
    for (const file of files) {
      parts.push(file.bytes);
      bytes += file.bytes.length;
    }
    for (const arg of args) bytes += arg.length;
  }
  position = from + heads.length;
  return { head: { type: 'units', units: heads, end }, parts };
}

async function compare([candidate, ...others]: readonly Output[]): Promise<Answer> {
  const index = others.findIndex((other) => candidate && plugin.compare?.(candidate, other) === true);
  return { head: { type: 'same', index: index < 0 ? null : index } };
}

async function merge(): Promise<Answer> {
  for await (const file of plugin.merge(batch, results())) {
    await exchange({ head: { type: 'file', file: fileHead(file) }, parts: [file.bytes] });
  }
  return { head: { type: 'done' } };
}

async function* results(): AsyncGenerator<Result> {
  for (;;) {
    const { request, tail } = await exchange({ head: { type: 'want' } });
    if (request.type !== 'results') throw new TypeError('results are expected');
    yield* resultsOf(request.results, tail);
    if (request.end) return;
  }
}

/** Says one thing and waits for what is asked next; one at a time, even if a merge asks while it yields. */
function exchange({ head, parts = [] }: Answer): Promise<Asked> {
  const next = turn.then(() => {
    for (const part of encodeFrame(head, parts)) stdout.write(part);
    return nextRequest();
  });
  turn = next;
  return next;
}

async function nextRequest(): Promise<Asked> {
  for (;;) {
    const asked = requests.shift();
    if (asked !== undefined) return asked;
    await new Promise<void>((resolve) => {
      arrived = resolve;
    });
  }
}

function refusal(error: unknown): Answer {
  const message = error instanceof Error ? error.message : String(error);
  return { head: { type: 'failed', message: message.slice(0, MESSAGE_CHARACTERS) } };
}

function fileHead({ path, bytes }: FileBytes): FileHead {
  if (!(bytes instanceof Uint8Array))
    throw new TypeError(`the bytes of the file "${path}" are no Uint8Array`);
  return [path, bytes.length];
}

function filesOf(heads: readonly FileHead[], tail: Uint8Array): FileBytes[] {
  const parts = cut(
    tail,
    heads.map(([, bytes]) => bytes),
  );
  return heads.map(([path], at) => ({ path, bytes: parts[at] ?? new Uint8Array() }));
}

function resultsOf(heads: readonly ResultHead[], tail: Uint8Array): Result[] {
  const lengths = heads.flatMap(([, , stdoutBytes, files]) => [
    stdoutBytes,
    ...files.map(([, bytes]) => bytes),
  ]);
  const parts = cut(tail, lengths)[Symbol.iterator]();
  const part = () => parts.next().value ?? new Uint8Array();
  return heads.map(([index, label, , files]) => {
    const printed = part();
    return { index, label, stdout: printed, files: files.map(([path]) => ({ path, bytes: part() })) };
  });
}

function closeDoors(): void {
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier.startsWith('data:')) return next(specifier, context);
      throw new TypeError(`a plugin cannot import "${specifier}"`);
    },
  });
  for (const name of GLOBALS_REMOVED) Reflect.deleteProperty(globalThis, name);
  const say = (...words: readonly unknown[]) => stderr.write(`${words.map(String).join(' ')}\n`);
  globalThis.console = { ...console, log: say, info: say, warn: say, error: say, debug: say };
}

/** A plugin that reads the clock or throws dice would split differently when its broker restarts. */
function standStill(now: number): void {
  globalThis.Date = class extends MovingDate {
    constructor(...given: readonly []) {
      super(...(given.length === 0 ? ([now] as unknown as readonly []) : given));
    }
    static override now(): number {
      return now;
    }
  } as DateConstructor;
  let state = 0x9e3779b9;
  Math.random = () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5;
    return ((state ^ (state >>> 12)) >>> 0) / 4_294_967_296;
  };
}

/**
 * A plugin that loops for ever would outlive a parent that was killed: this thread waits for the end of a
 * pipe that only the parent holds, and takes the process with it.
 */
function endWithParent(): void {
  const wait = `require('node:fs').readSync(3, Buffer.alloc(1)); process.kill(process.pid, 'SIGKILL')`;
  new Worker(wait, { eval: true, stdin: false }).unref();
}
