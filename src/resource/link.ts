/**
 * One lease channel, as an actor uses it: what arrives becomes mail, and what the channel does not take at
 * once waits here in order.
 *
 * The wait is bounded, because credit bounds what either side has to say. A peer that does not read, or an
 * actor whose mailbox is full, costs the channel, never memory; the lease outlives it and attaches again.
 */

import { BoundedQueue, toFault } from '../actors/index.ts';
import type { ActorRef, Clock, Fault, Milliseconds } from '../actors/index.ts';
import type { Channel, ChannelListener, PeerId } from '../connectivity/index.ts';
import { resourceErrors } from './errors.ts';
import type { LeaseId } from './lease-wire.ts';

export type LinkMail<Out, In> =
  | { readonly type: 'heard'; readonly link: Link<Out, In>; readonly messages: readonly In[] }
  | { readonly type: 'closed'; readonly link: Link<Out, In>; readonly fault?: Fault };

/** Messages that wait for a slow reader. A lease in use has some dozens under way. */
const WAITING_MAX = 1_024;

export class Link<Out, In> {
  /** The lease that it serves, once there is one. */
  lease: LeaseId | undefined;
  /** When anything last arrived, read or not. */
  heardAt: Milliseconds;
  /** Whether the channel has ended. The mail that says so can be refused; whoever ticks looks here too. */
  gone = false;
  readonly #waiting = new BoundedQueue<Out>('lease messages', WAITING_MAX);
  readonly #owner: ActorRef<LinkMail<Out, In>>;
  readonly #clock: Clock;
  #channel: Channel<Out> | undefined;

  constructor(owner: ActorRef<LinkMail<Out, In>>, clock: Clock) {
    this.#owner = owner;
    this.#clock = clock;
    this.heardAt = clock.now();
  }

  /** To be called once, when the channel is there. */
  bind(channel: Channel<Out>): void {
    this.#channel = channel;
  }

  get remote(): PeerId | undefined {
    return this.#channel?.remote;
  }

  readonly listener: ChannelListener<In> = {
    received: (messages) => {
      this.heardAt = this.#clock.now();
      if (this.#owner.tell({ type: 'heard', link: this, messages }) !== 'accepted') {
        this.close(resourceErrors.RESOURCE_BUSY());
      }
    },
    drained: () => this.#drain(),
    closed: (fault) => {
      this.gone = true;
      this.#owner.tell({ type: 'closed', link: this, ...(fault && { fault }) });
    },
  };

  /** Never throws: a message that cannot be sent ends the channel. */
  say(message: Out): void {
    if (this.#waiting.size === 0 && this.#send(message)) return;
    if (this.#waiting.push(message) === 'full') this.close(resourceErrors.RESOURCE_BUSY());
  }

  close(fault?: Fault): void {
    this.#waiting.clear();
    this.#channel?.close(fault);
  }

  #drain(): void {
    for (let message = this.#waiting.peek(); message !== undefined; message = this.#waiting.peek()) {
      if (!this.#send(message)) return;
      this.#waiting.shift();
    }
  }

  /** False when it has to wait. The channel throws when a message is larger than the protocol allows. */
  #send(message: Out): boolean {
    try {
      return this.#channel?.send(message) !== 'full';
    } catch (thrown) {
      this.close(toFault(thrown, resourceErrors.RESOURCE_BUSY));
      return true;
    }
  }
}
