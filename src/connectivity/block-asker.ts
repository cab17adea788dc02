/**
 * The asking side of `/conun/blocks/1`: one channel to each peer that is asked for something, opened with the
 * first question and closed when nothing has happened on it for a while.
 *
 * A question always ends: with the block, whose bytes hash to its address, or with the word that it is not to
 * be had from this peer, be it that the peer says so, cannot be reached, dies, lies or falls silent. No peer
 * can hold up a question to another one.
 */

import { createHash } from 'node:crypto';
import type { Clock, Milliseconds } from '../actors/index.ts';
import { SECOND_MS } from '../actors/index.ts';
import { type Cid, parseAddress } from '../fabric/index.ts';
import { BLOCK_PROTOCOL, type BlockAnswer, UNANSWERED_MAX } from './block-protocol.ts';
import type { Channel, ChannelListener, Network, PeerId } from './channel.ts';
import { connectivityErrors } from './errors.ts';

/**
 * A peer that is asked and sends no block for so long is given up, and a channel on which nobody asks is
 * closed. A block of 1 MiB passes in time at 1 Mbit/s; a lease lapses after as much silence.
 */
export const SILENCE_MS_MAX: Milliseconds = 10 * SECOND_MS;

/** Channels at a time; as many as this node has connections. */
const LINES_MAX = 300;

type Answer = (block: Uint8Array | undefined) => void;

export class BlockAsker {
  readonly #network: Network;
  readonly #clock: Clock;
  readonly #lines = new Map<PeerId, Line>();

  constructor(network: Network, clock: Clock) {
    this.#network = network;
    this.#clock = clock;
  }

  /** The block, or undefined when it is not to be had from this peer. Never rejects. */
  ask(peer: PeerId, cid: Cid): Promise<Uint8Array | undefined> {
    return new Promise((answer) => {
      const line = this.#lines.get(peer) ?? this.#open(peer);
      if (line === undefined) answer(undefined);
      else line.ask(cid, answer);
    });
  }

  close(): void {
    for (const line of this.#lines.values()) line.end();
  }

  #open(peer: PeerId): Line | undefined {
    if (this.#lines.size >= LINES_MAX) return undefined;
    const line: Line = new Line(peer, this.#clock, () => {
      if (this.#lines.get(peer) === line) this.#lines.delete(peer);
    });
    this.#lines.set(peer, line);
    line.dial(this.#network);
    return line;
  }
}

/** The questions to one peer. It ends once, and with it all that is unanswered. */
class Line implements ChannelListener<BlockAnswer> {
  readonly #peer: PeerId;
  readonly #clock: Clock;
  readonly #ended: () => void;
  readonly #dialing = new AbortController();
  /** Not sent yet, first in, first out. */
  readonly #waiting = new Map<Cid, Answer[]>();
  readonly #sent = new Map<Cid, Answer[]>();
  #channel: Channel<Cid> | undefined;
  #heardAt: Milliseconds;
  #stopWatch: () => void;
  #open = true;

  constructor(peer: PeerId, clock: Clock, ended: () => void) {
    this.#peer = peer;
    this.#clock = clock;
    this.#ended = ended;
    this.#heardAt = clock.monotonic();
    this.#stopWatch = clock.after(SILENCE_MS_MAX, () => this.#watch());
  }

  dial(network: Network): void {
    const { signal } = this.#dialing;
    network.dial(this.#peer, BLOCK_PROTOCOL, this, { signal }).then(
      (channel) => {
        this.#channel = channel;
        if (this.#open) this.#send();
        else channel.close();
      },
      () => this.end(),
    );
  }

  ask(cid: Cid, answer: Answer): void {
    const asked = this.#sent.get(cid) ?? this.#waiting.get(cid);
    if (asked !== undefined) {
      asked.push(answer);
      return;
    }
    // Silence counts from the first question on.
    if (this.#sent.size + this.#waiting.size === 0) this.#heardAt = this.#clock.monotonic();
    this.#waiting.set(cid, [answer]);
    this.#send();
  }

  received(answers: readonly BlockAnswer[]): void {
    this.#heardAt = this.#clock.monotonic();
    for (const answer of answers) {
      if (!this.#open) return;
      this.#take(answer);
    }
    this.#send();
  }

  drained(): void {
    this.#send();
  }

  closed(): void {
    this.end();
  }

  end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#stopWatch();
    this.#dialing.abort();
    this.#channel?.close();
    this.#ended();
    for (const answers of [...this.#sent.values(), ...this.#waiting.values()]) {
      for (const answer of answers) answer(undefined);
    }
    this.#sent.clear();
    this.#waiting.clear();
  }

  #take([cid, block]: BlockAnswer): void {
    const answers = this.#sent.get(cid);
    if (answers === undefined) {
      this.#refuse('a block that was not asked for');
    } else if (block !== null && !isOf(cid, block)) {
      this.#refuse('bytes of another block');
    } else {
      this.#sent.delete(cid);
      for (const answer of answers) answer(block ?? undefined);
    }
  }

  #send(): void {
    for (const [cid, answers] of this.#waiting) {
      if (this.#sent.size >= UNANSWERED_MAX || this.#channel?.send(cid) !== 'accepted') return;
      this.#waiting.delete(cid);
      this.#sent.set(cid, answers);
    }
  }

  #refuse(reason: string): void {
    const details = { protocol: BLOCK_PROTOCOL.id, reason };
    this.#channel?.close(connectivityErrors.CONNECTIVITY_MESSAGE_INVALID(details));
    this.end();
  }

  #watch(): void {
    const silentMs = this.#clock.monotonic() - this.#heardAt;
    if (silentMs >= SILENCE_MS_MAX) this.end();
    else this.#stopWatch = this.#clock.after(SILENCE_MS_MAX - silentMs, () => this.#watch());
  }
}

function isOf(cid: Cid, block: Uint8Array): boolean {
  return createHash('sha256').update(block).digest().equals(parseAddress(cid).multihash.digest);
}
