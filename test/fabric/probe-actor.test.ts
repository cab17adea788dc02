import t from 'tap';
import {
  createSystem,
  type Inspection,
  SECOND_MS,
  seededRandom,
  simulatedClock,
  simulatedDispatcher,
} from '../../src/actors/index.ts';
import { probeBehaviour } from '../../src/fabric/probe-actor.ts';

const INTERVAL_MS = 5 * SECOND_MS;

/** A probe of what `read` gives, its listener's mail, and time that can be let go by. */
function probing(read: () => Promise<number>) {
  const clock = simulatedClock(0);
  const random = seededRandom('probe');
  const dispatcher = simulatedDispatcher(clock, random);
  const faults: Inspection[] = [];
  const inspect = (event: Inspection) => void (event.topic === 'probe.failed' && faults.push(event));
  const system = createSystem({ name: 'test', clock, random, dispatcher, inspectors: [inspect] });
  const got: { value: number; at: number }[] = [];
  const to = system.spawn<number>('listener', () => ({
    receive: (value, context) => void got.push({ value, at: context.clock.now() / SECOND_MS }),
  }));
  const spec = { name: 'test', intervalMs: INTERVAL_MS, read };
  system.spawn('probe', () => probeBehaviour(spec, to, (value) => value));
  return { got, faults, until: (seconds: number) => dispatcher.runUntil(seconds * SECOND_MS) };
}

t.test('readings come at once and then at each interval', async (t) => {
  let number = 0;
  const { got, until } = probing(async () => ++number);
  await until(12);
  t.same(got, [
    { value: 1, at: 0 },
    { value: 2, at: 5 },
    { value: 3, at: 10 },
  ]);
});

t.test('a probe that fails is asked less and less often, and is back at once when it works', async (t) => {
  let broken = true;
  let asked = 0;
  const { got, faults, until } = probing(async () => {
    asked += 1;
    if (broken) throw new Error('no such sensor');
    return asked;
  });
  await until(9);
  t.equal(asked, 1);
  await until(75);
  t.equal(asked, 4, 'after 10, 20 and 40 seconds');
  t.match(faults[0], { details: { probe: 'test', failures: 1 }, fault: { code: 'FABRIC_PROBE_FAILED' } });
  await until(24 * 3_600);
  t.ok(asked > 100, 'and never less often than every ten minutes');
  broken = false;
  await until(25 * 3_600);
  t.ok(got.length > 500, 'then at its interval');
});

t.test('a probe that never answers is given up, and what comes late is not believed', async (t) => {
  const answers: ((value: number) => void)[] = [];
  const { got, faults, until } = probing(() => new Promise((resolve) => answers.push(resolve)));
  await until(29);
  t.equal(faults.length, 0);
  await until(31);
  t.match(faults[0]?.fault?.message, /does not answer/);
  answers[0]!(1);
  await until(35);
  t.same(got, []);
  await until(41);
  answers[1]!(2);
  await until(42);
  t.same(got, [{ value: 2, at: 41 }]);
});
