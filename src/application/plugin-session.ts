/**
 * A batch opened in a process of its plugin: the author's functions as typed, bounded and timed calls.
 *
 * `units` can be asked from any position; the process begins again only when the position is not the one it
 * has reached. The first can be asked for before anybody wants them (`drawAhead`): a batch of one unit would
 * wait for them longer than for its verdict to be written down.
 */

import type { Clock, Milliseconds } from '../actors/index.ts';
import { MINUTE_MS, SECOND_MS } from '../actors/index.ts';
import type { UnitDraft } from '../collective/index.ts';
import type { FileBytes, Output, Result } from './plugin.ts';
import { cut } from './plugin-frame.ts';
import { PluginProcess } from './plugin-host.ts';
import {
  answers,
  type FileHead,
  MERGE_BYTES,
  MERGE_RESULTS,
  PULL_BYTES,
  PULL_UNITS_MAX,
  type ResultHead,
} from './plugin-wire.ts';

/** An honest start takes 0.1 s here; the rest is for the author's own checking and preparing of inputs. */
const OPEN_MS: Milliseconds = 30 * SECOND_MS;
const PULL_MS: Milliseconds = 30 * SECOND_MS;
/** Passing over the units before the first that is wanted: a million take seconds. */
const SKIP_MS: Milliseconds = 5 * MINUTE_MS;
const COMPARE_MS: Milliseconds = 10 * SECOND_MS;
/** Between two turns of a merge; encoding a large result is one turn. */
const MERGE_MS: Milliseconds = 5 * MINUTE_MS;

const NO_BUNDLE = new Uint8Array();

/** What a plugin is opened with. */
export interface PluginBatch {
  readonly app: string;
  readonly plugin: Uint8Array;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly inputs: readonly FileBytes[];
  /** Where the plugin's clock stands still: when the batch was submitted. */
  readonly now: Milliseconds;
}

export interface Drawn {
  readonly units: readonly UnitDraft[];
  readonly end: boolean;
}

export class PluginSession {
  readonly #process: PluginProcess;
  /** Whether the plugin says itself what all units share; otherwise they share the inputs. */
  readonly shares: boolean;
  readonly compares: boolean;
  #position = 0;
  #ahead: Promise<Drawn> | undefined;
  #drawn = false;
  #merged = false;

  private constructor(process: PluginProcess, { shares, compares }: { shares: boolean; compares: boolean }) {
    this.#process = process;
    this.shares = shares;
    this.compares = compares;
  }

  /** Rejects with `APPLICATION_PLUGIN_FAILED` and the author's message when the parameters do not please. */
  static open({ app, plugin, ...batch }: PluginBatch, clock: Clock): Promise<PluginSession> {
    return PluginSession.#open(new PluginProcess({ app, clock }), plugin, batch);
  }

  /** Opens the same plugin for another batch, in the process of this session, which is spent. */
  next(batch: Omit<PluginBatch, 'app' | 'plugin'>): Promise<PluginSession> {
    return PluginSession.#open(this.#process, NO_BUNDLE, batch);
  }

  static async #open(
    process: PluginProcess,
    plugin: Uint8Array,
    { parameters, inputs, now }: Omit<PluginBatch, 'app' | 'plugin'>,
  ): Promise<PluginSession> {
    try {
      const heads = inputs.map(fileHead);
      const request = { type: 'open', pluginBytes: plugin.length, now, parameters, inputs: heads } as const;
      const parts = [plugin, ...inputs.map(({ bytes }) => bytes)];
      const { answer } = await process.ask(request, answers.opened, { timeoutMs: OPEN_MS, parts });
      return new PluginSession(process, answer);
    } catch (error) {
      await process.close();
      throw error;
    }
  }

  /** Whether the batch has got from it all that it can want. */
  get spent(): boolean {
    return this.#merged || (this.#drawn && !this.compares);
  }

  get alive(): boolean {
    return this.#process.alive;
  }

  async share(): Promise<readonly FileBytes[]> {
    const { answer, tail } = await this.#process.ask({ type: 'share' }, answers.files, {
      timeoutMs: OPEN_MS,
    });
    return filesOf(answer.files, tail);
  }

  /** Begins to draw the first units. What goes wrong is told to whoever asks for them. */
  drawAhead(): void {
    this.#ahead ??= this.#pull(0);
    this.#ahead.catch(() => {});
  }

  /** Some units from `from` on, and whether they are the last. Never none, unless they are. */
  async units(from: number): Promise<Drawn> {
    const ahead = from === 0 ? this.#ahead : undefined;
    this.#ahead = undefined;
    const drawn = await (ahead ?? this.#pull(from));
    this.#drawn = drawn.end;
    return drawn;
  }

  async #pull(from: number): Promise<Drawn> {
    const timeoutMs = PULL_MS + (this.#position === from ? 0 : SKIP_MS);
    const request = { type: 'pull', from, unitsMax: PULL_UNITS_MAX, bytesMax: PULL_BYTES } as const;
    const { answer, tail } = await this.#process.ask(request, answers.units, { timeoutMs });
    const bytes = cut(
      tail,
      answer.units.flatMap(([, files]) => files.map(([, length]) => length)),
    );
    let part = 0;
    const units = answer.units.map(([args, files, label]) => ({
      args,
      files: files.map(([path]) => ({ path, content: { inline: bytes[part++] ?? new Uint8Array() } })),
      label,
    }));
    this.#position = from + units.length;
    return { units, end: answer.end };
  }

  /** Which of `others` means the same as `candidate`. */
  async compare(candidate: Output, others: readonly Output[]): Promise<number | undefined> {
    const outputs = [candidate, ...others].map((output) => ({ index: 0, label: '', ...output }));
    const request = { type: 'compare', outputs: outputs.map(resultHead) } as const;
    const options = { timeoutMs: COMPARE_MS, parts: outputs.flatMap(resultParts) };
    const { answer } = await this.#process.ask(request, answers.same, options);
    return answer.index ?? undefined;
  }

  /** Yields files as the plugin makes them; takes results only as it asks for them. */
  async *merge(results: AsyncIterable<Result>): AsyncGenerator<FileBytes> {
    const source = bundles(results);
    const options = { timeoutMs: MERGE_MS };
    let spoken = await this.#process.ask({ type: 'merge' }, answers.merging, options);
    for (;;) {
      if (spoken.answer.type === 'done') {
        this.#merged = true;
        return;
      }
      if (spoken.answer.type === 'file') {
        yield* filesOf([spoken.answer.file], spoken.tail);
        spoken = await this.#process.ask({ type: 'more' }, answers.merging, options);
      } else {
        const { value: bundle = [], done: end = false } = await source.next();
        const request = { type: 'results', results: bundle.map(resultHead), end } as const;
        const parts = bundle.flatMap(resultParts);
        spoken = await this.#process.ask(request, answers.merging, { ...options, parts });
      }
    }
  }

  close(): Promise<void> {
    return this.#process.close();
  }
}

async function* bundles(results: AsyncIterable<Result>): AsyncGenerator<readonly Result[], undefined> {
  let bundle: Result[] = [];
  let bytes = 0;
  for await (const result of results) {
    bundle.push(result);
    bytes += resultParts(result).reduce((sum, part) => sum + part.length, 0);
    if (bundle.length < MERGE_RESULTS && bytes < MERGE_BYTES) continue;
    yield bundle;
    bundle = [];
    bytes = 0;
  }
  if (bundle.length > 0) yield bundle;
}

function fileHead({ path, bytes }: FileBytes): FileHead {
  return [path, bytes.length];
}

function resultHead({ index, label, stdout, files }: Result): ResultHead {
  return [index, label, stdout.length, files.map(fileHead)];
}

function resultParts({ stdout, files }: Result): Uint8Array[] {
  return [stdout, ...files.map(({ bytes }) => bytes)];
}

/** Copies: a part is a view of a whole message, and would keep all of it. */
function filesOf(heads: readonly FileHead[], tail: Uint8Array): FileBytes[] {
  const parts = cut(
    tail,
    heads.map(([, bytes]) => bytes),
  );
  return heads.map(([path], at) => ({ path, bytes: Uint8Array.from(parts[at] ?? []) }));
}
