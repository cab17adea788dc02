import t from 'tap';
import { standing } from '../../../src/collective/ranking/standing.ts';
import { NO_STANDING } from '../../../src/collective/reputation.ts';
import { leasePlace, sampleSpec } from '../fakes/samples.ts';

t.test(
  'an owner with a good record is preferred to a new one, and a new one to one with a bad record',
  async (t) => {
    const of = (changes: object) => ({
      lease: leasePlace('ann', 1, 1),
      spec: sampleSpec(),
      standing: { ...NO_STANDING, ...changes },
      speedMax: 0,
    });
    t.ok(standing.score(of({ agreed: 9 })) > standing.score(of({})));
    t.ok(standing.score(of({})) > standing.score(of({ failed: 9 })));
    t.match(standing.says(of({})), /is new here/);
    t.match(standing.says(of({ agreed: 9, lost: 1 })), /9 agreed, 0 disagreed, 0 failed, 1 lost/);
  },
);
