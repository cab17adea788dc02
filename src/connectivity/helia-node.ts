/**
 * Helia, with bitswap and nothing else, on a libp2p node that exists. In a file of its own, as it takes
 * longer to load than all the rest of a command that only needs a key; and imported by names, so that the
 * gateways and default transports that it could do without us are left out when it is compiled.
 */

import { type BitswapOptions, withBitswap } from '@helia/bitswap';
import type { Libp2p } from '@libp2p/interface';
import { createHeliaLight, type Helia } from 'helia';
import type { Milliseconds } from '../actors/index.ts';
import type { BlockShelf } from './block-shelf.ts';

/** A want that is repeated earlier is not answered. Less than the time after which wants are put anew. */
const RESEND_WINDOW_MS: Milliseconds = 1_000;

const BITSWAP: BitswapOptions = {
  doNotResendBlockWindow: RESEND_WINDOW_MS,
  // Wants of one turn still go together; the default of 10 ms is what a small content mostly waits for.
  sendWantlistDebounce: 2,
  // The next message is read from disk while one is on the wire: a fifth more on a large content.
  sendBlocksConcurrency: 3,
  // Streams of one connection; a message is one stream, and they are short.
  maxInboundStreams: 64,
  maxOutboundStreams: 128,
};

/** Not started: before anybody can bring blocks, those that are pinned are to be held. */
export function heliaNode(libp2p: Libp2p, blockstore: BlockShelf): Helia {
  return withBitswap(Object.assign(createHeliaLight({ blockstore }), { libp2p }), BITSWAP);
}
