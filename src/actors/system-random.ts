/** The operating system's chance: unpredictable, and fit for keys. */

import { randomBytes, randomFillSync } from 'node:crypto';
import type { Random } from './random.ts';
import { randomFromWords } from './uniform.ts';

/** Words drawn from the system at a time: a call costs about a microsecond, a word then a few nanoseconds. */
const POOL_WORDS = 1_024;

export function systemRandom(): Random {
  const pool = new Uint32Array(POOL_WORDS);
  let next = POOL_WORDS;
  const word = () => {
    if (next === POOL_WORDS) {
      randomFillSync(pool);
      next = 0;
    }
    return pool[next++]!;
  };
  return { ...randomFromWords(word), bytes: (length) => new Uint8Array(randomBytes(length)) };
}
