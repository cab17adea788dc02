/**
 * Blocks asked from one peer by name: `/conun/blocks/1`.
 *
 *     asker                              holder
 *     address ────────────────────────▶
 *             ◀──────────────────────── [address, bytes], or [address, null]: not here
 *
 * Each address is answered once, in the order of the asking. The answer that a block is not here is what
 * bitswap does not promise, and what lets the asker turn to somebody else at once.
 */

import { z } from 'zod';
import { type Bytes, KIB, MIB } from '../actors/index.ts';
import { addressText, type Cid, parseAddress } from '../fabric/index.ts';
import type { Protocol } from './channel.ts';

export type BlockAnswer = readonly [cid: Cid, block: Uint8Array | null];

/** Ours have 1 MiB, those of other IPFS clients at most twice that. */
export const BLOCK_BYTES_MAX: Bytes = 2 * MIB;

/**
 * Addresses that one channel may have unanswered: two contents being read ahead, so that the holder's disk
 * and the line are both busy. Further ones wait at the asker.
 */
export const UNANSWERED_MAX = 64;

const address = z.string().transform((text) => addressText(parseAddress(text)));
const octets = z.custom<Uint8Array>((it) => it instanceof Uint8Array && it.length <= BLOCK_BYTES_MAX);
const answer = z.tuple([address, octets.nullable()]);

export const BLOCK_PROTOCOL: Protocol<Cid, BlockAnswer> = {
  id: '/conun/blocks/1',
  parseDialer: (value) => address.parse(value),
  parseListener: (value) => answer.parse(value),
  limits: {
    // The address and the headers take less than a hundred bytes.
    messageBytesMax: BLOCK_BYTES_MAX + KIB,
    // The next blocks are read while one leaves.
    outboundBytesMax: 2 * BLOCK_BYTES_MAX,
    // Twice a gigabit link: an honest holder sends what was asked for, and that is counted.
    inboundBytesPerSecondMax: 256 * MIB,
    // One is enough; more while a broken one is still being noticed.
    streamsPerPeerMax: 3,
  },
};
