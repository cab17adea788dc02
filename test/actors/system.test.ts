import t from 'tap';
import { createSystem, type Fault, systemClock, systemRandom } from '../../src/actors/index.ts';
import { simulate } from './simulation.ts';

t.test('a system on the real clock and event loop delivers, and can be stopped twice', async (t) => {
  const system = createSystem({ name: 'real', clock: systemClock(), random: systemRandom() });
  const got = await new Promise<string>((resolve) => {
    const pong = system.spawn<string>('pong', () => ({ receive: resolve }));
    const ping = system.spawn<string>('ping', () => ({
      receive: (_mail, context) => void context.schedule(1, 'tick'),
      turnEnd: () => void pong.tell('pong'),
    }));
    ping.tell('ping');
  });
  t.equal(got, 'pong');
  await system.stop();
  await system.stop();
  t.throws(() => system.spawn('late', () => ({ receive() {} })), { code: 'ACTORS_ASSERTION' });
});

t.test('actors stop in the reverse order of their start', async (t) => {
  const { system, seen } = simulate('reverse');
  for (const name of ['journal', 'executor', 'host']) system.spawn(name, () => ({ receive() {} }));
  await system.stop();
  t.same(
    seen('actor.stopped').map((line) => line.split(' ')[1]),
    ['/host', '/executor', '/journal', ''],
  );
});

t.test('a system whose actors fail too often stops all of them, and says so once', async (t) => {
  const failures: Fault[] = [];
  const supervision = { strategy: 'one-for-one', intensity: { restartsMax: 0, periodMs: 1 } } as const;
  const { system, dispatcher, seen } = simulate('doomed', {
    supervision,
    failed: (fault) => void failures.push(fault),
  });
  system.spawn('healthy', () => ({ receive() {} }));
  const sick = system.spawn<string>('sick', () => ({
    receive() {
      throw new TypeError('sick');
    },
  }));
  sick.tell('x');
  await dispatcher.run();
  t.match(failures, [{ code: 'ACTORS_RESTARTS_EXCEEDED' }]);
  t.same(seen('actor.stopped'), ['actor.stopped /sick', 'actor.stopped /healthy', 'actor.stopped ']);
});

t.test('a system can be stopped from within a handler, which is finished first', async (t) => {
  const { system, dispatcher } = simulate('suicide');
  const log: string[] = [];
  const ref = system.spawn<string>('a', () => ({
    receive() {
      void system.stop().then(() => log.push('system stopped'));
      log.push('handled');
    },
    stop: () => void log.push('stopped'),
  }));
  ref.tell('go');
  await dispatcher.run();
  t.same(log, ['handled', 'stopped', 'system stopped']);
});

t.test('the same seed gives the same run, another seed another order', async (t) => {
  const runOf = async (seed: string): Promise<string> => {
    const { system, dispatcher } = simulate(seed);
    const log: string[] = [];
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const ref = system.spawn<number>(name, () => ({
        receive: (mail) => void log.push(`${name}${mail}`),
        turnEnd: () => void log.push('.'),
      }));
      for (let mail = 0; mail < 40; mail += 1) ref.tell(mail);
    }
    await dispatcher.run();
    return log.join(' ');
  };
  t.equal(await runOf('one'), await runOf('one'));
  t.not(await runOf('one'), await runOf('two'));
});
