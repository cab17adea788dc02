import t from 'tap';
import { type Runnable, seededRandom, simulatedClock, simulatedDispatcher } from '../../src/actors/index.ts';

function dispatcherOf(seed: string) {
  const clock = simulatedClock(0);
  return { clock, dispatcher: simulatedDispatcher(clock, seededRandom(seed)) };
}

const logging = (log: (string | number)[], name: string): Runnable => ({
  turn(mailsMax) {
    t.ok(mailsMax >= 1 && mailsMax <= 256);
    log.push(name);
    return 1;
  },
});

t.test('the order of turns is drawn from the seed, and everybody gets one', async (t) => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const orderOf = async (seed: string) => {
    const { dispatcher } = dispatcherOf(seed);
    const log: string[] = [];
    for (const name of names) dispatcher.schedule(logging(log, name));
    await dispatcher.run();
    return log;
  };
  const order = await orderOf('1');
  t.same(order, await orderOf('1'));
  t.notSame(order, await orderOf('2'));
  t.same([...order].sort(), names);
});

t.test('it runs until no promise that can settle is left, while time stands still', async (t) => {
  const { clock, dispatcher } = dispatcherOf('promises');
  const log: string[] = [];
  dispatcher.schedule({
    turn() {
      void (async () => {
        for (let hop = 0; hop < 50; hop += 1) await undefined;
        dispatcher.schedule(logging(log, 'after fifty hops'));
      })();
      return 1;
    },
  });
  await dispatcher.run();
  t.same(log, ['after fifty hops']);
  t.equal(clock.now(), 0);
});

t.test('time goes from timer to timer, and all turns are run in between', async (t) => {
  const { clock, dispatcher } = dispatcherOf('timers');
  const log: string[] = [];
  const tick = (name: string) => () =>
    dispatcher.schedule({
      turn() {
        log.push(`${name} ${clock.now()}`);
        if (name === 'a') clock.after(5, tick('b'));
        return 1;
      },
    });
  clock.after(10, tick('a'));
  clock.after(30, tick('c'));
  await dispatcher.runUntil(20);
  t.same(log, ['a 10', 'b 15']);
  t.equal(clock.now(), 20);
  await dispatcher.runUntil(30);
  t.same(log, ['a 10', 'b 15', 'c 30']);
});
