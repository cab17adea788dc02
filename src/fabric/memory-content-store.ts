/**
 * The content store in memory: the oracle of the one on disk, and what tests and simulations use.
 *
 * It keeps each content whole, so contents above 1 MiB have another address than on disk, where they are a
 * tree. Within one kind of store, equal bytes have equal addresses.
 */

import type { Bytes } from '../actors/index.ts';
import { MIB } from '../actors/index.ts';
import type { ContentStore } from './block-store.ts';
import { BlockTally } from './block-tally.ts';
import { addressText, leafAddress, parseAddress } from './content-address.ts';
import { fabricErrors } from './errors.ts';
import type { Cid } from './task.ts';

export interface MemoryContentStoreOptions {
  /** 256 MiB unless told otherwise. */
  readonly quotaBytes?: Bytes;
  /** Asked in this order for what is not here: the connected peers. */
  readonly peers?: () => readonly ContentStore[];
}

export interface MemoryContentStore extends ContentStore {
  readonly quotaBytes: Bytes;
  bytesUsed(): Bytes;
  close(): Promise<void>;
}

export function memoryContentStore(options: MemoryContentStoreOptions = {}): MemoryContentStore {
  const { quotaBytes = 256 * MIB, peers = () => [] } = options;
  const tally = new BlockTally(quotaBytes);
  const contents = new Map<Cid, Uint8Array>();
  const pins = new Map<Cid, number>();

  const keep = (cid: Cid, bytes: Uint8Array): void => {
    tally.touch(cid);
    if (contents.has(cid)) return;
    const victims = tally.victimsFor(bytes.length);
    if (victims === undefined) {
      const details = { bytes: bytes.length, quotaBytes, keptBytes: tally.heldBytes };
      throw fabricErrors.FABRIC_STORAGE_QUOTA(details);
    }
    for (const victim of victims) {
      tally.remove(victim);
      contents.delete(victim as Cid);
    }
    tally.add(cid, bytes.length);
    contents.set(cid, bytes.slice());
  };

  return {
    quotaBytes,
    bytesUsed: () => tally.bytes,
    async put(bytes) {
      const cid = addressText(leafAddress(bytes));
      keep(cid, bytes);
      return cid;
    },
    async get(cid, { bytesMax, signal }) {
      parseAddress(cid);
      if (signal.aborted) throw fabricErrors.FABRIC_BLOCK_MISSING({ cid });
      const bytes = contents.get(cid) ?? (await firstOf(peers(), cid, bytesMax, signal));
      if (bytes === undefined) throw fabricErrors.FABRIC_BLOCK_MISSING({ cid });
      if (bytes.length > bytesMax) throw fabricErrors.FABRIC_BLOCK_TOO_LARGE({ cid, bytesMax });
      keep(cid, bytes);
      return bytes.slice();
    },
    async has(cid) {
      parseAddress(cid);
      return contents.has(cid);
    },
    async pin(cid) {
      parseAddress(cid);
      if (!contents.has(cid)) throw fabricErrors.FABRIC_BLOCK_MISSING({ cid });
      pins.set(cid, (pins.get(cid) ?? 0) + 1);
      tally.hold(cid);
    },
    async unpin(cid) {
      parseAddress(cid);
      const count = pins.get(cid) ?? 0;
      if (count === 0) return;
      pins.set(cid, count - 1);
      if (count === 1) pins.delete(cid);
      tally.release(cid);
    },
    async close() {},
  };
}

async function firstOf(
  peers: readonly ContentStore[],
  cid: Cid,
  bytesMax: Bytes,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  for (const peer of peers) {
    if (await peer.has(cid)) return peer.get(cid, { bytesMax, signal });
  }
  return undefined;
}
