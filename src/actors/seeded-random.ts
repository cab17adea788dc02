/**
 * Chance that repeats: the same seed gives the same sequence on every machine. For simulations and tests
 * only; whoever has seen a few numbers can tell the rest.
 */

import { createHash } from 'node:crypto';
import type { Random } from './random.ts';
import { randomFromWords } from './uniform.ts';

/** Rounds after which the counter has reached every bit of the state, as the author's own seeding does. */
const WARM_UP_ROUNDS = 15;

/**
 * sfc32 ("small fast counter", Chris Doty-Humphrey, PractRand 0.94): 96 bits of state and a 32-bit counter,
 * so no seed has a period below 2³². The state is taken from the SHA-256 of the seed.
 */
export function seededRandom(seed: string): Random {
  const hash = createHash('sha256').update(seed).digest();
  let a = hash.readInt32LE(0);
  let b = hash.readInt32LE(4);
  let c = hash.readInt32LE(8);
  let counter = 1;
  const word = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) word();
  return randomFromWords(word);
}
