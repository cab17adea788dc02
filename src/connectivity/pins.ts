/**
 * Trees that stay: how many times each is pinned, and which blocks are held for it.
 *
 * The count is durable, the blocks are found again by walking the tree. A tree is walked where it is: a pin
 * is refused for what is not wholly here, because nobody could keep that promise.
 */

import type { CID } from 'multiformats/cid';
import { type BlockKey, type BlockTally, fabricErrors } from '../fabric/index.ts';

/** Where the counts are kept. */
export interface PinCounts {
  pinCounts(): Promise<ReadonlyMap<string, number>>;
  /** Durable when it resolves; 0 forgets the tree. */
  setPinCount(root: CID, count: number): Promise<void>;
}

/** The keys of all blocks of a tree, each once; undefined if one is missing. */
export type WalkTree = (root: CID) => Promise<readonly BlockKey[] | undefined>;

interface Pin {
  count: number;
  readonly blocks: readonly BlockKey[];
}

export interface PinsInit {
  readonly counts: PinCounts;
  readonly tally: BlockTally;
  readonly walk: WalkTree;
  readonly parse: (cid: string) => CID;
}

export class Pins {
  readonly #init: PinsInit;
  readonly #pins = new Map<string, Pin>();
  /** One change at a time, so that what is counted here and on disk is the same. */
  #changes: Promise<void> = Promise.resolve();

  private constructor(init: PinsInit) {
    this.#init = init;
  }

  /** Holds the blocks of everything that was pinned before. */
  static async open(init: PinsInit): Promise<Pins> {
    const pins = new Pins(init);
    for (const [cid, count] of await init.counts.pinCounts()) {
      // A damaged tree stays pinned: what is fetched again later is held when it is pinned or unpinned next.
      const blocks = (await init.walk(init.parse(cid))) ?? [];
      for (const block of blocks) init.tally.hold(block);
      pins.#pins.set(cid, { count, blocks });
    }
    return pins;
  }

  /** Rejects with `FABRIC_BLOCK_MISSING` if the tree is not wholly here. */
  pin(root: CID): Promise<void> {
    return this.#inOrder(async () => {
      const { counts, tally, walk } = this.#init;
      const known = this.#pins.get(root.toString());
      const blocks = await walk(root);
      if (blocks === undefined) throw fabricErrors.FABRIC_BLOCK_MISSING({ cid: root.toString() });
      const pin = { count: (known?.count ?? 0) + 1, blocks };
      // Held before the count is written: in between, nothing may be evicted.
      for (const block of blocks) tally.hold(block);
      let outdated = blocks;
      try {
        await counts.setPinCount(root, pin.count);
        outdated = known?.blocks ?? [];
        this.#pins.set(root.toString(), pin);
      } finally {
        for (const block of outdated) tally.release(block);
      }
    });
  }

  /** One pin less; of what is not pinned, nothing. */
  unpin(root: CID): Promise<void> {
    return this.#inOrder(async () => {
      const pin = this.#pins.get(root.toString());
      if (pin === undefined) return;
      await this.#init.counts.setPinCount(root, pin.count - 1);
      pin.count -= 1;
      if (pin.count > 0) return;
      this.#pins.delete(root.toString());
      for (const block of pin.blocks) this.#init.tally.release(block);
    });
  }

  #inOrder(change: () => Promise<void>): Promise<void> {
    const done = this.#changes.then(change);
    this.#changes = done.catch(() => undefined);
    return done;
  }
}
