/**
 * Durability as a port.
 *
 * A journal holds append-only streams and plain rows in one store. Everything in one `commit` becomes durable
 * together or not at all, and commits become durable in the order in which they were called, and resolve in
 * it. The implementation may merge commits that wait at the same time into one disk sync (group commit).
 * Every one passes `test/conformance/journal.ts`.
 */

/**
 * Names a stream of entries: `batch/<id>`, `leases`. Letters, digits, `-`, `_`, `.`, `/`; at most 128
 * characters.
 */
export type StreamName = string;

/**
 * Applied in this order: drops, snapshots, entries, then rows. A commit of nothing is a barrier: it resolves
 * last.
 */
export interface JournalCommit {
  /** Appended in order. */
  readonly entries?: readonly { readonly stream: StreamName; readonly entry: Uint8Array }[];
  /**
   * Replaces all entries that the stream held when the commit was called, so that replay starts from here.
   * Entries in the same commit come after it.
   */
  readonly snapshots?: readonly { readonly stream: StreamName; readonly state: Uint8Array }[];
  /** Rows written; a row is looked up by its key, and scanned in key order. No key is in `deletes` too. */
  readonly puts?: readonly { readonly key: string; readonly value: Uint8Array }[];
  readonly deletes?: readonly string[];
  /** Forgets streams wholly: entries and snapshot. */
  readonly drops?: readonly StreamName[];
}

export interface ReplayItem {
  readonly kind: 'snapshot' | 'entry';
  readonly bytes: Uint8Array;
}

export interface Journal {
  /**
   * Resolves when durable. Rejects with a fault; then nothing of it is durable, and the journal refuses all
   * later commits.
   */
  commit(commit: JournalCommit): Promise<void>;
  /** The snapshot if there is one, then the entries after it, oldest first, as they were when it began. */
  replay(stream: StreamName): AsyncIterable<ReplayItem>;
  /** Names of the streams that begin with `prefix`, in order. */
  streams(prefix: string): Promise<readonly StreamName[]>;
  get(key: string): Promise<Uint8Array | undefined>;
  /** Rows whose key begins with `prefix`, in key order, from `after` (exclusive) on, at most `limit`. */
  scan(
    prefix: string,
    options?: { after?: string; limit?: number },
  ): AsyncIterable<{ key: string; value: Uint8Array }>;
  /** Waits for commits under way, then releases the store; later commits are refused. May be called twice. */
  close(): Promise<void>;
}
