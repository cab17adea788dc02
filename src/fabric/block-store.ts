/**
 * Content-addressed bytes on this machine, under a quota. A port: the network layer fetches what is missing,
 * and stores it here.
 */

import type { Bytes } from '../actors/index.ts';
import type { Cid } from './task.ts';

export interface GetOptions {
  readonly bytesMax: Bytes;
  readonly signal: AbortSignal;
  /** Who is said to have it, in the words of the layer that fetches: asked before anybody else. */
  readonly from?: string;
}

export interface ContentStore {
  /**
   * Stores bytes as a UnixFS tree. Rejects with `FABRIC_STORAGE_QUOTA` if they do not fit. Equal bytes give
   * equal addresses.
   */
  put(bytes: Uint8Array): Promise<Cid>;
  /**
   * The bytes, from here or from a connected peer. Verified block by block.
   * Rejects with a fault when it is not found before `signal` aborts, or larger than `bytesMax`; with
   * `FABRIC_BLOCK_MISSING`, which may be retried, already when nobody sends anything for a while.
   */
  get(cid: Cid, options: GetOptions): Promise<Uint8Array>;
  /** Whether all of it is here. */
  has(cid: Cid): Promise<boolean>;
  /** Keeps it from eviction until as many `unpin`s follow. Durable. */
  pin(cid: Cid): Promise<void>;
  unpin(cid: Cid): Promise<void>;
}
