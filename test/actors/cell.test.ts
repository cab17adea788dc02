import t from 'tap';
import type { ActorRef, Behaviour, Context } from '../../src/actors/index.ts';
import { simulate } from './simulation.ts';

/** Appends to `log` whatever happens to it; throws on `crash`. */
function recorder(log: string[], name = 'a', more: Partial<Behaviour<string>> = {}): Behaviour<string> {
  return {
    start: () => void log.push(`${name} starts`),
    receive(mail, context) {
      log.push(`${name} gets ${mail}`);
      if (mail === 'crash') throw new TypeError('crashed');
      if (mail === 'stop') context.stop();
    },
    stop: () => void log.push(`${name} stops`),
    ...more,
  };
}

t.test('mail is handled one at a time, in order, after the start', async (t) => {
  const { system, dispatcher } = simulate('order');
  const log: string[] = [];
  const ref = system.spawn('a', () => recorder(log));
  t.same([ref.path, ref.tell('1'), ref.tell('2')], ['/a', 'accepted', 'accepted']);
  t.same(log, ['a starts'], 'never within tell');
  await dispatcher.run();
  t.same(log, ['a starts', 'a gets 1', 'a gets 2']);
});

t.test('a turn ends once after all the mail that it handled, and never without mail', async (t) => {
  const { system, dispatcher } = simulate('turns');
  const turns: number[] = [];
  let handled = 0;
  const ref = system.spawn<number>('a', () => ({
    receive() {
      handled += 1;
    },
    turnEnd() {
      turns.push(handled);
      handled = 0;
    },
  }));
  for (let mail = 0; mail < 1_000; mail += 1) ref.tell(mail);
  await dispatcher.run();
  t.ok(turns.length > 1 && turns.every((count) => count > 0 && count <= 256), turns.join(' '));
  t.equal(
    turns.reduce((sum, count) => sum + count),
    1_000,
  );
  const before = turns.length;
  await dispatcher.run();
  t.equal(turns.length, before);
});

t.test('an actor that crashes starts afresh, keeps its reference and the mail that waited', async (t) => {
  const { system, dispatcher, seen, events } = simulate('crash');
  const log: string[] = [];
  const ref = system.spawn('a', () => recorder(log));
  for (const mail of ['1', 'crash', '2']) ref.tell(mail);
  await dispatcher.run();
  t.same(log, ['a starts', 'a gets 1', 'a gets crash', 'a stops', 'a starts', 'a gets 2']);
  t.same(seen('actor.failed'), ['actor.failed /a']);
  t.match(events.find(({ topic }) => topic === 'actor.failed')?.fault, {
    code: 'ACTORS_HANDLER_THREW',
    message: /crashed/,
  });
});

t.test('an actor that stops itself finishes its turn, and what waits becomes dead letters', async (t) => {
  const { system, dispatcher, events } = simulate('stop');
  const log: string[] = [];
  const ref = system.spawn('a', () =>
    recorder(log, 'a', { turnEnd: () => void log.push('a ends its turn') }),
  );
  for (const mail of ['1', 'stop', '2']) ref.tell(mail);
  await dispatcher.run();
  t.match(log.at(-1), 'a stops');
  t.equal(log.filter((line) => line === 'a gets 2').length, 0);
  t.equal(log.at(-2), 'a ends its turn');
  t.equal(ref.tell('3'), 'stopped');
  const dead = events.filter(({ topic }) => topic === 'mail.dead');
  t.same(
    dead.map(({ path, details }) => [path, details?.['type']]),
    [
      ['/a', 'string'],
      ['/a', 'string'],
    ],
  );
});

t.test('children start in order, stop before their parent and in reverse', async (t) => {
  const { system } = simulate('family');
  const log: string[] = [];
  const parent = (): Behaviour<string> =>
    recorder(log, 'parent', {
      start(context) {
        for (const name of ['one', 'two']) context.spawn(name, () => recorder(log, name));
        log.push('parent starts');
      },
    });
  system.spawn('parent', parent);
  t.same(log.splice(0), ['one starts', 'two starts', 'parent starts']);
  await system.stop();
  t.same(log, ['two stops', 'one stops', 'parent stops']);
});

t.test('a parent can stop a child, and give its name to another', async (t) => {
  const { system, dispatcher } = simulate('replace');
  const log: string[] = [];
  let children = 0;
  let child: ActorRef<string>;
  const parent = system.spawn<string>('parent', () => ({
    receive(_mail, context) {
      if (children > 0) context.stop(child);
      const name = `child ${++children}`;
      child = context.spawn('child', () => recorder(log, name));
    },
  }));
  parent.tell('next');
  parent.tell('next');
  await dispatcher.run();
  t.same(log, ['child 1 starts', 'child 1 stops', 'child 2 starts']);
});

t.test(
  'two living children of one name, or a name that is no path segment, are programmer errors',
  async (t) => {
    const { system } = simulate('names');
    system.spawn('a', () => recorder([]));
    t.throws(() => system.spawn('a', () => recorder([])), { code: 'ACTORS_ASSERTION' });
    for (const name of ['', 'a/b', 'a b', 'x'.repeat(129)]) {
      t.throws(() => system.spawn(name, () => recorder([])), { code: 'ACTORS_ASSERTION' });
    }
    system.spawn('12D3KooW.~:_-', () => recorder([]));
  },
);

t.test('a start that throws is thrown by spawn, and leaves nothing behind', async (t) => {
  const { system, seen } = simulate('bad start');
  const log: string[] = [];
  const broken = (): Behaviour<string> => ({
    start(context) {
      context.spawn('child', () => recorder(log, 'child'));
      throw new TypeError('no start');
    },
    receive() {},
    stop: () => void log.push('never started, never stopped'),
  });
  t.throws(() => system.spawn('a', broken), { code: 'ACTORS_HANDLER_THREW', message: /no start/ });
  t.same(log, ['child starts', 'child stops']);
  t.same(seen('actor.failed'), ['actor.failed /a']);
  system.spawn('a', () => recorder(log));
});

t.test('a stop that throws is reported, and stops nothing from stopping', async (t) => {
  const { system, seen } = simulate('bad stop');
  const log: string[] = [];
  system.spawn('a', () => recorder(log));
  system.spawn('b', () => ({
    receive() {},
    stop() {
      throw new TypeError('no stop');
    },
  }));
  await system.stop();
  t.same(log, ['a starts', 'a stops']);
  t.same(seen('actor.stop-failed'), ['actor.stop-failed /b']);
});

t.test('an actor stopped by a call from within its own handler stops after the handler', async (t) => {
  const { system, dispatcher } = simulate('inside out');
  const log: string[] = [];
  let stopChild = () => {};
  const parent = system.spawn<string>('parent', () => ({
    receive(_mail, context: Context<string>) {
      const child = context.spawn<string>('child', () => ({
        receive() {
          stopChild();
          log.push('still handling');
        },
        stop: () => void log.push('stopped'),
      }));
      stopChild = () => context.stop(child);
      child.tell('go');
    },
  }));
  parent.tell('go');
  await dispatcher.run();
  t.same(log, ['still handling', 'stopped']);
});

t.test('the word of the parent is the last one, also for a child that should always run', async (t) => {
  const { system, dispatcher } = simulate('last word');
  const log: string[] = [];
  let stopChild = () => {};
  system.spawn<string>('parent', () => ({
    start(context) {
      const child = context.spawn('child', () => recorder(log, 'child', { turnEnd: () => stopChild() }), {
        restart: 'permanent',
      });
      stopChild = () => context.stop(child);
      child.tell('stop');
    },
    receive() {},
  }));
  await dispatcher.run();
  t.same(log, ['child starts', 'child gets stop', 'child stops']);
});

t.test('a child that should always run starts again after it stopped itself', async (t) => {
  const { system, dispatcher } = simulate('permanent');
  const log: string[] = [];
  const ref = system.spawn('a', () => recorder(log), { restart: 'permanent' });
  ref.tell('stop');
  await dispatcher.run();
  t.same(log, ['a starts', 'a gets stop', 'a stops', 'a starts']);
  t.equal(ref.tell('1'), 'accepted');
});

t.test('a turn that finds nothing to read has no end', async (t) => {
  const { system, dispatcher } = simulate('nothing');
  let ends = 0;
  let hold = () => {};
  const ref = system.spawn<string>('a', () => ({
    start(context) {
      hold = () => void context.hold();
    },
    receive() {},
    turnEnd() {
      ends += 1;
    },
  }));
  ref.tell('1');
  hold();
  await dispatcher.run();
  t.equal(ends, 0);
});

t.test('a full mailbox is reported once until it was read', async (t) => {
  const { system, dispatcher, seen } = simulate('full');
  const ref = system.spawn<string>('a', () => ({ receive() {} }), { mailboxMax: 1 });
  t.same([ref.tell('1'), ref.tell('2'), ref.tell('3')], ['accepted', 'full', 'full']);
  t.same(seen('mailbox.full'), ['mailbox.full /a']);
  await dispatcher.run();
  t.same([ref.tell('1'), ref.tell('2')], ['accepted', 'full']);
  t.equal(seen('mailbox.full').length, 2);
});
