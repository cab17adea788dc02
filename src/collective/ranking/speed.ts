/** A faster core ends a unit sooner, which matters most for the last units of a batch. */

import type { Consideration } from './consideration.ts';

export const speed: Consideration = {
  name: 'speed',
  weight: 2,
  // A machine that was not measured yet counts as half as fast as the fastest: it is tried, but not first.
  score: ({ lease, speedMax }) => {
    const own = lease.view.capability.speed;
    return own > 0 && speedMax > 0 ? own / speedMax : 0.5;
  },
  says: ({ lease, speedMax }) => {
    const own = lease.view.capability.speed;
    if (own <= 0 || speedMax <= 0) return 'its speed is not measured yet';
    return `its cores run at ${Math.round((100 * own) / speedMax)} % of the fastest known`;
  },
};
