/** A lease that has the program starts at once; another one fetches it first. */

import type { Consideration } from './consideration.ts';

export const program: Consideration = {
  name: 'program',
  // Below standing: a transfer costs seconds once, a wrong result costs a replica.
  weight: 2,
  score: (candidate) => (here(candidate) ? 1 : 0),
  says: (candidate) => (here(candidate) ? 'has the program already' : 'must fetch the program first'),
};

function here({ lease, spec }: Parameters<Consideration['score']>[0]): boolean {
  return lease.view.programs.includes(spec.common.program);
}
