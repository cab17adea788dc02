import t from 'tap';
import { reasons, score } from '../../../src/collective/ranking/chain.ts';
import { NO_STANDING } from '../../../src/collective/reputation.ts';
import { leasePlace, sampleSpec } from '../fakes/samples.ts';

const of = (running: number, agreed: number) => ({
  lease: leasePlace('ann', 2, 2, running),
  spec: sampleSpec(),
  standing: { ...NO_STANDING, agreed },
  speedMax: 1e9,
});

t.test('each consideration moves the order', async (t) => {
  t.ok(score(of(0, 0)) > score(of(1, 0)));
  t.ok(score(of(0, 5)) > score(of(0, 0)));
});

t.test('an idle new machine is asked before a busy one with a good record', async (t) => {
  t.ok(score(of(0, 0)) > score(of(2, 100)));
});

t.test('every consideration has its say', async (t) => {
  t.equal(reasons(of(0, 0)).length, 4);
});
