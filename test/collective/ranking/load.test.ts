import t from 'tap';
import { load } from '../../../src/collective/ranking/load.ts';
import { NO_STANDING } from '../../../src/collective/reputation.ts';
import { leasePlace, sampleSpec } from '../fakes/samples.ts';

t.test('an idle machine is preferred to a busy one, and a full one comes last', async (t) => {
  const of = (running: number) => ({
    lease: leasePlace('ann', 4, 4, running),
    spec: sampleSpec(),
    standing: NO_STANDING,
    speedMax: 0,
  });
  t.same([load.score(of(0)), load.score(of(2)), load.score(of(9))], [1, 0.5, 0]);
  t.equal(load.says(of(2)), 'runs 2 of ours on 4 slots');
});
