/**
 * The answering side of `/conun/blocks/1`: what is on this disk, one block after the other, no faster than
 * the asker takes them.
 *
 * A channel costs this node at most its unanswered addresses and two blocks: one that waits for room, and one
 * that is read meanwhile.
 */

import type { Cid } from '../fabric/index.ts';
import { BLOCK_BYTES_MAX, BLOCK_PROTOCOL, type BlockAnswer, UNANSWERED_MAX } from './block-protocol.ts';
import type { Channel, ChannelListener, Network } from './channel.ts';
import { connectivityErrors } from './errors.ts';

/** The block if it is here. */
export type ReadHere = (cid: Cid) => Promise<Uint8Array | undefined>;

/** Returns what ends the service; channels that are open go on until their askers leave. */
export function serveBlocks(network: Network, read: ReadHere): () => void {
  return network.serve(BLOCK_PROTOCOL, (channel) => new Holder(channel, read));
}

class Holder implements ChannelListener<Cid> {
  readonly #channel: Channel<BlockAnswer>;
  readonly #read: ReadHere;
  #asked: Cid[] = [];
  #answering = false;
  #open = true;
  #hasRoom = Promise.withResolvers<void>();

  constructor(channel: Channel<BlockAnswer>, read: ReadHere) {
    this.#channel = channel;
    this.#read = read;
  }

  received(cids: readonly Cid[]): void {
    this.#asked.push(...cids);
    if (this.#asked.length > UNANSWERED_MAX) {
      const details = { peer: this.#channel.remote, what: 'blocks asked for' };
      this.#asked = [];
      this.#channel.close(connectivityErrors.CONNECTIVITY_RATE_LIMITED(details));
    } else if (!this.#answering) {
      this.#answering = true;
      void this.#answer();
    }
  }

  drained(): void {
    this.#hasRoom.resolve();
  }

  closed(): void {
    this.#open = false;
    this.#asked = [];
    this.#hasRoom.resolve();
  }

  async #answer(): Promise<void> {
    let next = this.#next();
    while (next !== undefined && this.#open) {
      const answer = await next;
      // From disk while this one is on its way.
      next = this.#next();
      while (this.#channel.send(answer) === 'full') {
        this.#hasRoom = Promise.withResolvers();
        await this.#hasRoom.promise;
      }
      next ??= this.#next();
    }
    this.#answering = false;
  }

  #next(): Promise<BlockAnswer> | undefined {
    const cid = this.#asked.shift();
    return cid === undefined ? undefined : this.#answerTo(cid);
  }

  /** Never rejects: a block that cannot be read is not here. */
  async #answerTo(cid: Cid): Promise<BlockAnswer> {
    const block = await this.#read(cid).catch(() => undefined);
    return [cid, block !== undefined && block.length <= BLOCK_BYTES_MAX ? block : null];
  }
}
