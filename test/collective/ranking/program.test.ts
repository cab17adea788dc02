import t from 'tap';
import { program } from '../../../src/collective/ranking/program.ts';
import { NO_STANDING } from '../../../src/collective/reputation.ts';
import { leaseView, sampleSpec } from '../fakes/samples.ts';

t.test('a lease that has the program is preferred', async (t) => {
  const spec = sampleSpec();
  const of = (programs: readonly string[]) => ({
    lease: { view: leaseView('ann', 1, 'ann', { programs: programs as never }), free: 1, running: 0 },
    spec,
    standing: NO_STANDING,
    speedMax: 0,
  });
  t.equal(program.score(of([spec.common.program])), 1);
  t.equal(program.score(of(['another'])), 0);
  t.match(program.says(of([spec.common.program])), /already/);
  t.match(program.says(of([])), /must fetch/);
});
