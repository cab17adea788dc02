/**
 * Content over helia's data plane: UnixFS trees of blocks on a libp2p node that exists. They are asked from
 * the peer that is said to have them (`/conun/blocks/1`), and exchanged by bitswap with everybody else.
 *
 * Blocks come from the peers that we are connected to and from nobody else: no DHT query, no gateway, no
 * public bootstrap. So content moves between the peers of a batch, and a lookup in a network of strangers is
 * never in the way of a result.
 *
 * Trees are made in one way only: chunks of 1 MiB as raw leaves, at most 1024 links in a node, CID version 1
 * (the profile `unixfs-v1-2025` of IPIP-499). Equal bytes give equal addresses on every machine, and in every
 * other IPFS client with that profile.
 *
 * What comes in is hostile: links are checked before they are followed, and a tree may cost little more than
 * the bytes that are allowed for its content, however its nodes are arranged.
 */

import type { UnixFSComponents } from '@helia/unixfs';
import type { Libp2p } from '@libp2p/interface';
import type { Helia } from 'helia';
import type { CID } from 'multiformats/cid';
import type { Bytes, Clock } from '../actors/index.ts';
import { Fault, KIB } from '../actors/index.ts';
import {
  addressText,
  type BlockKey,
  type Cid,
  type ContentStore,
  DAG_PB,
  fabricErrors,
  type GetOptions,
  isInner,
  parseAddress,
} from '../fabric/index.ts';
import { BlockAsker } from './block-asker.ts';
import { BlockFetch } from './block-fetch.ts';
import { serveBlocks } from './block-holder.ts';
import { BlockShelf, keyOf } from './block-shelf.ts';
import type { Network, PeerId } from './channel.ts';
import { leavesOf, linksIn, type NodeCodec, type ReadBlock, readLeaves } from './content-tree.ts';
import { Pins } from './pins.ts';

export interface Blocks extends ContentStore {
  readonly quotaBytes: Bytes;
  /** What is here, as the quota counts it: 256 bytes more than its size for each block. */
  bytesUsed(): Bytes;
  /** Ends the exchange and releases the store; the libp2p node goes on. */
  close(): Promise<void>;
}

export interface BlocksInit {
  /** Started; not stopped here. */
  readonly libp2p: Libp2p;
  /** On that node, and not closed here. Without it, bitswap is all there is. */
  readonly network?: Network;
  /** A directory that only these blocks use. */
  readonly path: string;
  readonly quotaBytes: Bytes;
  readonly clock: Clock;
}

const PROFILE = { profile: 'unixfs-v1-2025' } as const;

/**
 * Inner nodes take 1/20 000 of a tree of ours; strangers with smaller leaves may take up to the content
 * again.
 */
const TREE_SLACK_BYTES: Bytes = 64 * KIB;

/** Counted at least for each block that is read: a tiny one costs a round trip all the same. */
const BLOCK_COST_MIN_BYTES: Bytes = KIB;

/** Rejects with the faults of opening a store, `FABRIC_STORE_LOCKED` for one. One for each libp2p node. */
export async function openBlocks(init: BlocksInit): Promise<Blocks> {
  const { heliaNode } = await import('./helia-node.ts');
  const shelf = await BlockShelf.openAt(init.path, init.quotaBytes);
  try {
    const helia = heliaNode(init.libp2p, shelf);
    const codec = await helia.getCodec(DAG_PB);
    const walk = (root: CID) => walkTree(shelf, codec, root);
    const pins = await Pins.open({ counts: shelf, tally: shelf.tally, walk, parse: parseAddress });
    // Only now can anybody bring blocks: what is pinned is held.
    await helia.start();
    return new HeliaBlocks(shelf, helia, codec, pins, init);
  } catch (error) {
    await shelf.close();
    throw error;
  }
}

type TreeStore = UnixFSComponents['blockstore'];

class HeliaBlocks implements Blocks {
  readonly #shelf: BlockShelf;
  readonly #helia: Helia;
  readonly #codec: NodeCodec;
  readonly #pins: Pins;
  readonly #fetch: BlockFetch;
  readonly #asker: BlockAsker | undefined;
  readonly #endService: () => void;

  constructor(shelf: BlockShelf, helia: Helia, codec: NodeCodec, pins: Pins, init: BlocksInit) {
    const { network, clock } = init;
    this.#shelf = shelf;
    this.#helia = helia;
    this.#codec = codec;
    this.#pins = pins;
    this.#asker = network && new BlockAsker(network, clock);
    this.#endService = network
      ? serveBlocks(network, (cid) => shelf.read(parseAddress(cid)))
      : () => undefined;
    const sources = {
      askAll: async (cid: CID, signal: AbortSignal) => joined(helia.blockstore.get(cid, { signal })),
      askOne: (peer: PeerId, cid: CID) => this.#askOne(peer, cid),
    };
    this.#fetch = new BlockFetch(sources, clock);
  }

  get quotaBytes(): Bytes {
    return this.#shelf.tally.quotaBytes;
  }

  bytesUsed(): Bytes {
    return this.#shelf.tally.bytes;
  }

  async put(bytes: Uint8Array): Promise<Cid> {
    const { tally } = this.#shelf;
    if (tally.heldBytes + bytes.length > tally.quotaBytes) throw this.#shelf.quotaFault(bytes.length);
    const visit = new Visit(this.#shelf);
    const blockstore: TreeStore = {
      has: (cid) => this.#shelf.has(cid),
      get: (cid) => this.#shelf.get(cid),
      put: async (cid, block) => {
        visit.hold(cid);
        // Through helia: peers that want the block already get it now.
        return this.#helia.blockstore.put(cid, block);
      },
    };
    const { unixfs } = await import('@helia/unixfs');
    try {
      return addressText(await unixfs({ blockstore }).addBytes(bytes, PROFILE));
    } finally {
      visit.end();
    }
  }

  async get(cid: Cid, options: GetOptions): Promise<Uint8Array> {
    const { bytesMax } = options;
    const root = parseAddress(cid);
    const visit = new Visit(this.#shelf);
    try {
      const read = this.#reader(visit, options);
      const size = await sizeOf(root, read);
      if (size > bytesMax) throw fabricErrors.FABRIC_BLOCK_TOO_LARGE({ cid, bytesMax });
      return await readLeaves(await leavesOf(root, this.#codec, read), size, read);
    } catch (error) {
      if (error instanceof Fault) throw error;
      if (visit.damaged) throw fabricErrors.FABRIC_BLOCK_CORRUPT({ cid }, error);
      throw fabricErrors.FABRIC_BLOCK_MISSING({ cid }, error);
    } finally {
      visit.end();
    }
  }

  async has(cid: Cid): Promise<boolean> {
    return (await walkTree(this.#shelf, this.#codec, parseAddress(cid))) !== undefined;
  }

  async pin(cid: Cid): Promise<void> {
    await this.#pins.pin(parseAddress(cid));
  }

  async unpin(cid: Cid): Promise<void> {
    await this.#pins.unpin(parseAddress(cid));
  }

  async close(): Promise<void> {
    this.#endService();
    this.#asker?.close();
    await this.#helia.stop();
    await this.#shelf.close();
  }

  /** Reads from here, else from a connected peer; what it reads is held and paid from a budget. */
  #reader(visit: Visit, { bytesMax, signal, from }: GetOptions): ReadBlock {
    let budget = 2 * bytesMax + TREE_SLACK_BYTES;
    return async (cid) => {
      signal.throwIfAborted();
      visit.hold(cid);
      const block =
        (await visit.read(cid)) ?? (await this.#fetch.get(cid, signal, from as PeerId | undefined));
      budget -= Math.max(block.length, BLOCK_COST_MIN_BYTES);
      if (budget < 0) throw fabricErrors.FABRIC_BLOCK_TOO_LARGE({ cid: addressText(cid), bytesMax });
      return block;
    };
  }

  async #askOne(peer: PeerId, cid: CID): Promise<Uint8Array | undefined> {
    const block = await this.#asker?.ask(peer, addressText(cid));
    // Through helia: peers that want the block get it now, and bitswap wants it no more.
    if (block !== undefined) await this.#helia.blockstore.put(cid, block);
    return block;
  }
}

/**
 * What the root says; that it lies is found out while reading. Rejects with `FABRIC_CID_INVALID` for no file.
 */
async function sizeOf(root: CID, read: ReadBlock): Promise<Bytes> {
  const bytes = await read(root);
  if (!isInner(root)) return bytes.length;
  const blockstore: TreeStore = {
    has: async () => true,
    put: async (cid) => cid,
    get: function* () {
      yield bytes;
    },
  };
  try {
    const { unixfs } = await import('@helia/unixfs');
    const { type, size } = await unixfs({ blockstore }).stat(root);
    if (type === 'file') return Number(size);
  } catch (error) {
    throw fabricErrors.FABRIC_CID_INVALID({ cid: addressText(root), reason: 'it is no UnixFS node' }, error);
  }
  throw fabricErrors.FABRIC_CID_INVALID({ cid: addressText(root), reason: 'it is a directory' });
}

/** One operation on the store: what it touches is held until it ends, so that it does not evict itself. */
class Visit {
  /** Whether a damaged block was met. */
  damaged = false;
  readonly #shelf: BlockShelf;
  readonly #held = new Set<BlockKey>();

  constructor(shelf: BlockShelf) {
    this.#shelf = shelf;
  }

  hold(cid: CID): void {
    const key = keyOf(cid);
    if (this.#held.has(key)) return;
    this.#held.add(key);
    this.#shelf.tally.hold(key);
  }

  async read(cid: CID): Promise<Uint8Array | undefined> {
    const expected = this.#shelf.tally.has(keyOf(cid));
    const block = await this.#shelf.read(cid);
    if (expected && block === undefined) this.damaged = true;
    return block;
  }

  end(): void {
    for (const key of this.#held) this.#shelf.tally.release(key);
    this.#held.clear();
  }
}

/** The keys of all blocks of a tree that is wholly here; undefined if a block is missing. */
async function walkTree(shelf: BlockShelf, codec: NodeCodec, root: CID): Promise<BlockKey[] | undefined> {
  const seen = new Set<BlockKey>([keyOf(root)]);
  const open = [root];
  for (let cid = open.pop(); cid !== undefined; cid = open.pop()) {
    if (!(await shelf.has(cid))) return undefined;
    if (!isInner(cid)) continue;
    const bytes = await shelf.read(cid);
    if (bytes === undefined) return undefined;
    for (const link of linksIn(cid, bytes, codec)) {
      if (seen.has(keyOf(link))) continue;
      seen.add(keyOf(link));
      open.push(link);
    }
  }
  return [...seen];
}

async function joined(parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const part of parts) all.push(part);
  return all.length === 1 ? all[0]! : Buffer.concat(all);
}
