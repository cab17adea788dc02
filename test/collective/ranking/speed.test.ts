import t from 'tap';
import { speed } from '../../../src/collective/ranking/speed.ts';
import { NO_STANDING } from '../../../src/collective/reputation.ts';
import { leaseView, sampleSpec } from '../fakes/samples.ts';

t.test('a faster core is preferred, and one that was not measured counts as half as fast', async (t) => {
  const of = (own: number) => {
    const view = leaseView('ann');
    const capability = { ...view.capability, speed: own };
    const lease = { view: { ...view, capability }, free: 1, running: 0 };
    return { lease, spec: sampleSpec(), standing: NO_STANDING, speedMax: 200 };
  };
  t.same([speed.score(of(200)), speed.score(of(50)), speed.score(of(0))], [1, 0.25, 0.5]);
  t.match(speed.says(of(50)), /25 % of the fastest/);
  t.match(speed.says(of(0)), /not measured/);
});
