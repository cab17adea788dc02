/** Uniform numbers from a source of random words: what all implementations of `Random` share. */

import { assert } from './assert.ts';
import type { Random } from './random.ts';

const WORDS = 2 ** 32;
const FRACTIONS = 2 ** 53;

/** `word` answers uniform integers in [0, 2³²). */
export function randomFromWords(word: () => number): Random {
  /** 53 bits, all that a double holds below 1. */
  const bits53 = () => (word() >>> 5) * 2 ** 26 + (word() >>> 6);
  return {
    fraction: () => bits53() / FRACTIONS,
    below(bound) {
      assert(Number.isSafeInteger(bound) && bound > 0, 'a bound is a positive safe integer');
      const [draw, range] = bound <= WORDS ? [word, WORDS] : [bits53, FRACTIONS];
      // The uneven rest of the range is drawn again, so that no number is likelier than another.
      const fair = range - (range % bound);
      for (;;) {
        const drawn = draw();
        if (drawn < fair) return drawn % bound;
      }
    },
    bytes(length) {
      const bytes = new Uint8Array(length);
      for (let index = 0; index < length; index += 4) {
        let drawn = word();
        for (let at = index; at < Math.min(index + 4, length); at += 1) {
          bytes[at] = drawn & 0xff;
          drawn >>>= 8;
        }
      }
      return bytes;
    },
  };
}
