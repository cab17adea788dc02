/**
 * One libp2p stream as the byte stream of one channel, and the stream's events as calls of that channel.
 */

import type { Stream } from '@libp2p/interface';
import { type Clock, type Milliseconds, SECOND_MS } from '../actors/index.ts';
import type { ByteStream } from './byte-stream.ts';
import { connectivityErrors } from './errors.ts';

/** What a stream tells its channel. */
export interface StreamReader {
  chunk(bytes: Iterable<Uint8Array>, byteLength: number): void;
  writable(): void;
  broken(reason: string): void;
}

/**
 * How long an ended stream may take to get rid of its last bytes and to hear that the other side has ended
 * too.
 */
const LINGER_MS: Milliseconds = 5 * SECOND_MS;

export function byteStreamOf(stream: Stream, clock: Clock): ByteStream {
  let ended = false;
  return {
    write(bytes) {
      try {
        return stream.send(bytes);
      } catch {
        // It closed meanwhile; its `close` event says so to the channel.
        return false;
      }
    },
    bytesWaiting: () => stream.writeBufferLength,
    pause: () => {
      if (stream.readStatus === 'readable') stream.pause();
    },
    resume: () => resume(stream),
    end() {
      if (ended) return;
      ended = true;
      resume(stream);
      if (stream.status !== 'open') return;
      const abort = () =>
        stream.abort(connectivityErrors.CONNECTIVITY_CONNECTION_LOST({ peer: '', reason: 'it lingered' }));
      stream.addEventListener('close', clock.after(LINGER_MS, abort), { once: true });
      // A rejection means that the stream broke before all was written: then it is closed as well.
      stream.close().catch(() => undefined);
    },
  };
}

/** From now on the channel hears of its stream; what has come before is told first. */
export function readStream(stream: Stream, reader: StreamReader): void {
  stream.addEventListener('message', ({ data }) => {
    reader.chunk(data instanceof Uint8Array ? [data] : data, data.byteLength);
  });
  // libp2p sends what it holds itself in a microtask that it queued before this one.
  stream.addEventListener('drain', () =>
    queueMicrotask(() => {
      if (!stream.writableNeedsDrain) reader.writable();
    }),
  );
  stream.addEventListener('end', () => {
    // A reset ends the stream too; its `close` event knows the reason.
    if (stream.status === 'open' || stream.status === 'closing') reader.broken('it ended without a goodbye');
  });
  const closed = (reason: string | undefined) => {
    // What arrived before the end and was held back by a pause is read now, or it would be lost.
    resume(stream);
    reader.broken(reason ?? 'the connection closed');
  };
  stream.addEventListener('close', ({ error }) => closed(error?.message));
  // A stream that ended before anyone listened reports nothing any more.
  if (stream.status !== 'open' && stream.status !== 'closing') queueMicrotask(() => closed(undefined));
}

function resume(stream: Stream): void {
  if (stream.readStatus !== 'paused') return;
  try {
    stream.resume();
  } catch {
    // It first gives out what it holds, then tells the other side to go on: too late when the connection is
    // gone.
  }
}
