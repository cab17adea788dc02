import t from 'tap';
import { decode, encode } from '../../src/actors/index.ts';
import { unitMachine } from '../../src/collective/unit.ts';
import { type UnitRow, unitFromRow, unitRow } from '../../src/collective/unit-codec.ts';
import { newUnit, type UnitRule } from '../../src/collective/unit-state.ts';
import { drafts, failed, place, quorumOf, succeeded, unitIndex } from './fakes/samples.ts';

const rule: UnitRule = { quorum: quorumOf(2), compare: 'digest' };

t.test('an open unit comes back as it was', async (t) => {
  const machine = unitMachine(rule);
  const unit = newUnit(unitIndex(3), drafts(1)[0]!, rule);
  for (const name of ['ann', 'bob', 'carl']) machine.step(unit, { type: 'assigned', place: place(name) }, 1);
  machine.step(unit, { type: 'returned', returned: succeeded(0, 'right') }, 2);
  machine.step(unit, { type: 'returned', returned: failed(1) }, 3);
  t.same(unitFromRow(decode(encode(unitRow(unit))) as UnitRow), unit);
});

t.test('a final unit keeps what judging late replicas needs, and no more', async (t) => {
  const machine = unitMachine(rule);
  const unit = newUnit(unitIndex(3), drafts(1)[0]!, rule);
  for (const name of ['ann', 'bob', 'carl']) machine.step(unit, { type: 'assigned', place: place(name) }, 1);
  for (const ordinal of [0, 1])
    machine.step(unit, { type: 'returned', returned: succeeded(ordinal, 'right') }, 2);
  const back = unitFromRow(decode(encode(unitRow(unit))) as UnitRow);
  t.equal(back.replicas[0]?.usage, undefined);
  const late = machine.step(back, { type: 'returned', returned: succeeded(2, 'wrong') }, 3);
  t.match(late.effects, [{ type: 'judged', as: 'disagreed' }]);
});
