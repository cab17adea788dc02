import t from 'tap';
import { historyOf, keyOf, mayServe, Ready, type Urgency } from '../../src/collective/ready.ts';
import { unitMachine } from '../../src/collective/unit.ts';
import { newUnit, type UnitEvent, type UnitRule } from '../../src/collective/unit-state.ts';
import { drafts, failed, place, quorumOf, succeeded, unitIndex } from './fakes/samples.ts';

const rule: UnitRule = { quorum: quorumOf(2), compare: 'digest' };
const machine = unitMachine(rule);

function scene() {
  const ready = new Ready(2);
  const unit = newUnit(unitIndex(0), drafts(1)[0]!, rule);
  ready.update(unit);
  const tell = (event: UnitEvent) => {
    machine.step(unit, event, 1);
    ready.update(unit);
  };
  const keys = (urgency: Urgency) => [...ready.buckets(urgency)].map(({ key }) => key);
  return { ready, unit, tell, keys };
}

t.test('a unit is fresh, then started, then gone, as its replicas are assigned', async (t) => {
  const { ready, tell, keys } = scene();
  t.same([ready.wanted, keys('fresh')], [2, ['']]);
  tell({ type: 'assigned', place: place('ann') });
  t.same([ready.wanted, keys('fresh'), keys('started')], [1, [], ['owner-ann']]);
  tell({ type: 'assigned', place: place('bob') });
  t.same([ready.wanted, keys('started')], [0, []]);
});

t.test('a unit that needs more than its target is a retry', async (t) => {
  const { tell, keys, unit } = scene();
  tell({ type: 'assigned', place: place('ann') });
  tell({ type: 'assigned', place: place('bob') });
  tell({ type: 'returned', returned: failed(0) });
  t.same(keys('retry'), ['owner-bob/owner-ann']);
  t.match(historyOf(unit, 2), { barred: ['owner-bob'], avoided: ['owner-ann'] });
});

t.test('two that disagree leave the unit as a retry closed to both', async (t) => {
  const { tell, keys } = scene();
  tell({ type: 'assigned', place: place('bob') });
  tell({ type: 'assigned', place: place('ann') });
  tell({ type: 'returned', returned: succeeded(0, 'right') });
  tell({ type: 'returned', returned: succeeded(1, 'wrong') });
  t.same(keys('retry'), ['owner-ann,owner-bob']);
});

t.test('a key does not depend on the order of owners', async (t) => {
  const [ann, bob] = [place('ann').owner, place('bob').owner];
  t.equal(keyOf([ann, bob], []), keyOf([bob, ann], []));
  t.not(keyOf([ann], [bob]), keyOf([ann, bob], []));
});

t.test('who has voted never serves again; who has lost only when nobody else could', async (t) => {
  const [ann, bob] = [place('ann').owner, place('bob').owner];
  const history = { barred: [ann], avoided: [bob] };
  t.equal(
    mayServe(history, ann, () => false),
    false,
  );
  t.equal(
    mayServe(history, bob, () => true),
    false,
  );
  t.equal(
    mayServe(history, bob, () => false),
    true,
  );
  t.equal(
    mayServe(history, place('carl').owner, () => true),
    true,
  );
});
