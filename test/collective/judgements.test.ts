import t from 'tap';
import { Judgements } from '../../src/collective/judgements.ts';
import type { Standing } from '../../src/collective/reputation.ts';
import type { OwnerId } from '../../src/connectivity/index.ts';

const ann = 'ann' as OwnerId;

t.test('a turn is summed up for each owner, and standing follows', async (t) => {
  const standings = new Map<OwnerId, Standing>();
  const judgements = new Judgements(standings);
  for (const as of ['agreed', 'agreed', 'lost', 'failed'] as const) judgements.add(ann, as);
  t.same(judgements.take(), [{ type: 'judged', owner: ann, agreed: 2, disagreed: 0, failed: 1, lost: 1 }]);
  t.match(standings.get(ann), { agreed: 2, failed: 1, lost: 1, excluded: null });
  t.same(judgements.take(), []);
});

t.test('an owner is excluded once', async (t) => {
  const standings = new Map<OwnerId, Standing>();
  const judgements = new Judgements(standings);
  t.equal(judgements.exclude(ann, 'lied'), true);
  t.equal(judgements.exclude(ann, 'lied again'), false);
  t.equal(standings.get(ann)?.excluded, 'lied');
  t.match(judgements.take(), [{ type: 'excluded', reason: 'lied' }]);
});
