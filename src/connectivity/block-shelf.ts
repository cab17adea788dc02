/**
 * The blocks on this disk: a Level block store that keeps to a quota and never hands out a damaged block.
 *
 * Beside the blocks (keys that begin with `/`) the database holds two kinds of rows:
 *
 *     size/<sha-256>   the size and age of a block, so that opening does not read every block to know them
 *     pin/<cid>        how many times a tree is pinned
 *
 * A size is written before its block and erased after it. LevelDB recovers a prefix of what was written, so
 * after a crash there may be a size without a block, which reading notices, but never a block that nobody
 * counts. Only pins are synced, and with a pin everything written before it: a block can be fetched again, a
 * promise not.
 */

import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { LevelBlockstore } from 'blockstore-level';
import { CID } from 'multiformats/cid';
import * as raw from 'multiformats/codecs/raw';
import { create as createMultihash } from 'multiformats/hashes/digest';
import { sha256 } from 'multiformats/hashes/sha2';
import type { Bytes } from '../actors/index.ts';
import { MIB } from '../actors/index.ts';
import { type BlockKey, BlockTally, fabricErrors, storeFault } from '../fabric/index.ts';

/** Blocks are up to 1 MiB: with LevelDB's default of 4 MiB it would begin a new table every four of them. */
const WRITE_BUFFER_BYTES: Bytes = 32 * MIB;
const TABLE_BYTES: Bytes = 32 * MIB;

type BlockSource = Parameters<LevelBlockstore['put']>[1];
type Options = Parameters<LevelBlockstore['put']>[2];

export class BlockShelf extends LevelBlockstore {
  readonly tally: BlockTally;
  readonly #path: string;
  /** One change at a time: LevelDB's thread pool does not promise an order between calls. */
  #changes: Promise<unknown> = Promise.resolve();
  /** Ages are numbers that only grow; the order of arrival survives a restart. */
  #age = 0;

  private constructor(path: string, quotaBytes: Bytes) {
    // No compression: what is large is compressed already.
    super(path, { compression: false, writeBufferSize: WRITE_BUFFER_BYTES, maxFileSize: TABLE_BYTES });
    this.#path = path;
    this.tally = new BlockTally(quotaBytes);
  }

  /**
   * Rejects with `FABRIC_STORE_LOCKED`, `FABRIC_STORE_CORRUPT`, `FABRIC_STORE_FULL` or `FABRIC_STORE_FAILED`.
   */
  static async openAt(path: string, quotaBytes: Bytes): Promise<BlockShelf> {
    const shelf = new BlockShelf(path, quotaBytes);
    await shelf.#guarded(async () => {
      await mkdir(path, { recursive: true, mode: 0o700 });
      // The block store's own `open` would swallow the reason.
      await shelf.db.open();
      await shelf.#count();
    });
    return shelf;
  }

  /** The block if it is here and undamaged; a damaged one is erased. */
  async read(cid: CID): Promise<Uint8Array | undefined> {
    const key = keyOf(cid);
    if (!this.tally.has(key)) return undefined;
    const block = await this.#stored(cid);
    if (block !== undefined && createHash('sha256').update(block).digest('base64url') === key) {
      this.tally.touch(key);
      return block;
    }
    await this.#inOrder(() => this.#erase(key));
    return undefined;
  }

  override async has(cid: CID): Promise<boolean> {
    return this.tally.has(keyOf(cid));
  }

  /** Throws what `LevelBlockstore` throws when it has no such block. */
  override async *get(cid: CID, options?: Options): AsyncGenerator<Uint8Array> {
    const block = await this.read(cid);
    if (block === undefined) yield* super.get(cid, options);
    else yield block;
  }

  /** Rejects with `FABRIC_STORAGE_QUOTA` if it does not fit beside what is held. */
  override async put(cid: CID, source: BlockSource, options?: Options): Promise<CID> {
    options?.signal?.throwIfAborted();
    const block = await collected(source);
    const key = keyOf(cid);
    await this.#inOrder(async () => {
      if (this.tally.has(key)) return this.tally.touch(key);
      const victims = this.tally.victimsFor(block.length);
      if (victims === undefined) throw this.quotaFault(block.length);
      for (const victim of victims) await this.#erase(victim);
      this.tally.add(key, block.length);
      try {
        await this.db.put(`size/${key}`, Buffer.from(`${block.length} ${this.#age++}`));
        await super.put(cid, block);
      } catch (error) {
        this.tally.remove(key);
        throw error;
      }
    });
    return cid;
  }

  override async delete(cid: CID): Promise<void> {
    await this.#inOrder(() => this.#erase(keyOf(cid)));
  }

  /** Waits for changes under way. */
  override async close(): Promise<void> {
    await this.#changes.catch(() => undefined);
    await super.close();
  }

  /** How many times each tree is pinned. */
  async pinCounts(): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    await this.#guarded(async () => {
      for await (const [row, value] of this.db.iterator({ gte: 'pin/', lt: 'pin0' })) {
        counts.set(row.slice('pin/'.length), Number(Buffer.from(value).toString()));
      }
    });
    return counts;
  }

  /** Durable when it resolves. */
  async setPinCount(cid: CID, count: number): Promise<void> {
    const row = `pin/${cid}`;
    await this.#inOrder(() =>
      count === 0
        ? this.db.del(row, { sync: true })
        : this.db.put(row, Buffer.from(String(count)), { sync: true }),
    );
  }

  quotaFault(bytes: Bytes) {
    const { quotaBytes, heldBytes } = this.tally;
    return fabricErrors.FABRIC_STORAGE_QUOTA({ bytes, quotaBytes, keptBytes: heldBytes });
  }

  async #count(): Promise<void> {
    const rows: { key: BlockKey; bytes: Bytes; age: number }[] = [];
    for await (const [row, value] of this.db.iterator({ gte: 'size/', lt: 'size0' })) {
      const [bytes, age] = Buffer.from(value).toString().split(' ').map(Number);
      rows.push({ key: row.slice('size/'.length), bytes: bytes!, age: age! });
    }
    rows.sort((one, other) => one.age - other.age);
    for (const { key, bytes } of rows) this.tally.add(key, bytes);
    this.#age = (rows.at(-1)?.age ?? -1) + 1;
  }

  async #stored(cid: CID): Promise<Uint8Array | undefined> {
    try {
      return await collected(super.get(cid));
    } catch (error) {
      if (error instanceof Error && error.name === 'NotFoundError') return undefined;
      const fault = storeFault(error, this.#path);
      if (fault.code === 'FABRIC_STORE_CORRUPT') return undefined;
      throw fault;
    }
  }

  async #erase(key: BlockKey): Promise<void> {
    await super.delete(cidOf(key));
    await this.db.del(`size/${key}`);
    this.tally.remove(key);
  }

  #inOrder(change: () => Promise<void> | void): Promise<void> {
    const done = this.#changes.then(() => this.#guarded(async () => change()));
    this.#changes = done.catch(() => undefined);
    return done;
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw storeFault(error, this.#path);
    }
  }
}

export function keyOf(cid: CID): BlockKey {
  return Buffer.from(cid.multihash.digest).toString('base64url');
}

/** Some CID of the block; the store looks at the hash only. */
function cidOf(key: BlockKey): CID {
  return CID.createV1(raw.code, createMultihash(sha256.code, Buffer.from(key, 'base64url')));
}

async function collected(source: BlockSource): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}
