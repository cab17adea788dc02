import t from 'tap';
import { catalogue, Fault, toFault } from '../../src/actors/index.ts';

const errors = catalogue({
  TEST_LEASE_EXPIRED: { says: 'The lease {lease} expired at {at}.', todo: 'Ask for a new one.', retry: true },
  TEST_BROKEN: { says: 'It broke: {reason}.', todo: 'Report it.', retry: false },
});

t.test('a catalogue makes faults that say what, why and what to do', async (t) => {
  const cause = new TypeError('deep');
  const fault = errors.TEST_LEASE_EXPIRED({ lease: 'l1', at: 5 }, cause);
  t.type(fault, Fault);
  t.type(fault, Error);
  t.same(
    [fault.name, fault.code, fault.message, fault.todo, fault.retry],
    ['Fault', 'TEST_LEASE_EXPIRED', 'The lease l1 expired at 5.', 'Ask for a new one.', true],
  );
  t.equal(fault.cause, cause);
});

t.test('a hole without its detail stays visible', async (t) => {
  t.equal(errors.TEST_LEASE_EXPIRED({ at: 5 }).message, 'The lease {lease} expired at 5.');
  t.equal(errors.TEST_BROKEN().message, 'It broke: {reason}.');
});

t.test('a fault survives a process boundary', async (t) => {
  const fault = errors.TEST_LEASE_EXPIRED({ lease: 'l1', at: 5 });
  const arrived = Fault.fromWire(JSON.parse(JSON.stringify(fault.toWire())));
  t.same(arrived.toWire(), fault.toWire());
  t.type(arrived, Fault);
});

t.test('whatever was thrown becomes a fault, and a fault stays the one it is', async (t) => {
  const fault = errors.TEST_BROKEN({ reason: 'x' });
  t.equal(toFault(fault, errors.TEST_LEASE_EXPIRED), fault);
  const thrown = new RangeError('too far');
  const made = toFault(thrown, errors.TEST_BROKEN);
  t.same([made.code, made.message, made.cause], ['TEST_BROKEN', 'It broke: too far.', thrown]);
  t.equal(toFault('just text', errors.TEST_BROKEN).message, 'It broke: just text.');
});

t.test('the catalogue keeps its entries for the documentation, and cannot be changed', async (t) => {
  t.same(Object.keys(errors.entries), ['TEST_LEASE_EXPIRED', 'TEST_BROKEN']);
  t.throws(() => Object.assign(errors, { TEST_BROKEN: undefined }), TypeError);
});
