/**
 * Blocks that are not here: asked first from whoever is said to have them, one peer after the other and by
 * name; then, by bitswap, from all that we are connected to.
 *
 * Bitswap alone does not do. It sends the wants for all peers in one step, and takes up no new want before
 * the slowest peer has taken its message or ten seconds have passed; a peer to which its first message failed
 * gets none ever after; a want that is repeated may be taken for the one that was answered. Each is harmless
 * while all peers live, and holds up everybody when one of them dies.
 *
 * However many callers wait for one block, it is wanted once: in bitswap, giving up one of two wants for a
 * block gives up both. The want ends when the last caller has left. It is put anew from time to time, because
 * a want can get lost: a stream broke after it was sent, or the peer that answers it had no room in its
 * queue. When all of this brings nothing for a while, the fetch fails: its caller has other ways.
 */

import type { CID } from 'multiformats/cid';
import type { Clock, Milliseconds } from '../actors/index.ts';
import { Fault, SECOND_MS } from '../actors/index.ts';
import { addressText, fabricErrors } from '../fabric/index.ts';
import type { PeerId } from './channel.ts';

/** Must be more than the window in which a peer takes a repeated want for an error (`RESEND_WINDOW_MS`). */
const ASK_AGAIN_AFTER_MS: Milliseconds = 3_000;

/**
 * Bitswap forgets a want some milliseconds after it was given up; one put before that is forgotten with it.
 */
const PAUSE_MS: Milliseconds = 50;

/**
 * A fetch fails when bitswap has brought nothing at all for so long, counted from where nobody else is left
 * to ask. Two wants that got lost are no reason; a task that waits for its input or its verdict is not held
 * up longer than by a provider that died.
 */
export const NOTHING_CAME_MS_MAX: Milliseconds = 10 * SECOND_MS;

/** Of one block: each may cost a silence, and asking everybody is quicker than asking more one by one. */
const SOURCES_MAX = 8;

export interface BlockSources {
  /** Asks until the signal aborts; stores the block that comes. */
  readonly askAll: (cid: CID, signal: AbortSignal) => Promise<Uint8Array>;
  /** Ends in bounded time, without a block if this peer does not give it. Stores it otherwise. */
  readonly askOne: (peer: PeerId, cid: CID) => Promise<Uint8Array | undefined>;
}

interface Fetch {
  readonly block: Promise<Uint8Array>;
  readonly end: AbortController;
  readonly sources: Set<PeerId>;
  callers: number;
}

export class BlockFetch {
  readonly #sources: BlockSources;
  readonly #clock: Clock;
  readonly #fetches = new Map<string, Fetch>();
  /** When bitswap last brought a block, whichever. */
  #cameAt = Number.NEGATIVE_INFINITY;

  constructor(sources: BlockSources, clock: Clock) {
    this.#sources = sources;
    this.#clock = clock;
  }

  /**
   * `from` is asked first. Rejects when `signal` aborts, with `FABRIC_BLOCK_MISSING` when nothing comes, or
   * with the store's fault if the block cannot be stored.
   */
  async get(cid: CID, signal: AbortSignal, from?: PeerId): Promise<Uint8Array> {
    signal.throwIfAborted();
    const name = cid.toString();
    const fetch = this.#fetches.get(name) ?? this.#begin(cid, name, from);
    if (from !== undefined && fetch.sources.size < SOURCES_MAX) fetch.sources.add(from);
    fetch.callers += 1;
    try {
      return await orAborted(fetch.block, signal);
    } finally {
      fetch.callers -= 1;
      if (fetch.callers === 0) fetch.end.abort();
    }
  }

  #begin(cid: CID, name: string, from: PeerId | undefined): Fetch {
    const end = new AbortController();
    const sources = new Set(from === undefined ? [] : [from]);
    const block = this.#askUntil(cid, sources, end.signal).finally(() => {
      if (this.#fetches.get(name) === fetch) this.#fetches.delete(name);
    });
    // Its callers may all have left when it fails.
    block.catch(() => undefined);
    const fetch: Fetch = { block, end, sources, callers: 0 };
    end.signal.addEventListener('abort', () => this.#fetches.delete(name), { once: true });
    this.#fetches.set(name, fetch);
    return fetch;
  }

  async #askUntil(cid: CID, sources: ReadonlySet<PeerId>, end: AbortSignal): Promise<Uint8Array> {
    let beganAt: Milliseconds | undefined;
    for (;;) {
      for (const peer of sources) {
        const block = await orAborted(this.#sources.askOne(peer, cid), end);
        if (block !== undefined) return block;
      }
      beganAt ??= this.#clock.monotonic();
      const block = await this.#askAll(cid, end);
      if (block !== undefined) return block;
      const quietMs = this.#clock.monotonic() - Math.max(beganAt, this.#cameAt);
      if (quietMs >= NOTHING_CAME_MS_MAX) {
        throw fabricErrors.FABRIC_BLOCK_MISSING({ cid: addressText(cid) });
      }
      await orAborted(this.#pause(), end);
    }
  }

  /** One try; undefined when it is time for the next one. */
  async #askAll(cid: CID, end: AbortSignal): Promise<Uint8Array | undefined> {
    const attempt = new AbortController();
    const stopWaiting = this.#clock.after(ASK_AGAIN_AFTER_MS, () => attempt.abort());
    try {
      const signal = AbortSignal.any([end, attempt.signal]);
      // Bitswap can be late to notice that a want was given up.
      const block = await orAborted(this.#sources.askAll(cid, signal), signal);
      this.#cameAt = this.#clock.monotonic();
      return block;
    } catch (error) {
      if (end.aborted || error instanceof Fault) throw error;
      return undefined;
    } finally {
      stopWaiting();
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
