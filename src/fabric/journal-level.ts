/**
 * The journal on disk: one Level database, every commit synced before it is acknowledged.
 *
 * A sync costs the same for one record as for a thousand, and decides how fast a grid can be (0.03 ms on a
 * good disk, 2 ms on an ordinary one). So commits that arrive while a sync is under way wait together, and
 * leave in one batch with one sync (group commit). Batches are written one after the other, which gives the
 * order that the port promises; a batch is atomic, which gives all or nothing.
 *
 * Forgetting is done in two steps: a snapshot or a drop raises the stream's floor in the same batch, which
 * hides what lies below it at once; the hidden entries are erased afterwards, without a sync, or at the next
 * opening.
 *
 * Entry numbers of a stream have no gaps, and replay checks it: LevelDB skips damaged parts of a table
 * silently, and a protocol that continues from a state with a hole in it is worse than one that stops.
 */

import { mkdir, readdir } from 'node:fs/promises';
import { type IteratorOptions, Level } from 'level';
import type {
  Bytes,
  Clock,
  Fault,
  Inspector,
  Journal,
  JournalCommit,
  ReplayItem,
  StreamName,
} from '../actors/index.ts';
import { assert, MIB } from '../actors/index.ts';
import { fabricErrors } from './errors.ts';
import {
  entryKey,
  entryRange,
  floorKey,
  isStreamName,
  nameIn,
  numberText,
  parseEntryKey,
  parseNumber,
  prefixRange,
  rowKey,
  snapshotKey,
} from './journal-keys.ts';
import { storeFault } from './store-fault.ts';

export interface LevelJournalInit {
  /** A directory that only this journal uses; made, for the owner alone, if it is not there. */
  readonly path: string;
  /** With both of these, each synced batch is reported as `journal.synced`, with how long it took. */
  readonly clock?: Clock;
  readonly inspect?: Inspector;
}

/** Bounds how long the first of many waiting commits waits: at 100 MB/s, 40 ms. */
const GROUP_BYTES_MAX: Bytes = 4 * MIB;

/** LevelDB's own default of 4 MiB makes it compact all the time at the rates of group commit. */
const WRITE_BUFFER_BYTES: Bytes = 16 * MIB;

/** Read ahead when scanning: the default of 16 KiB crosses into native code for every fifty entries. */
const READ_AHEAD_BYTES: Bytes = MIB;
const READ_AHEAD_ITEMS = 1_000;

type Store = Level<string, Uint8Array>;
type Batch = ReturnType<Store['batch']>;

/** Entries with `floor <= number < next` are alive. */
interface Head {
  floor: number;
  next: number;
}

interface Waiting {
  readonly commit: JournalCommit;
  readonly bytes: Bytes;
  readonly resolve: () => void;
  readonly reject: (fault: Fault) => void;
}

/**
 * Rejects with `FABRIC_STORE_LOCKED` while another journal is open on the same path, `FABRIC_STORE_CORRUPT`,
 * `FABRIC_STORE_FULL` or `FABRIC_STORE_FAILED`.
 */
export async function openLevelJournal(init: LevelJournalInit): Promise<Journal> {
  const { path } = init;
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await refuseBeheaded(path);
    const store: Store = new Level(path, {
      keyEncoding: 'utf8',
      valueEncoding: 'view',
      writeBufferSize: WRITE_BUFFER_BYTES,
    });
    await store.open();
    await eraseForgotten(store);
    return new LevelJournal(store, init, await namesIn(store, ''));
  } catch (error) {
    throw storeFault(error, path);
  }
}

class LevelJournal implements Journal {
  readonly #store: Store;
  readonly #init: LevelJournalInit;
  /** One for each stream written since opening. */
  readonly #heads = new Map<StreamName, Head>();
  /** On disk, and not in `#heads` yet. To look for what is not there costs a new stream more than a sync. */
  readonly #unread: Set<StreamName>;
  /** Bounded by the callers: each waiting commit is something that its caller waits for. */
  #waiting: Waiting[] = [];
  #syncing: Promise<void> | undefined;
  #erasing: Promise<void> = Promise.resolve();
  #refusal: Fault | undefined;
  #closed: Promise<void> | undefined;

  constructor(store: Store, init: LevelJournalInit, names: Set<StreamName>) {
    this.#store = store;
    this.#init = init;
    this.#unread = names;
  }

  commit(commit: JournalCommit): Promise<void> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    for (const name of streamsIn(commit)) {
      assert(isStreamName(name), `${JSON.stringify(name)} is a stream name`);
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ commit, bytes: bytesIn(commit), resolve, reject });
      // The loop starts in a microtask: commits made in one turn share the first sync already.
      this.#syncing ??= Promise.resolve().then(() => this.#syncAll());
    });
  }

  async *replay(stream: StreamName): AsyncGenerator<ReplayItem> {
    const view = this.#store.snapshot();
    try {
      const floor = await floorOf(this.#store, stream, view);
      const state = await this.#store.get(snapshotKey(stream), { snapshot: view });
      if (state !== undefined) yield { kind: 'snapshot', bytes: state };
      let expected = floor;
      for await (const [key, bytes] of itemsIn(this.#store, {
        ...entryRange(stream, floor),
        snapshot: view,
      })) {
        const { number } = parseEntryKey(key);
        if (number !== expected) throw this.#hole(stream, expected);
        expected = number + 1;
        yield { kind: 'entry', bytes };
      }
    } catch (error) {
      throw storeFault(error, this.#init.path);
    } finally {
      await view.close();
    }
  }

  async streams(prefix: string): Promise<readonly StreamName[]> {
    return this.#guarded(async () => [...(await namesIn(this.#store, prefix))].sort());
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#guarded(() => this.#store.get(rowKey(key)));
  }

  async *scan(
    prefix: string,
    options: { after?: string; limit?: number } = {},
  ): AsyncGenerator<{ key: string; value: Uint8Array }> {
    const { after, limit = -1 } = options;
    const { gte, lt } = prefixRange('r', prefix);
    const begin = after !== undefined && rowKey(after) >= gte ? { gt: rowKey(after) } : { gte };
    try {
      for await (const [key, value] of itemsIn(this.#store, { ...begin, lt, limit })) {
        yield { key: nameIn(key), value };
      }
    } catch (error) {
      throw storeFault(error, this.#init.path);
    }
  }

  close(): Promise<void> {
    this.#refusal ??= fabricErrors.FABRIC_STORE_CLOSED({ path: this.#init.path });
    this.#closed ??= this.#release();
    return this.#closed;
  }

  async #release(): Promise<void> {
    await this.#syncing;
    await this.#erasing;
    await this.#guarded(() => this.#store.close());
  }

  /** Writes group after group until nothing waits. Never rejects: each commit learns its own fate. */
  async #syncAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      try {
        await this.#sync(group);
        for (const { resolve } of group) resolve();
      } catch (error) {
        const fault = storeFault(error, this.#init.path);
        this.#refusal = fault;
        for (const { reject } of [...group, ...this.#waiting.splice(0)]) reject(fault);
      }
    }
    this.#syncing = undefined;
  }

  #takeGroup(): Waiting[] {
    let bytes = 0;
    const over = this.#waiting.findIndex((waiting) => {
      bytes += waiting.bytes;
      return bytes > GROUP_BYTES_MAX;
    });
    // At least one, however large it is.
    return this.#waiting.splice(0, over === -1 ? this.#waiting.length : Math.max(over, 1));
  }

  async #sync(group: readonly Waiting[]): Promise<void> {
    const began = this.#init.clock?.monotonic();
    for (const { commit } of group) {
      for (const name of streamsIn(commit)) {
        if (this.#heads.has(name)) continue;
        const isThere = this.#unread.delete(name);
        this.#heads.set(name, isThere ? await headOf(this.#store, name) : { floor: 0, next: 0 });
      }
    }
    const batch = this.#store.batch();
    const forgotten = new Set<StreamName>();
    for (const { commit } of group) this.#write(commit, batch, forgotten);
    const operations = batch.length;
    await batch.write({ sync: true });
    for (const stream of forgotten) this.#erase(stream);
    if (began === undefined) return;
    const ms = this.#init.clock!.monotonic() - began;
    this.#init.inspect?.({
      topic: 'journal.synced',
      level: 'debug',
      details: { commits: group.length, operations, ms },
    });
  }

  #write(commit: JournalCommit, batch: Batch, forgotten: Set<StreamName>): void {
    const raiseFloor = (stream: StreamName) => {
      const head = this.#heads.get(stream)!;
      if (head.floor === head.next) return;
      head.floor = head.next;
      batch.put(floorKey(stream), Buffer.from(numberText(head.floor)));
      forgotten.add(stream);
    };
    for (const stream of commit.drops ?? []) {
      raiseFloor(stream);
      batch.del(snapshotKey(stream));
    }
    for (const { stream, state } of commit.snapshots ?? []) {
      raiseFloor(stream);
      batch.put(snapshotKey(stream), state);
    }
    for (const { stream, entry } of commit.entries ?? []) {
      batch.put(entryKey(stream, this.#heads.get(stream)!.next++), entry);
    }
    for (const { key, value } of commit.puts ?? []) batch.put(rowKey(key), value);
    for (const key of commit.deletes ?? []) batch.del(rowKey(key));
  }

  /** What fails here stays hidden below the floor, and is tried again at the next opening. */
  #erase(stream: StreamName): void {
    const { floor } = this.#heads.get(stream)!;
    this.#erasing = this.#erasing
      .then(() => this.#store.clear(entryRange(stream, 0, floor)))
      .catch((error: unknown) => {
        const fault = storeFault(error, this.#init.path).toWire();
        this.#init.inspect?.({ topic: 'journal.erase-failed', level: 'warn', details: { stream }, fault });
      });
  }

  #hole(stream: StreamName, number: number): Fault {
    const reason = `entry ${number} of stream ${stream} is missing`;
    return fabricErrors.FABRIC_STORE_CORRUPT({ path: this.#init.path, reason });
  }

  async #guarded<Value>(work: () => Promise<Value>): Promise<Value> {
    try {
      return await work();
    } catch (error) {
      throw storeFault(error, this.#init.path);
    }
  }
}

/** LevelDB takes tables without their `CURRENT` file for rubbish, makes a new store and erases them. */
async function refuseBeheaded(path: string): Promise<void> {
  const names = await readdir(path);
  if (names.includes('CURRENT') || !names.some((name) => /\.(ldb|log)$/.test(name))) return;
  throw fabricErrors.FABRIC_STORE_CORRUPT({ path, reason: 'the file CURRENT is missing' });
}

/** Ends what a crash interrupted: erases below each floor, and forgets the floors of dropped streams. */
async function eraseForgotten(store: Store): Promise<void> {
  for await (const [key, value] of store.iterator(prefixRange('f', ''))) {
    const stream = nameIn(key);
    await store.clear(entryRange(stream, 0, parseNumber(textOf(value))));
    const dropped = !(await store.has(snapshotKey(stream))) && !(await isAlive(store, stream));
    if (dropped) await store.del(key);
  }
}

/** Of the streams that begin with `prefix` and are not forgotten. */
async function namesIn(store: Store, prefix: string): Promise<Set<StreamName>> {
  const names = new Set<StreamName>();
  for await (const key of store.keys(prefixRange('s', prefix))) names.add(nameIn(key));
  // Seeks from stream to stream, so that the cost is one look per stream however long they are.
  const keys = store.keys(prefixRange('e', prefix));
  try {
    for (let key = await keys.next(); key !== undefined; key = await keys.next()) {
      const { stream } = parseEntryKey(key);
      if (await isAlive(store, stream)) names.add(stream);
      keys.seek(entryRange(stream, 0).lt);
    }
  } finally {
    await keys.close();
  }
  return names;
}

async function headOf(store: Store, stream: StreamName): Promise<Head> {
  const floor = await floorOf(store, stream);
  const [last] = await store.keys({ ...entryRange(stream, floor), reverse: true, limit: 1 }).all();
  return { floor, next: last === undefined ? floor : parseEntryKey(last).number + 1 };
}

async function floorOf(
  store: Store,
  stream: StreamName,
  snapshot?: ReturnType<Store['snapshot']>,
): Promise<number> {
  const floor = await store.get(floorKey(stream), { snapshot });
  return floor === undefined ? 0 : parseNumber(textOf(floor));
}

/** Whether the stream has an entry that is not forgotten. */
async function isAlive(store: Store, stream: StreamName): Promise<boolean> {
  const floor = await floorOf(store, stream);
  const found = await store.keys({ ...entryRange(stream, floor), limit: 1 }).all();
  return found.length > 0;
}

async function* itemsIn(
  store: Store,
  range: IteratorOptions<string, Uint8Array>,
): AsyncGenerator<[string, Uint8Array]> {
  const iterator = store.iterator<string, Uint8Array>({ ...range, highWaterMarkBytes: READ_AHEAD_BYTES });
  try {
    let page = await iterator.nextv(READ_AHEAD_ITEMS);
    while (page.length > 0) {
      yield* page;
      page = await iterator.nextv(READ_AHEAD_ITEMS);
    }
  } finally {
    await iterator.close();
  }
}

function* streamsIn(commit: JournalCommit): Generator<StreamName> {
  yield* commit.drops ?? [];
  for (const { stream } of commit.snapshots ?? []) yield stream;
  for (const { stream } of commit.entries ?? []) yield stream;
}

function bytesIn(commit: JournalCommit): Bytes {
  let bytes = 0;
  for (const { entry } of commit.entries ?? []) bytes += entry.length;
  for (const { state } of commit.snapshots ?? []) bytes += state.length;
  for (const { value } of commit.puts ?? []) bytes += value.length;
  return bytes;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
