/**
 * The journal in memory: the oracle of the conformance suite, and the disk of simulations.
 *
 * What a commit says becomes visible only when it is "durable", which takes as long as `sync` takes; a crash
 * before that loses it, like a real one.
 */

import { assert } from './assert.ts';
import { actorsErrors } from './errors.ts';
import { type Fault, toFault } from './fault.ts';
import type { Journal, JournalCommit, ReplayItem, StreamName } from './journal.ts';

export interface MemoryJournalOptions {
  /** What making one group of commits durable takes; a rejection is a failing disk. At once unless given. */
  readonly sync?: () => Promise<void>;
}

export interface MemoryJournal extends Journal {
  /**
   * As if the process had died now. Commits under way are lost and never settle; this journal is dead.
   * Answers what the restarted process finds on the disk.
   */
  crash(): MemoryJournal;
}

interface Stream {
  snapshot: Uint8Array | undefined;
  entries: Uint8Array[];
}

/** All that is durable. */
interface Disk {
  readonly streams: Map<StreamName, Stream>;
  readonly rows: Map<string, Uint8Array>;
}

interface Waiting {
  readonly commit: JournalCommit;
  readonly resolve: () => void;
  readonly reject: (fault: Fault) => void;
}

/** `StreamName` as its declaration says. */
const STREAM_NAME = /^[\w./-]{1,128}$/;

export function memoryJournal(options: MemoryJournalOptions = {}): MemoryJournal {
  return new InMemory(options, { streams: new Map(), rows: new Map() });
}

class InMemory implements MemoryJournal {
  readonly #options: MemoryJournalOptions;
  readonly #disk: Disk;
  #waiting: Waiting[] = [];
  #syncing: Promise<void> | undefined;
  #refusal: Fault | undefined;
  #crashed = false;

  constructor(options: MemoryJournalOptions, disk: Disk) {
    this.#options = options;
    this.#disk = disk;
  }

  commit(commit: JournalCommit): Promise<void> {
    if (this.#crashed) return new Promise(() => {});
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    assert(
      namesOf(commit).every((name) => STREAM_NAME.test(name)),
      'streams have the names that are allowed',
    );
    return new Promise((resolve, reject) => {
      this.#waiting.push({ commit, resolve, reject });
      // From a reaction of its own, so that commits of one turn share a sync, as they do on a disk.
      this.#syncing ??= Promise.resolve().then(() => this.#syncAll());
    });
  }

  async *replay(stream: StreamName): AsyncGenerator<ReplayItem> {
    const { snapshot, entries } = this.#disk.streams.get(stream) ?? { snapshot: undefined, entries: [] };
    const asItWas = [...entries];
    if (snapshot !== undefined) yield { kind: 'snapshot', bytes: snapshot };
    for (const bytes of asItWas) yield { kind: 'entry', bytes };
  }

  async streams(prefix: string): Promise<readonly StreamName[]> {
    return [...this.#disk.streams.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#disk.rows.get(key);
  }

  async *scan(
    prefix: string,
    { after = '', limit = Number.POSITIVE_INFINITY }: { after?: string; limit?: number } = {},
  ): AsyncGenerator<{ key: string; value: Uint8Array }> {
    const rows = [...this.#disk.rows].filter(([key]) => key.startsWith(prefix) && key > after);
    rows.sort(([left], [right]) => (left < right ? -1 : 1));
    for (const [key, value] of rows.slice(0, limit)) yield { key, value };
  }

  async close(): Promise<void> {
    this.#refusal ??= actorsErrors.ACTORS_JOURNAL_CLOSED();
    await this.#syncing;
  }

  crash(): MemoryJournal {
    this.#crashed = true;
    const streams = new Map<StreamName, Stream>();
    for (const [name, { snapshot, entries }] of this.#disk.streams) {
      streams.set(name, { snapshot, entries: [...entries] });
    }
    return new InMemory(this.#options, { streams, rows: new Map(this.#disk.rows) });
  }

  /** Group after group until nothing waits. Never rejects: each commit learns its own fate. */
  async #syncAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0);
      try {
        await this.#options.sync?.();
        if (this.#crashed) return;
        for (const { commit, resolve } of group) {
          apply(this.#disk, commit);
          resolve();
        }
      } catch (thrown) {
        this.#refusal = toFault(thrown, actorsErrors.ACTORS_JOURNAL_BROKEN);
        for (const { reject } of [...group, ...this.#waiting.splice(0)]) reject(this.#refusal);
      }
    }
    this.#syncing = undefined;
  }
}

function namesOf({ drops = [], snapshots = [], entries = [] }: JournalCommit): StreamName[] {
  return [...drops, ...snapshots.map(({ stream }) => stream), ...entries.map(({ stream }) => stream)];
}

function apply({ streams, rows }: Disk, commit: JournalCommit): void {
  for (const name of commit.drops ?? []) streams.delete(name);
  for (const { stream, state } of commit.snapshots ?? [])
    streams.set(stream, { snapshot: state, entries: [] });
  for (const { stream, entry } of commit.entries ?? []) {
    const held = streams.get(stream);
    if (held === undefined) streams.set(stream, { snapshot: undefined, entries: [entry] });
    else held.entries.push(entry);
  }
  for (const { key, value } of commit.puts ?? []) rows.set(key, value);
  for (const key of commit.deletes ?? []) rows.delete(key);
}
