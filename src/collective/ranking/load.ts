/** An idle machine is asked before one that is busy with other work of this broker. */

import type { Consideration } from './consideration.ts';

export const load: Consideration = {
  name: 'load',
  weight: 4,
  score: ({ lease }) => Math.max(0, 1 - lease.running / Math.max(1, lease.view.slots)),
  says: ({ lease }) => `runs ${lease.running} of ours on ${lease.view.slots} slots`,
};
