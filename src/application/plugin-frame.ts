/**
 * One message between this process and a plugin's: a JSON head, and the bytes it speaks of behind it, so that
 * pixels are never spelled out as text. Both sides read it with this file, which therefore imports nothing.
 *
 *     u32 length of all that follows · u32 length of the head · head · bytes
 */

export interface Frame {
  readonly head: unknown;
  readonly tail: Uint8Array;
}

export type FrameTaken = (frame: Frame) => void;

const LENGTHS = 8;

export function encodeFrame(head: unknown, parts: readonly Uint8Array[] = []): Uint8Array[] {
  const text = new TextEncoder().encode(JSON.stringify(head));
  const tail = parts.reduce((sum, part) => sum + part.length, 0);
  const lengths = new Uint8Array(LENGTHS);
  const view = new DataView(lengths.buffer);
  view.setUint32(0, LENGTHS / 2 + text.length + tail, true);
  view.setUint32(4, text.length, true);
  return gathered([lengths, text, ...parts]);
}

/** Copying this much takes less time than one more write. */
const GATHERED_BYTES_MAX = 65_536;

/** The same bytes in as few pieces as copying is worth: a write for each part was one for each unit. */
function gathered(parts: readonly Uint8Array[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  const flush = () => {
    if (small.length > 0) pieces.push(joined(small));
    small = [];
  };
  for (const part of parts) {
    if (part.length <= GATHERED_BYTES_MAX) small.push(part);
    else {
      flush();
      pieces.push(part);
    }
  }
  flush();
  return pieces;
}

/**
 * Feeds on chunks as they come, and gives whole frames. Throws `RangeError` for a frame larger than
 * `bytesMax` before it is collected, and `SyntaxError` for a head that is not JSON.
 */
export function frameReader(bytesMax: number, taken: FrameTaken): (chunk: Uint8Array) => void {
  let chunks: Uint8Array[] = [];
  let waiting = 0;
  let wanted = LENGTHS;
  return (chunk) => {
    chunks.push(chunk);
    waiting += chunk.length;
    while (waiting >= wanted) {
      const bytes = joined(chunks);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const length = view.getUint32(0, true);
      if (length < LENGTHS / 2 || length > bytesMax) throw new RangeError(`a message of ${length} bytes`);
      wanted = LENGTHS / 2 + length;
      chunks = [bytes];
      if (waiting < wanted) return;
      const headEnd = LENGTHS + view.getUint32(4, true);
      if (headEnd > wanted) throw new RangeError('a head longer than its message');
      const head: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(LENGTHS, headEnd)));
      chunks = [bytes.subarray(wanted)];
      waiting -= wanted;
      const tail = bytes.subarray(headEnd, wanted);
      wanted = LENGTHS;
      taken({ head, tail });
    }
  };
}

/** Cuts `tail` into consecutive parts. Throws `RangeError` unless they make up all of it. */
export function cut(tail: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  let at = 0;
  const parts = lengths.map((length) => {
    at += length;
    return tail.subarray(at - length, at);
  });
  if (at !== tail.length) throw new RangeError(`${tail.length} bytes where ${at} were announced`);
  return parts;
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
