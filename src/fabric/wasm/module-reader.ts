/**
 * Reads the binary format of WebAssembly, one item at a time, and never past its end.
 *
 * The engine has validated the module before this reads it; the bounds are checked all the same, because two
 * decoders of one hostile input need not agree.
 */

import { fabricErrors } from '../errors.ts';

export class ModuleReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  byte(): number {
    if (this.at >= this.end) throw malformed('it ends in the middle of an item');
    return this.bytes[this.at++]!;
  }

  /** An unsigned LEB128 of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 28; factor *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw malformed('it has a number that is too long');
  }

  /** Passes over a LEB128 of any sign, up to 64 bits. */
  skipLeb(): void {
    for (let count = 0; count < 10; count++) if (this.byte() < 0x80) return;
    throw malformed('it has a number that is too long');
  }

  skip(count: number): void {
    if (count > this.end - this.at) throw malformed('it ends in the middle of an item');
    this.at += count;
  }

  name(): string {
    const length = this.u32();
    const start = this.at;
    this.skip(length);
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, length).toString('utf8');
  }

  /** A reader over the next `length` bytes, which this one passes over. */
  part(length: number): ModuleReader {
    const start = this.at;
    this.skip(length);
    return new ModuleReader(this.bytes, start, this.at);
  }
}

/** Unsigned LEB128 of a number below 2³². */
export function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}

export function malformed(reason: string): Error {
  return fabricErrors.FABRIC_PROGRAM_INVALID({ reason });
}
