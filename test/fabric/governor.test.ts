import fc from 'fast-check';
import t from 'tap';
import { MINUTE_MS, SECOND_MS } from '../../src/actors/index.ts';
import {
  type GovernorEvent,
  governorMachine,
  governorState,
  type Verdict,
} from '../../src/fabric/governor.ts';
import { parsePreferences } from '../../src/fabric/preferences.ts';
import type { Reading } from '../../src/fabric/reading.ts';

const SLOTS = 8;

const idle = (minutes: number | null): Reading => ({
  kind: 'presence',
  idleMs: minutes === null ? null : minutes * MINUTE_MS,
});
const battery = (onBattery: boolean): Reading => ({ kind: 'power', onBattery });
const celsius = (temperatureCelsius: number | null): Reading => ({
  kind: 'cpu',
  load: 1,
  coreLoads: [],
  temperatureCelsius,
});
const programs = (...running: string[]): Reading => ({ kind: 'programs', running });
const memory = (percentOurs: number): Reading => ({
  kind: 'memory',
  bytesTotal: 1_000,
  bytesAvailable: 10,
  bytesOurs: 10 * percentOurs,
});

/** A governor whose clock is told; remembers what it has ordered. */
function governor(preferences: unknown = {}) {
  let state = governorState(parsePreferences(preferences), SLOTS);
  let now = new Date('2026-06-01T12:00:00').getTime();
  const orders: Verdict[] = [];
  const give = (event: GovernorEvent): Verdict => {
    const step = governorMachine.step(state, event, now);
    state = step.state;
    orders.push(...step.effects.map(({ verdict }) => verdict));
    return state.verdict!;
  };
  return {
    orders,
    give,
    reads: (reading: Reading) => give({ type: 'reading', reading }),
    later: (ms: number) => {
      now += ms;
    },
  };
}

t.test('without anything against it, work runs on all slots while the owner is away', async (t) => {
  const { reads } = governor();
  t.same(reads(idle(10)), { state: 'run', slots: SLOTS, reason: 'Nothing stands against work.' });
});

t.test('while the owner is there, or nobody knows, it keeps to its share', async (t) => {
  const { reads } = governor({ cpuPercentBusy: 25 });
  t.match(reads(celsius(40)), { state: 'throttle', slots: 2 });
  t.match(reads(idle(10)), { state: 'run', slots: 8 });
  t.match(reads(idle(1)), { state: 'throttle', slots: 2 });
  t.match(reads(idle(null)), { state: 'throttle', slots: 2 });
});

t.test('a share is never less than one task, and cores cap it', async (t) => {
  t.match(governor({ cpuPercentBusy: 0 }).reads(idle(0)), { state: 'throttle', slots: 1 });
  t.match(governor({ cores: 3 }).reads(idle(10)), { state: 'throttle', slots: 3, reason: /3 processors/ });
  t.match(governor({ cores: 3 }).reads(idle(0)), { state: 'throttle', slots: 1 });
  t.match(governor({ cores: 100 }).reads(idle(10)), { state: 'run', slots: 8 });
});

t.test('one reading is enough to suspend, each with its reason', async (t) => {
  const cases: [unknown, Reading, RegExp][] = [
    [{}, battery(true), /battery/],
    [{}, celsius(90), /hotter than 90 °C/],
    [{ exclusivePrograms: ['doom'] }, programs('doom'), /doom/],
    [{ onlyWhenIdle: true }, idle(2), /after 3 minutes without you/],
    [{ onlyWhenIdle: true }, idle(null), /cannot be told/],
    [{ memoryPercentBusy: 30 }, memory(31), /30 % of memory/],
    [{ windows: [{ from: '22:00', to: '06:00' }] }, idle(10), /outside the hours/],
  ];
  for (const [preferences, reading, reason] of cases) {
    const { reads, orders } = governor(preferences);
    t.match(reads(reading), { state: 'suspend', slots: 0, reason });
    t.equal(orders.length, 1);
  }
});

t.test('what is allowed does not suspend', async (t) => {
  t.match(governor({ onBattery: true }).reads(battery(true)), { state: 'throttle' });
  t.match(governor({ onlyWhenIdle: true }).reads(idle(3)), { state: 'run' });
  t.match(governor({ windows: [{ from: '11:00', to: '13:00' }] }).reads(idle(10)), { state: 'run' });
  t.match(governor().reads(celsius(null)), { state: 'throttle' });
  const away = governor({ memoryPercentBusy: 30 });
  away.reads(idle(10));
  t.match(away.reads(memory(80)), { state: 'run' }, 'more memory while the owner is away');
});

t.test('work goes on only after it has been calm for a while', async (t) => {
  const { reads, later, orders } = governor();
  reads(idle(10));
  t.match(reads(battery(true)), { state: 'suspend' });
  t.match(reads(battery(false)), { state: 'suspend', reason: /in a moment/ });
  later(9 * SECOND_MS);
  t.match(reads(battery(false)), { state: 'suspend' });
  t.match(reads(battery(true)), { state: 'suspend', reason: 'The machine runs on battery.' });
  later(9 * SECOND_MS);
  t.match(reads(battery(false)), { state: 'suspend' });
  later(SECOND_MS);
  t.match(reads(battery(false)), { state: 'run' });
  t.same(
    orders.map(({ state }) => state),
    ['run', 'suspend', 'suspend', 'suspend', 'suspend', 'run'],
  );
});

t.test('a processor at its limit cools down before work goes on', async (t) => {
  const { reads, later } = governor({ cpuTemperatureCelsiusMax: 80 });
  t.match(reads(celsius(79)), { state: 'throttle' });
  reads(celsius(80));
  for (const degrees of [79, 75, 70]) {
    later(20 * SECOND_MS);
    t.match(reads(celsius(degrees)), { state: 'suspend', reason: /hotter than 80/ }, `${degrees}`);
  }
  later(20 * SECOND_MS);
  t.match(reads(celsius(69)), { state: 'throttle' }, 'cool, and the last objection is long ago');
});

t.test('the owner’s word comes first, and is taken back at once', async (t) => {
  const { give, reads } = governor();
  reads(idle(10));
  t.match(give({ type: 'pause', reason: 'a presentation' }), { state: 'suspend', reason: 'a presentation' });
  t.match(reads(battery(true)), { reason: 'a presentation' });
  t.match(give({ type: 'pause', reason: 'a longer one' }), { reason: 'a longer one' });
  t.match(give({ type: 'resume' }), { state: 'suspend', reason: /battery/ }, 'the machine judges again');
  const unhurt = governor();
  unhurt.give({ type: 'pause', reason: 'x' });
  t.match(unhurt.give({ type: 'resume' }), { state: 'throttle' });
});

t.test('an old reading is no reading', async (t) => {
  const { reads, later } = governor({ onlyWhenIdle: true });
  t.match(reads(idle(10)), { state: 'run' });
  later(3 * MINUTE_MS);
  t.match(reads(celsius(40)), { state: 'suspend', reason: /cannot be told/ });
});

t.test('nothing is ordered twice', async (t) => {
  const { reads, orders, later } = governor();
  for (let second = 0; second < 100; second++) {
    later(SECOND_MS);
    reads(idle(10 + second));
    reads(celsius(95 + (second % 3)));
  }
  t.same(
    orders.map(({ state }) => state),
    ['run', 'suspend'],
  );
});

t.test('whatever is read, suspended means no slots and running means some', async (t) => {
  const reading = fc.oneof(
    fc.option(fc.integer({ min: 0, max: 100 })).map(idle),
    fc.boolean().map(battery),
    fc.option(fc.integer({ min: 0, max: 120 })).map(celsius),
    fc.integer({ min: 0, max: 100 }).map(memory),
    fc.constantFrom(programs(), programs('doom')),
  );
  const event: fc.Arbitrary<GovernorEvent> = fc.oneof(
    { weight: 8, arbitrary: reading.map((reading) => ({ type: 'reading' as const, reading })) },
    { weight: 1, arbitrary: fc.constant({ type: 'pause' as const, reason: 'pause' }) },
    { weight: 1, arbitrary: fc.constant({ type: 'resume' as const }) },
  );
  const history = fc.array(fc.tuple(event, fc.integer({ min: 0, max: 60_000 })), { maxLength: 40 });
  const law = fc.property(history, fc.boolean(), (events, onlyWhenIdle) => {
    const { give, later, orders } = governor({ onlyWhenIdle });
    for (const [event, ms] of events) {
      later(ms);
      const { state, slots, reason } = give(event);
      if ((state === 'suspend') !== (slots === 0) || slots > SLOTS || reason === '') return false;
      if (event.type === 'reading' && event.reading.kind === 'power' && event.reading.onBattery && slots > 0)
        return false;
    }
    return orders.every((order, at) => JSON.stringify(order) !== JSON.stringify(orders[at + 1]));
  });
  fc.assert(law, { numRuns: 300 });
  t.pass('300 histories');
});
