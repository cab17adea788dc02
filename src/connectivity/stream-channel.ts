/**
 * A channel over a stream of bytes: frames out, bundled by turn; frames in, checked in the order in which
 * checks get dearer: rate, length, encoding, schema. It knows no transport; its owner passes on what the
 * transport says.
 *
 * It ends exactly once, for one of four reasons: this side closed, the other side said goodbye, the other
 * side broke a rule, or the stream broke. A stream that ends without a goodbye is a broken one.
 */

import { type Bytes, type Clock, encode, Fault, type Milliseconds } from '../actors/index.ts';
import type { Admission } from './admission.ts';
import type { ByteStream } from './byte-stream.ts';
import type { Channel, ChannelListener, PeerId, ProtocolLimits } from './channel.ts';
import { connectivityErrors } from './errors.ts';
import {
  decodeGoodbye,
  decodeMessages,
  encodeGoodbye,
  encodeMessages,
  FRAME_KIND,
  type Frame,
  FrameDecoder,
} from './frame.ts';

/**
 * One write: enough to fill a stream's first window (256 KiB in yamux), small enough that copying it into one
 * buffer does not hold up the turn.
 */
const WRITE_BYTES_MAX: Bytes = 262_144;

/** A shorter pause costs more than it saves: the timer of the runtime counts in milliseconds. */
const PAUSE_MS_MIN: Milliseconds = 4;

export interface StreamChannelOptions<In> {
  readonly stream: ByteStream;
  readonly remote: PeerId;
  readonly protocolId: string;
  readonly limits: ProtocolLimits;
  readonly parse: (value: unknown) => In;
  readonly admission: Admission;
  readonly clock: Clock;
  readonly pauseMsMax: Milliseconds;
  /** The channel has ended; its owner forgets it. */
  readonly ended: (fault: Fault | undefined) => void;
}

export class StreamChannel<Out, In> implements Channel<Out> {
  readonly remote: PeerId;
  readonly #options: StreamChannelOptions<In>;
  readonly #decoder: FrameDecoder;
  #listener: ChannelListener<In> | undefined;
  /**
   * What happened before there was a listener; its owner passes on no chunk before, so this is the end at
   * most.
   */
  #early: ((listener: ChannelListener<In>) => void)[] = [];
  #pending: Uint8Array[] = [];
  #pendingBytes: Bytes = 0;
  #flushing = false;
  #writable = true;
  #wantsDrained = false;
  #open = true;
  #cancelPause: (() => void) | undefined;

  constructor(options: StreamChannelOptions<In>) {
    this.#options = options;
    this.remote = options.remote;
    this.#decoder = new FrameDecoder(options.limits.messageBytesMax);
  }

  listen(listener: ChannelListener<In>): void {
    this.#listener = listener;
    const early = this.#early;
    this.#early = [];
    for (const happened of early) happened(listener);
  }

  send(message: Out): 'accepted' | 'full' | 'closed' {
    if (!this.#open) return 'closed';
    const { messageBytesMax, outboundBytesMax } = this.#options.limits;
    const encoded = encode(message);
    const bytes = encoded.byteLength;
    if (bytes > messageBytesMax) {
      throw connectivityErrors.CONNECTIVITY_FRAME_TOO_LARGE({ bytes, bytesMax: messageBytesMax });
    }
    const waiting = this.#bytesWaiting();
    if (waiting > 0 && waiting + bytes > outboundBytesMax) {
      this.#wantsDrained = true;
      return 'full';
    }
    this.#pending.push(encoded);
    this.#pendingBytes += bytes;
    this.#flushLater();
    return 'accepted';
  }

  close(reason?: Fault): void {
    if (!this.#open) return;
    this.#open = false;
    const { stream, limits } = this.#options;
    if (this.#pending.length > 0) stream.write(encodeMessages(this.#pending, limits.messageBytesMax));
    stream.write(encodeGoodbye(reason));
    this.#ended(reason);
  }

  /** Bytes arrived. Never throws: what is wrong with them ends the channel. */
  chunk(bytes: Iterable<Uint8Array>, byteLength: Bytes): void {
    if (!this.#open) return;
    const { admission, limits, protocolId } = this.#options;
    const now = this.#options.clock.monotonic();
    const messages: In[] = [];
    let waitMs = admission.received(this.remote, protocolId, limits, byteLength, 0, now);
    let ending: { readonly fault: Fault | undefined; readonly byRemote: boolean } | undefined;
    try {
      for (const part of bytes) {
        for (const frame of this.#decoder.push(part)) {
          if (frame.kind === FRAME_KIND.goodbye)
            ending ??= { fault: decodeGoodbye(frame.body), byRemote: true };
          else if (ending === undefined) this.#parse(frame, messages);
        }
      }
    } catch (thrown) {
      ending ??= { fault: this.#invalid(thrown), byRemote: false };
    }
    waitMs = Math.max(waitMs, admission.received(this.remote, protocolId, limits, 0, messages.length, now));
    // What came before the end was good, however the chunks were cut.
    if (messages.length > 0) this.#tell((listener) => listener.received(messages));
    if (ending?.byRemote) this.#leave(ending.fault);
    else if (ending !== undefined) this.close(ending.fault);
    else this.#slowDown(waitMs);
  }

  /** The stream takes bytes again. */
  writable(): void {
    this.#writable = true;
    this.#flush();
  }

  /** The stream ended or broke, with no goodbye before it. */
  broken(reason: string): void {
    this.#leave(connectivityErrors.CONNECTIVITY_CONNECTION_LOST({ peer: this.remote, reason }));
  }

  #parse(frame: Frame, messages: In[]): void {
    for (const value of decodeMessages(frame.body)) messages.push(this.#options.parse(value));
  }

  #invalid(thrown: unknown): Fault {
    // The decoder's own faults say more; a schema's complaint is put into this layer's words.
    if (thrown instanceof Fault && Object.hasOwn(connectivityErrors.entries, thrown.code)) return thrown;
    // It can quote the whole message: only its beginning goes into the fault.
    const reason = (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 200);
    const protocol = this.#options.protocolId;
    return connectivityErrors.CONNECTIVITY_MESSAGE_INVALID({ protocol, reason }, thrown);
  }

  #slowDown(waitMs: Milliseconds): void {
    const { clock, pauseMsMax, protocolId, stream } = this.#options;
    if (!this.#open || waitMs < PAUSE_MS_MIN) return;
    if (waitMs > pauseMsMax) {
      this.close(connectivityErrors.CONNECTIVITY_RATE_LIMITED({ peer: this.remote, what: protocolId }));
      return;
    }
    this.#cancelPause?.();
    stream.pause();
    this.#cancelPause = clock.after(waitMs, () => {
      this.#cancelPause = undefined;
      stream.resume();
    });
  }

  /** At the end of the turn, so that what one turn says leaves in one write. */
  #flushLater(): void {
    if (this.#flushing || !this.#writable) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    const { stream, limits } = this.#options;
    while (this.#open && this.#writable && this.#pending.length > 0) {
      this.#writable = stream.write(encodeMessages(this.#takePending(), limits.messageBytesMax));
    }
    if (!this.#open || !this.#wantsDrained || this.#bytesWaiting() > limits.outboundBytesMax / 2) return;
    this.#wantsDrained = false;
    this.#tell((listener) => listener.drained?.());
  }

  #takePending(): readonly Uint8Array[] {
    let count = 0;
    let bytes = 0;
    while (count < this.#pending.length && (count === 0 || bytes < WRITE_BYTES_MAX)) {
      bytes += this.#pending[count]?.byteLength ?? 0;
      count += 1;
    }
    this.#pendingBytes -= bytes;
    if (count < this.#pending.length) return this.#pending.splice(0, count);
    const all = this.#pending;
    this.#pending = [];
    return all;
  }

  #bytesWaiting(): Bytes {
    return this.#pendingBytes + this.#options.stream.bytesWaiting();
  }

  #leave(fault: Fault | undefined): void {
    if (!this.#open) return;
    this.#open = false;
    this.#ended(fault);
  }

  #ended(fault: Fault | undefined): void {
    this.#pending = [];
    this.#cancelPause?.();
    this.#options.stream.end();
    this.#options.ended(fault);
    // Not from within the caller's turn: a behaviour that closes a channel is not called back while it does
    // so.
    queueMicrotask(() => this.#tell((listener) => listener.closed(fault)));
  }

  #tell(happened: (listener: ChannelListener<In>) => void): void {
    if (this.#listener === undefined) this.#early.push(happened);
    else happened(this.#listener);
  }
}
