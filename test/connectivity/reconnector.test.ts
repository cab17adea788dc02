import t from 'tap';
import { seededRandom, simulatedClock } from '../../src/actors/index.ts';
import { backOffMs, keepConnected } from '../../src/connectivity/reconnector.ts';

/** Lets promises settle: dials here take no time of the clock. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

function world(targets: readonly string[]) {
  const clock = simulatedClock(0);
  const connected = new Set<string>();
  const reachable = new Set<string>();
  const dials: string[] = [];
  const reconnector = keepConnected({
    targets,
    isConnected: (target) => connected.has(target),
    dial: async (target) => {
      dials.push(`${target} at ${Math.round(clock.now() / 1_000)} s`);
      if (!reachable.has(target)) throw new TypeError('nobody there');
      connected.add(target);
    },
    clock,
    random: seededRandom('reconnector'),
  });
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 250) {
      clock.advance(250);
      await settle();
    }
  };
  return { clock, connected, reachable, dials, reconnector, pass };
}

t.test('an unreachable target is dialed for ever, less and less often', async (t) => {
  const { dials, pass, reachable, connected } = world(['boot']);
  await settle();
  t.equal(dials.length, 1);
  await pass(10_000);
  const early = dials.length;
  t.ok(early >= 4, `${early} in the first ten seconds`);
  await pass(3_600_000);
  const hourly = dials.length - early;
  t.ok(hourly >= 60 && hourly <= 130, `${hourly} in an hour`);
  reachable.add('boot');
  await pass(60_000);
  t.ok(connected.has('boot'));
});

t.test('a lost connection is dialed again at once, though the loss came after a long peace', async (t) => {
  const { connected, dials, pass, reachable, reconnector } = world(['boot']);
  reachable.add('boot');
  await pass(100_000);
  t.equal(dials.length, 2, 'the first try, and the one when it could be reached');
  connected.delete('boot');
  reconnector.lost();
  await pass(1_000);
  t.ok(connected.has('boot'));
  t.equal(dials.length, 3);
});

t.test('a loss that nobody reports is found out', async (t) => {
  const { connected, pass, reachable } = world(['boot']);
  reachable.add('boot');
  await pass(2_000);
  connected.delete('boot');
  await pass(16_000);
  t.ok(connected.has('boot'));
});

t.test('reports of other losses do not hurry one that backs off', async (t) => {
  const { dials, pass, reconnector } = world(['boot']);
  await pass(120_000);
  const before = dials.length;
  for (let index = 0; index < 100; index += 1) reconnector.lost();
  await pass(1_000);
  t.ok(dials.length - before <= 1);
});

t.test('each target is on its own, and none is dialed after the end', async (t) => {
  const { clock, connected, dials, pass, reachable, reconnector } = world(['one', 'two']);
  reachable.add('two');
  await pass(5_000);
  t.notOk(connected.has('one'));
  t.ok(connected.has('two'));
  reconnector.stop();
  const before = dials.length;
  await pass(100_000);
  t.equal(dials.length, before);
  t.equal(clock.nextAt(), undefined, 'no timer is left');
});

t.test('a dial that hangs is given up', async (t) => {
  const clock = simulatedClock(0);
  let hung = 0;
  const reconnector = keepConnected({
    targets: ['boot'],
    isConnected: () => false,
    dial: (_target, signal) =>
      new Promise((_resolve, reject) => {
        hung += 1;
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
    clock,
    random: seededRandom('hang'),
  });
  clock.advance(15_000);
  await settle();
  clock.advance(1_000);
  t.equal(hung, 2);
  reconnector.stop();
});

t.test('the back-off grows to a minute, and at least half of it is certain', (t) => {
  const random = seededRandom('back-off');
  for (let attempt = 1; attempt < 2_000; attempt += 1) {
    const ceiling = Math.min(60_000, 500 * 2 ** (attempt - 1));
    const delayMs = backOffMs(attempt, random);
    if (delayMs < ceiling / 2 || delayMs > ceiling) t.fail(`attempt ${attempt}: ${delayMs}`);
  }
  t.pass('two thousand attempts');
  t.end();
});
