import t from 'tap';
import { newReplica } from '../../src/collective/replica.ts';
import { isOut, newUnit } from '../../src/collective/unit-state.ts';
import { drafts, place, quorumOf, unitIndex } from './fakes/samples.ts';

t.test('a new unit wants its target and has nothing out', async (t) => {
  const rule = { quorum: quorumOf(2, { targetNresults: 3 }), compare: 'digest' as const };
  const unit = newUnit(unitIndex(0), drafts(1)[0]!, rule);
  t.equal(unit.wanted, 3);
  t.equal(isOut(unit), false);
  unit.replicas.push(newReplica(0, place('ann'), 1));
  t.equal(isOut(unit), true);
});
