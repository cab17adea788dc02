/**
 * Which blocks are here, how much room they take, and which of them go first when room is needed.
 *
 * A block is held while a pin or a transfer needs it; it may be held before it has arrived. What nobody holds
 * is kept as long as there is room, and goes in the order of its last use. Held bytes never exceed the quota,
 * because adding what does not fit beside them is refused.
 */

import type { Bytes } from '../actors/index.ts';
import { assert } from '../actors/index.ts';

/**
 * What a block's row in the index and its keys take, rounded up; it also bounds the number of tiny blocks.
 */
const BLOCK_OVERHEAD_BYTES: Bytes = 256;

/** The SHA-256 of a block in some text form; what it looks like does not matter here. */
export type BlockKey = string;

export class BlockTally {
  readonly quotaBytes: Bytes;
  /** Insertion order is the order of last use: a used block is taken out and put back. */
  readonly #loose = new Map<BlockKey, Bytes>();
  readonly #held = new Map<BlockKey, Bytes>();
  readonly #holders = new Map<BlockKey, number>();
  #looseBytes = 0;
  #heldBytes = 0;

  constructor(quotaBytes: Bytes) {
    this.quotaBytes = quotaBytes;
  }

  /** All blocks together, with their overhead: what the quota is compared with. */
  get bytes(): Bytes {
    return this.#looseBytes + this.#heldBytes;
  }

  get heldBytes(): Bytes {
    return this.#heldBytes;
  }

  has(key: BlockKey): boolean {
    return this.#loose.has(key) || this.#held.has(key);
  }

  /**
   * The blocks to erase before one of `blockBytes` is added, least recently used first.
   * Undefined if it would not fit even then.
   */
  victimsFor(blockBytes: Bytes): readonly BlockKey[] | undefined {
    const cost = blockBytes + BLOCK_OVERHEAD_BYTES;
    if (this.#heldBytes + cost > this.quotaBytes) return undefined;
    const victims: BlockKey[] = [];
    let excess = this.bytes + cost - this.quotaBytes;
    for (const [key, bytes] of this.#loose) {
      if (excess <= 0) break;
      victims.push(key);
      excess -= bytes;
    }
    return victims;
  }

  /** A block that has come. The caller has erased the victims. */
  add(key: BlockKey, blockBytes: Bytes): void {
    assert(!this.has(key), 'a block is counted once');
    this.#place(key, blockBytes + BLOCK_OVERHEAD_BYTES);
  }

  /** A block that has gone. Who holds it goes on holding it, should it come back. */
  remove(key: BlockKey): void {
    const loose = this.#loose.get(key) ?? 0;
    const held = this.#held.get(key) ?? 0;
    this.#looseBytes -= loose;
    this.#heldBytes -= held;
    this.#loose.delete(key);
    this.#held.delete(key);
  }

  /** A block that was used: it goes last now. */
  touch(key: BlockKey): void {
    const bytes = this.#loose.get(key);
    if (bytes === undefined) return;
    this.#loose.delete(key);
    this.#loose.set(key, bytes);
  }

  hold(key: BlockKey): void {
    const holders = this.#holders.get(key) ?? 0;
    this.#holders.set(key, holders + 1);
    if (holders === 0) this.#replace(key);
  }

  /** Undoes one `hold`. */
  release(key: BlockKey): void {
    const holders = this.#holders.get(key) ?? 0;
    assert(holders > 0, 'only what is held is released');
    if (holders > 1) {
      this.#holders.set(key, holders - 1);
      return;
    }
    this.#holders.delete(key);
    this.#replace(key);
  }

  #replace(key: BlockKey): void {
    const bytes = this.#loose.get(key) ?? this.#held.get(key);
    if (bytes === undefined) return;
    this.remove(key);
    this.#place(key, bytes);
  }

  #place(key: BlockKey, bytes: Bytes): void {
    if (this.#holders.has(key)) {
      this.#held.set(key, bytes);
      this.#heldBytes += bytes;
    } else {
      this.#loose.set(key, bytes);
      this.#looseBytes += bytes;
    }
  }
}
