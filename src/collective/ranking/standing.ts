/** An owner whose checked work was right before is likely to be right again. */

import { reliability } from '../reputation.ts';
import type { Consideration } from './consideration.ts';

export const standing: Consideration = {
  name: 'standing',
  weight: 3,
  score: (candidate) => reliability(candidate.standing),
  says: ({ standing: { agreed, disagreed, failed, lost } }) =>
    agreed + disagreed + failed + lost === 0
      ? 'its owner is new here'
      : `its owner's work: ${agreed} agreed, ${disagreed} disagreed, ${failed} failed, ${lost} lost`,
};
