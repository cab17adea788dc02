/**
 * Frames of a channel: four bytes of length (big-endian, of what follows the kind), one byte of kind, a body.
 *
 *     kind 0, messages: one canonical CBOR array, its items at most `messageBytesMax` together
 *     kind 1, goodbye:  empty for good order, or canonical CBOR [code, message, retry]
 *
 * Messages are encoded once, when they are sent; a frame is their bytes behind an array header. The decoder
 * takes chunks of any size, copies each byte at most twice, holds no more than twice what has really arrived,
 * and believes a length only after comparing it with the limit.
 */

import { type Bytes, decode, encode, Fault } from '../actors/index.ts';
import { connectivityErrors } from './errors.ts';

export const FRAME_KIND = { messages: 0, goodbye: 1 } as const;
export type FrameKind = (typeof FRAME_KIND)[keyof typeof FRAME_KIND];

export interface Frame {
  readonly kind: FrameKind;
  readonly body: Uint8Array;
}

const HEADER_BYTES = 5;

/** A CBOR array header of up to 2³² items (RFC 8949, section 3). */
const ARRAY_HEADER_BYTES_MAX = 5;

/** Of a code and a sentence; room for the longest of the catalogues. */
const GOODBYE_BYTES_MAX = 1_024;
const GOODBYE_TEXT_LENGTH_MAX = 240;

/** What a body begins with while its length is only a claim. */
const GATHER_BYTES_MIN = 4_096;

const CODE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/;

/** The longest code of the catalogues has 31 characters; a peer may be a newer version. */
const CODE_LENGTH_MAX = 64;

/** One buffer with as many frames as the messages need, each at most `messageBytesMax` of messages. */
export function encodeMessages(messages: readonly Uint8Array[], messageBytesMax: Bytes): Uint8Array {
  const groups = grouped(messages, messageBytesMax);
  let total = 0;
  for (const group of groups) total += HEADER_BYTES + arrayHeaderBytes(group.count) + group.bytes;
  const out = new Uint8Array(total);
  let at = 0;
  let next = 0;
  for (const group of groups) {
    at = putHeader(out, at, arrayHeaderBytes(group.count) + group.bytes, FRAME_KIND.messages);
    at = putArrayHeader(out, at, group.count);
    for (const end = next + group.count; next < end; next += 1) {
      const message = messages[next] as Uint8Array;
      out.set(message, at);
      at += message.byteLength;
    }
  }
  return out;
}

export function encodeGoodbye(reason: Fault | undefined): Uint8Array {
  const body =
    reason === undefined
      ? new Uint8Array()
      : encode([reason.code.slice(0, CODE_LENGTH_MAX), printable(reason.message), reason.retry]);
  const out = new Uint8Array(HEADER_BYTES + body.byteLength);
  out.set(body, putHeader(out, 0, body.byteLength, FRAME_KIND.goodbye));
  return out;
}

/**
 * Why the other side ended: `undefined` for good order. Never throws; what is not understood is said to be
 * so.
 */
export function decodeGoodbye(body: Uint8Array): Fault | undefined {
  if (body.byteLength === 0) return undefined;
  try {
    const [code, message, retry] = decode(body) as unknown[];
    if (typeof code === 'string' && typeof message === 'string' && typeof retry === 'boolean') {
      if (code.length <= CODE_LENGTH_MAX && CODE.test(code))
        return faultFrom(code, printable(message), retry);
    }
  } catch {
    // Falls through to the answer for what is not understood.
  }
  return connectivityErrors.CONNECTIVITY_MESSAGE_INVALID({ protocol: 'a channel', reason: 'goodbye' });
}

/** The messages of a body, not parsed yet. Throws on what is not a canonical CBOR array. */
export function decodeMessages(body: Uint8Array): readonly unknown[] {
  const values = decode(body);
  if (!Array.isArray(values))
    throw connectivityErrors.CONNECTIVITY_MESSAGE_INVALID({ reason: 'not an array' });
  return values;
}

/**
 * Chunks in, frames out. After a throw the stream cannot be understood any more, and the decoder is of no
 * use.
 */
export class FrameDecoder {
  readonly #bodyBytesMax: Bytes;
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerFilled = 0;
  /** Of a body that did not come in one chunk. */
  #body: Uint8Array = new Uint8Array();
  #bodyFilled = 0;

  constructor(messageBytesMax: Bytes) {
    this.#bodyBytesMax = Math.max(messageBytesMax + ARRAY_HEADER_BYTES_MAX, GOODBYE_BYTES_MAX);
  }

  /**
   * The frames that `chunk` completes, in order. They may share its memory. Throws
   * `CONNECTIVITY_FRAME_TOO_LARGE` or `CONNECTIVITY_MESSAGE_INVALID` where the first bad one begins, after
   * the good ones before it.
   */
  *push(chunk: Uint8Array): Generator<Frame> {
    let rest = this.#fillHeader(chunk);
    while (this.#headerFilled === HEADER_BYTES) {
      const { kind, length } = this.#readHeader();
      let body = rest.subarray(0, length);
      if (this.#bodyFilled === 0 && body.byteLength === length) {
        rest = rest.subarray(length);
      } else {
        rest = this.#gather(rest, length);
        if (this.#bodyFilled < length) return;
        body = this.#body;
        this.#body = new Uint8Array();
        this.#bodyFilled = 0;
      }
      this.#headerFilled = 0;
      yield { kind, body };
      rest = this.#fillHeader(rest);
    }
  }

  #fillHeader(chunk: Uint8Array): Uint8Array {
    const taken = chunk.subarray(0, HEADER_BYTES - this.#headerFilled);
    this.#header.set(taken, this.#headerFilled);
    this.#headerFilled += taken.byteLength;
    return chunk.subarray(taken.byteLength);
  }

  #readHeader(): { readonly kind: FrameKind; readonly length: number } {
    const [a, b, c, d, kind] = this.#header as unknown as [number, number, number, number, number];
    const length = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    if (kind !== FRAME_KIND.messages && kind !== FRAME_KIND.goodbye) {
      throw connectivityErrors.CONNECTIVITY_MESSAGE_INVALID({
        protocol: 'a channel',
        reason: `kind ${kind}`,
      });
    }
    const bytesMax = kind === FRAME_KIND.goodbye ? GOODBYE_BYTES_MAX : this.#bodyBytesMax;
    if (length > bytesMax) {
      throw connectivityErrors.CONNECTIVITY_FRAME_TOO_LARGE({ bytes: length, bytesMax });
    }
    return { kind, length };
  }

  /**
   * The buffer doubles with what arrives: a length alone reserves nothing, and small chunks are not kept
   * apart.
   */
  #gather(chunk: Uint8Array, length: number): Uint8Array {
    const taken = chunk.subarray(0, length - this.#bodyFilled);
    const needed = this.#bodyFilled + taken.byteLength;
    if (needed > this.#body.byteLength) {
      const grown = new Uint8Array(
        Math.min(length, Math.max(GATHER_BYTES_MIN, needed, 2 * this.#body.byteLength)),
      );
      grown.set(this.#body.subarray(0, this.#bodyFilled));
      this.#body = grown;
    }
    this.#body.set(taken, this.#bodyFilled);
    this.#bodyFilled = needed;
    return chunk.subarray(taken.byteLength);
  }
}

interface Group {
  count: number;
  bytes: Bytes;
}

function grouped(messages: readonly Uint8Array[], messageBytesMax: Bytes): readonly Group[] {
  const groups: Group[] = [];
  let last: Group | undefined;
  for (const { byteLength } of messages) {
    if (last === undefined || last.bytes + byteLength > messageBytesMax) {
      last = { count: 0, bytes: 0 };
      groups.push(last);
    }
    last.count += 1;
    last.bytes += byteLength;
  }
  return groups;
}

function putHeader(out: Uint8Array, at: number, length: number, kind: FrameKind): number {
  out[at] = length >>> 24;
  out[at + 1] = length >>> 16;
  out[at + 2] = length >>> 8;
  out[at + 3] = length;
  out[at + 4] = kind;
  return at + HEADER_BYTES;
}

function arrayHeaderBytes(count: number): number {
  if (count < 24) return 1;
  if (count < 0x100) return 2;
  return count < 0x1_0000 ? 3 : ARRAY_HEADER_BYTES_MAX;
}

/** Major type 4 with the shortest argument, as canonical CBOR demands. */
function putArrayHeader(out: Uint8Array, at: number, count: number): number {
  const bytes = arrayHeaderBytes(count);
  if (bytes === 1) out[at] = 0x80 | count;
  else out[at] = bytes === 2 ? 0x98 : bytes === 3 ? 0x99 : 0x9a;
  for (let index = 1; index < bytes; index += 1) out[at + index] = count >>> (8 * (bytes - 1 - index));
  return at + bytes;
}

/** The reader's own words for what to do, where the code is one of this layer's. */
function faultFrom(code: string, message: string, retry: boolean): Fault {
  const todo =
    connectivityErrors.entries[code]?.todo ?? 'The other side ended the conversation; its message says why.';
  return new Fault({ code, message, todo, retry, details: {} });
}

/** Bounded, and without control characters: it may be shown on a terminal. */
function printable(text: string): string {
  return text.slice(0, GOODBYE_TEXT_LENGTH_MAX).replace(/\p{C}/gu, ' ');
}
