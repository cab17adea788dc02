/**
 * What the collective layer asks of an app, answered by its plugin: units to draw, outputs to compare,
 * results to merge. And what is asked once, at submission: whether the parameters please, and which files all
 * units share.
 */

import { type Clock, type Milliseconds, MINUTE_MS, sha256 } from '../actors/index.ts';
import type { BatchSpec, Comparator, Merger, UnitResult, UnitSource } from '../collective/index.ts';
import {
  type Content,
  type ContentStore,
  contentMatches,
  INLINE_BYTES_MAX,
  type TaskFile,
  type TaskOutput,
} from '../fabric/index.ts';
import { readApplication, type StoredInput } from './batch-spec.ts';
import { withinTime } from './deadline.ts';
import { applicationErrors } from './errors.ts';
import type { FileBytes, Output, Result } from './plugin.ts';
import { PluginPool, type PluginPoolOptions } from './plugin-pool.ts';

export interface PluginPorts {
  readonly source: UnitSource;
  readonly comparator: Comparator;
  readonly merger: Merger;
  /** Rejects with `APPLICATION_PLUGIN_FAILED` and the author's words when the parameters do not please. */
  readonly shared: (spec: BatchSpec) => Promise<readonly TaskFile[]>;
  /** Ends all plugin processes. */
  readonly close: () => Promise<void>;
}

/** Outputs are on this node or at the provider that has just returned them. */
const FETCH_MS: Milliseconds = MINUTE_MS;
/** A result is for people: more files than this belong in an archive. */
const MERGED_FILES_MAX = 1_000;

export function pluginPorts(options: PluginPoolOptions): PluginPorts {
  const { content, clock } = options;
  const pool = new PluginPool(options);
  return {
    source: { draw: (spec, from) => draw(pool, spec, from) },
    comparator: {
      async classify(spec, candidate, representatives) {
        const outputs = [candidate, ...representatives.map(({ output }) => output)];
        const [first, ...others] = await Promise.all(outputs.map((output) => read(content, clock, output)));
        const same = await pool.use(
          spec,
          'units',
          async (session) => first && session.compare(first, others),
        );
        return same === undefined ? undefined : representatives[same]?.digest;
      },
    },
    merger: {
      merge: (spec, units) =>
        pool.use(spec, 'merge', async (session) => {
          const files: TaskFile[] = [];
          for await (const file of session.merge(agreed(content, clock, units))) {
            if (files.length >= MERGED_FILES_MAX) throw tooMany(spec);
            files.push(await stored(content, file));
          }
          return files;
        }),
    },
    shared: (spec) =>
      pool.use(spec, 'units', async (session) => {
        const files: TaskFile[] = [];
        if (session.shares) for (const file of await session.share()) files.push(await stored(content, file));
        else
          for (const input of readApplication(spec).inputs)
            files.push(await inputFile(content, clock, input));
        session.drawAhead();
        return files;
      }),
    close: () => pool.close(),
  };
}

/** Holds no process between two bundles. */
async function* draw(pool: PluginPool, spec: BatchSpec, from: number) {
  for (let at = from, end = false; !end; ) {
    const drawn = await pool.use(spec, 'units', (session) => session.units(at));
    if (drawn.units.length > 0) yield drawn.units;
    at += drawn.units.length;
    end = drawn.end;
  }
}

async function* agreed(
  content: ContentStore,
  clock: Clock,
  units: AsyncIterable<UnitResult>,
): AsyncGenerator<Result> {
  for await (const { unit, label, verdict, output } of units) {
    if (verdict !== 'agreed' || output === undefined) continue;
    yield { index: unit, label, ...(await read(content, clock, output)) };
  }
}

async function read(content: ContentStore, clock: Clock, { stdout, files }: TaskOutput): Promise<Output> {
  const bytes = await Promise.all(files.map((file) => fetched(content, clock, file.content)));
  return { stdout, files: files.map(({ path }, at) => ({ path, bytes: bytes[at] ?? new Uint8Array() })) };
}

async function fetched(store: ContentStore, clock: Clock, content: Content): Promise<Uint8Array> {
  if ('inline' in content) return content.inline;
  const { cid, bytes: bytesMax } = content;
  const bytes = await withinTime(clock, FETCH_MS, (signal) => store.get(cid, { bytesMax, signal }));
  if (contentMatches(content, bytes)) return bytes;
  throw applicationErrors.APPLICATION_OUTPUT_DAMAGED({ cid });
}

async function inputFile(
  store: ContentStore,
  clock: Clock,
  { name, cid, bytes }: StoredInput,
): Promise<TaskFile> {
  if (bytes > INLINE_BYTES_MAX) return { path: name, content: { cid, bytes } };
  const inline = await withinTime(clock, FETCH_MS, (signal) => store.get(cid, { bytesMax: bytes, signal }));
  return { path: name, content: { inline } };
}

/** Small files travel in messages; larger ones are kept as blocks until the batch is forgotten. */
async function stored(content: ContentStore, { path, bytes }: FileBytes): Promise<TaskFile> {
  if (bytes.length <= INLINE_BYTES_MAX) return { path, content: { inline: bytes } };
  const cid = await content.put(bytes);
  await content.pin(cid);
  return { path, content: { cid, bytes: bytes.length, sha256: sha256(bytes) } };
}

function tooMany({ app }: BatchSpec) {
  const problem = `more than ${MERGED_FILES_MAX} files`;
  return applicationErrors.APPLICATION_PLUGIN_ANSWER({ app, step: 'merge', problem });
}
