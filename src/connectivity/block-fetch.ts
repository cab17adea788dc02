/**
 * Blocks that are not here, asked from the peers that we are connected to.
 *
 * However many callers wait for one block, it is wanted once: in bitswap, giving up one of two wants for a
 * block gives up both. The want ends when the last caller has left. It is put anew from time to time, because
 * a want can get lost: a stream broke after it was sent, or the peer that answers it had no room in its
 * queue.
 */

import type { CID } from 'multiformats/cid';
import type { Clock, Milliseconds } from '../actors/index.ts';
import { Fault } from '../actors/index.ts';

/** Must be more than the window in which a peer takes a repeated want for an error (`RESEND_WINDOW_MS`). */
const ASK_AGAIN_AFTER_MS: Milliseconds = 3_000;

/**
 * Bitswap forgets a want some milliseconds after it was given up; one put before that is forgotten with it.
 */
const PAUSE_MS: Milliseconds = 50;

/** Asks until the signal aborts; stores the block that comes. */
export type AskPeers = (cid: CID, signal: AbortSignal) => Promise<Uint8Array>;

interface Fetch {
  readonly block: Promise<Uint8Array>;
  readonly end: AbortController;
  callers: number;
}

export class BlockFetch {
  readonly #ask: AskPeers;
  readonly #clock: Clock;
  readonly #fetches = new Map<string, Fetch>();

  constructor(ask: AskPeers, clock: Clock) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** Rejects when `signal` aborts, or with the store's fault if the block cannot be stored. */
  async get(cid: CID, signal: AbortSignal): Promise<Uint8Array> {
    signal.throwIfAborted();
    const name = cid.toString();
    const fetch = this.#fetches.get(name) ?? this.#begin(cid, name);
    fetch.callers += 1;
    try {
      return await orAborted(fetch.block, signal);
    } finally {
      fetch.callers -= 1;
      if (fetch.callers === 0) fetch.end.abort();
    }
  }

  #begin(cid: CID, name: string): Fetch {
    const end = new AbortController();
    const block = this.#askUntil(cid, end.signal).finally(() => {
      if (this.#fetches.get(name) === fetch) this.#fetches.delete(name);
    });
    // Its callers may all have left when it fails.
    block.catch(() => undefined);
    const fetch: Fetch = { block, end, callers: 0 };
    end.signal.addEventListener('abort', () => this.#fetches.delete(name), { once: true });
    this.#fetches.set(name, fetch);
    return fetch;
  }

  async #askUntil(cid: CID, end: AbortSignal): Promise<Uint8Array> {
    for (;;) {
      const attempt = new AbortController();
      const stopWaiting = this.#clock.after(ASK_AGAIN_AFTER_MS, () => attempt.abort());
      try {
        return await this.#ask(cid, AbortSignal.any([end, attempt.signal]));
      } catch (error) {
        if (end.aborted || error instanceof Fault) throw error;
      } finally {
        stopWaiting();
      }
      await orAborted(this.#pause(), end);
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(PAUSE_MS, resolve));
  }
}

/** What `work` gives, unless the signal aborts before; `work` itself is not stopped by that. */
async function orAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    // Racing marks both as handled, also the one that loses.
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
