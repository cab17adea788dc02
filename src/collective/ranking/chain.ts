/** All considerations together: the order in which leases are asked, with the reasons in words. */

import type { Candidate, Consideration } from './consideration.ts';
import { load } from './load.ts';
import { program } from './program.ts';
import { speed } from './speed.ts';
import { standing } from './standing.ts';

const CONSIDERATIONS: readonly Consideration[] = [load, standing, program, speed];

/** Higher is better. Costs no strings: it runs for each open lease of each turn. */
export function score(candidate: Candidate): number {
  let sum = 0;
  for (const consideration of CONSIDERATIONS) sum += consideration.weight * consideration.score(candidate);
  return sum;
}

/** The same considerations for people, heaviest first. */
export function reasons(candidate: Candidate): readonly string[] {
  return CONSIDERATIONS.map((consideration) => consideration.says(candidate));
}
