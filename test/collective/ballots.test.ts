import t from 'tap';
import type { Digest } from '../../src/actors/index.ts';
import {
  askComparison,
  compared,
  foundFirstClass,
  refound,
  tallyOf,
  vote,
} from '../../src/collective/ballots.ts';
import { newReplica } from '../../src/collective/replica.ts';
import { newUnit, type UnitEffect, type UnitRule, type UnitState } from '../../src/collective/unit-state.ts';
import { digest, drafts, place, quorumOf, succeeded, unitIndex } from './fakes/samples.ts';

const rule: UnitRule = { quorum: quorumOf(3), compare: 'plugin' };

function unitWith(...texts: string[]): UnitState {
  const unit = newUnit(unitIndex(0), drafts(1)[0]!, rule);
  for (const [ordinal, text] of texts.entries()) {
    const replica = newReplica(ordinal, place(`p${ordinal}`), 0);
    unit.replicas.push(replica);
    const said = succeeded(ordinal, text);
    replica.digest = said.digest;
    vote(unit, replica, said, rule);
  }
  return unit;
}

t.test('by digest a class is known at once', async (t) => {
  const unit = newUnit(unitIndex(0), drafts(1)[0]!, rule);
  const replica = newReplica(0, place('ann'), 0);
  vote(unit, replica, succeeded(0, 'a'), { ...rule, compare: 'digest' });
  t.equal(replica.ballot, digest('a'));
});

t.test('the first output founds a class; the others wait to be compared, one at a time', async (t) => {
  const unit = unitWith('1.0', '1.1', '1.2');
  foundFirstClass(unit);
  t.same(tallyOf(unit), { ballots: [digest('1.0')], pending: 2, failed: 0, issued: 3 });
  const effects: UnitEffect[] = [];
  askComparison(unit, effects);
  askComparison(unit, effects);
  t.match(effects, [
    { type: 'compare', digest: digest('1.1'), representatives: [{ digest: digest('1.0') }] },
  ]);
  t.equal(effects.length, 1);
});

t.test('an answer settles every replica with the same bytes', async (t) => {
  const unit = unitWith('1.0', '1.1', '1.1');
  foundFirstClass(unit);
  askComparison(unit, []);
  compared(unit, digest('1.1'), digest('1.0'));
  t.same(tallyOf(unit).ballots, [digest('1.0'), digest('1.0'), digest('1.0')]);
});

t.test('an answer to another question, or about a class that is gone, changes nothing', async (t) => {
  const unit = unitWith('1.0', '1.1');
  foundFirstClass(unit);
  compared(unit, digest('1.1'), digest('1.0'));
  t.equal(tallyOf(unit).pending, 1);
  askComparison(unit, []);
  compared(unit, digest('1.1'), 'gone' as Digest);
  t.equal(tallyOf(unit).pending, 1);
});

t.test('a class whose founder is void is named after another member', async (t) => {
  const unit = unitWith('1.0', '1.1');
  foundFirstClass(unit);
  askComparison(unit, []);
  compared(unit, digest('1.1'), digest('1.0'));
  unit.replicas[0]!.state = 'void';
  unit.replicas[0]!.ballot = '';
  refound(unit, digest('1.0'));
  t.same(tallyOf(unit).ballots, [digest('1.1')]);
});
