/**
 * A channel in memory: two ends and a lane each way. The oracle for the channels over libp2p: the same
 * promises, kept in the simplest way, in simulated time.
 */

import { type Bytes, type Clock, decode, encode, type Fault, type Milliseconds } from '../actors/index.ts';
import type { Admission } from './admission.ts';
import type { Channel, ChannelListener, PeerId, ProtocolLimits } from './channel.ts';
import { connectivityErrors } from './errors.ts';
import { Lane } from './memory-lane.ts';

/** What a message counts for when messages are not encoded: a short one. */
const BYTES_ASSUMED = 256;

interface Bundle<Message> {
  readonly messages: readonly Message[];
  readonly bytes: Bytes;
}

type Parcel<Message> = Bundle<Message> | { readonly close: Fault | undefined };

export interface EndOptions<Out, In> {
  readonly clock: Clock;
  readonly self: PeerId;
  readonly remote: PeerId;
  readonly protocolId: string;
  readonly limits: ProtocolLimits;
  readonly parse: (value: unknown) => In;
  readonly encoded: boolean;
  /** How long what leaves now is under way. */
  readonly latency: () => Milliseconds;
  /** The admission of this end's node, for what arrives here. */
  readonly admission: Admission;
  readonly pauseMsMax: Milliseconds;
  /** This end is gone for good. */
  readonly ended: (end: MemoryEnd<Out, In>) => void;
}

export class MemoryEnd<Out, In> implements Channel<Out> {
  readonly remote: PeerId;
  readonly self: PeerId;
  readonly protocolId: string;
  readonly #options: EndOptions<Out, In>;
  readonly #lane: Lane<Parcel<Out>>;
  #other: MemoryEnd<In, Out> | undefined;
  #listener: ChannelListener<In> | undefined;
  /** What arrived before there was a listener. */
  #early: (() => void)[] = [];
  #turn: { message: Out; bytes: Bytes }[] = [];
  /** Sent, and not arrived yet. */
  #bytesUnderWay: Bytes = 0;
  #wantsDrained = false;
  #open = true;
  #cancelFlush: (() => void) | undefined;

  constructor(options: EndOptions<Out, In>) {
    this.#options = options;
    this.self = options.self;
    this.remote = options.remote;
    this.protocolId = options.protocolId;
    this.#lane = new Lane(options.clock, (parcel) => this.#other?.arrive(parcel) ?? 0);
  }

  connect(other: MemoryEnd<In, Out>): void {
    this.#other = other;
  }

  /** From now on the listener is called; first with what has arrived already. */
  listen(listener: ChannelListener<In>): void {
    this.#listener = listener;
    const early = this.#early;
    this.#early = [];
    for (const happened of early) happened();
  }

  send(message: Out): 'accepted' | 'full' | 'closed' {
    if (!this.#open) return 'closed';
    const { messageBytesMax, outboundBytesMax } = this.#options.limits;
    const encoded = this.#options.encoded ? encode(message) : undefined;
    const bytes = encoded?.byteLength ?? BYTES_ASSUMED;
    if (bytes > messageBytesMax) {
      throw connectivityErrors.CONNECTIVITY_FRAME_TOO_LARGE({ bytes, bytesMax: messageBytesMax });
    }
    if (this.#bytesUnderWay > 0 && this.#bytesUnderWay + bytes > outboundBytesMax) {
      this.#wantsDrained = true;
      return 'full';
    }
    this.#bytesUnderWay += bytes;
    this.#turn.push({ message: encoded === undefined ? message : (decode(encoded) as Out), bytes });
    this.#cancelFlush ??= this.#options.clock.after(0, () => this.#flush());
    return 'accepted';
  }

  close(reason?: Fault): void {
    if (!this.#open) return;
    this.#flush();
    this.#lane.push({ close: reason }, this.#options.latency());
    this.#end(reason);
  }

  /** The connection broke, as this end sees it. */
  lose(reason: string): void {
    if (!this.#open) return;
    this.#lane.cut();
    this.#end(connectivityErrors.CONNECTIVITY_CONNECTION_LOST({ peer: this.remote, reason }));
  }

  /** The node of this end is no more: nobody here is told anything. */
  vanish(): void {
    this.#listener = { received: () => undefined, closed: () => undefined };
    this.#early = [];
    this.#lane.cut();
    this.#end(undefined);
  }

  stall(): void {
    this.#lane.stall();
  }

  resume(): void {
    this.#lane.resume();
  }

  /** Called by the other end's lane. Returns how long the reader wants no more. */
  arrive(parcel: Parcel<In>): Milliseconds {
    if (!this.#open) return 0;
    if ('close' in parcel) {
      this.#end(parcel.close);
      return 0;
    }
    this.#other?.arrived(parcel.bytes);
    const { admission, clock, limits, pauseMsMax, protocolId } = this.#options;
    const count = parcel.messages.length;
    const waitMs = admission.received(
      this.remote,
      protocolId,
      limits,
      parcel.bytes,
      count,
      clock.monotonic(),
    );
    if (waitMs > pauseMsMax) {
      this.close(connectivityErrors.CONNECTIVITY_RATE_LIMITED({ peer: this.remote, what: protocolId }));
      return 0;
    }
    this.#receive(parcel.messages);
    return waitMs;
  }

  /** The other end has read so many bytes: there is room again. */
  arrived(bytes: Bytes): void {
    this.#bytesUnderWay -= bytes;
    if (
      !this.#wantsDrained ||
      !this.#open ||
      this.#bytesUnderWay > this.#options.limits.outboundBytesMax / 2
    ) {
      return;
    }
    this.#wantsDrained = false;
    this.#tell((listener) => listener.drained?.());
  }

  #receive(values: readonly In[]): void {
    const messages: In[] = [];
    let invalid: Fault | undefined;
    try {
      for (const value of values) messages.push(this.#options.parse(value));
    } catch (thrown) {
      const reason = (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 200);
      const protocol = this.#options.protocolId;
      invalid = connectivityErrors.CONNECTIVITY_MESSAGE_INVALID({ protocol, reason }, thrown);
    }
    if (messages.length > 0) this.#tell((listener) => listener.received(messages));
    if (invalid !== undefined) this.close(invalid);
  }

  #flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    if (this.#turn.length === 0) return;
    const messages = this.#turn.map((sent) => sent.message);
    const bytes = this.#turn.reduce((sum, sent) => sum + sent.bytes, 0);
    this.#turn = [];
    this.#lane.push({ messages, bytes }, this.#options.latency());
  }

  #end(fault: Fault | undefined): void {
    if (!this.#open) return;
    this.#open = false;
    this.#cancelFlush?.();
    this.#turn = [];
    this.#options.ended(this);
    // Not from within the caller's turn: a behaviour that closes a channel is not called back while it does
    // so.
    this.#options.clock.after(0, () => this.#tell((listener) => listener.closed(fault)));
  }

  #tell(happened: (listener: ChannelListener<In>) => void): void {
    const listener = this.#listener;
    if (listener === undefined) this.#early.push(() => this.#tell(happened));
    else happened(listener);
  }
}

/** What a hub keeps of an end, whatever it carries. */
export type AnyEnd = Pick<
  MemoryEnd<never, never>,
  'self' | 'remote' | 'close' | 'lose' | 'vanish' | 'stall' | 'resume'
>;
