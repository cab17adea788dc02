import t from 'tap';
import type { ActorRef, Behaviour, Context, Fault } from '../../src/actors/index.ts';
import { simulate } from './simulation.ts';

const turnOf = (handle: (mail: string, context: Context<string>) => void): Behaviour<string> => ({
  receive: handle,
});

t.test('the outcome of work comes back as mail, good or bad', async (t) => {
  const { system, dispatcher } = simulate('pipe');
  const log: string[] = [];
  const ref = system.spawn('a', () =>
    turnOf((mail, context) => {
      log.push(mail);
      if (mail !== 'go') return;
      const failed = (fault: Fault) => `${fault.code} ${fault.message}`;
      context.pipe(Promise.resolve(7), (value) => `got ${value}`, failed);
      context.pipe(Promise.reject(new TypeError('no luck')), String, failed);
    }),
  );
  ref.tell('go');
  await dispatcher.run();
  t.match(log, ['go', 'got 7', /^ACTORS_WORK_FAILED .*no luck/]);
});

t.test('an outcome that cannot be made into mail is a failure of the actor', async (t) => {
  const { system, dispatcher, events } = simulate('bad mail');
  const ref = system.spawn('a', () =>
    turnOf((mail, context) => {
      const broken = (): string => {
        throw new TypeError('no mail');
      };
      if (mail === 'go') context.pipe(Promise.resolve(), broken, broken);
    }),
  );
  ref.tell('go');
  await dispatcher.run();
  t.match(events.find(({ topic }) => topic === 'actor.failed')?.fault, { message: /no mail/ });
});

t.test('an outcome for an earlier life is not even looked at', async (t) => {
  const { system, dispatcher, seen } = simulate('late outcome');
  const work = Promise.withResolvers<string>();
  const ref = system.spawn('a', () =>
    turnOf((mail, context) => {
      if (mail === 'crash') throw new TypeError('crash');
      context.pipe(work.promise, (): string => t.fail('looked at') as never, String);
    }),
  );
  ref.tell('go');
  ref.tell('crash');
  await dispatcher.run();
  work.resolve('late');
  await dispatcher.run();
  t.equal(seen('actor.failed').length, 1);
});

t.test('a schedule sends after its delay, unless it is cancelled', async (t) => {
  const { system, dispatcher, clock } = simulate('schedule');
  const log: string[] = [];
  system.spawn<string>('a', () => ({
    start(context) {
      context.schedule(50, 'late');
      context.schedule(10, 'soon');
      context.schedule(20, 'never')();
    },
    receive: (mail) => void log.push(`${mail} ${clock.now()}`),
  }));
  await dispatcher.runUntil(1_030);
  t.same(log, ['soon 1010']);
  await dispatcher.runUntil(2_000);
  t.same(log, ['soon 1010', 'late 1050']);
});

t.test('what one life has asked for does not reach the next, but its user mail does', async (t) => {
  const { system, dispatcher } = simulate('two lives');
  const work = Promise.withResolvers<string>();
  const log: string[] = [];
  let lives = 0;
  const other = system.spawn('other', () => turnOf((_mail, context) => context.stop()));
  const ref = system.spawn<string>('a', () => {
    const life = ++lives;
    return {
      start(context) {
        if (life > 1) return;
        context.schedule(10, 'timer');
        context.watch(other, 'other is gone');
        context.pipe(work.promise, (value) => value, String);
        context.hold();
      },
      receive(mail) {
        log.push(`${life}: ${mail}`);
        if (mail === 'crash') throw new TypeError('crash');
      },
    };
  });
  ref.tell('waits for the hold');
  await dispatcher.run();
  t.same(log, []);
  work.resolve('crash');
  await dispatcher.run();
  t.same(log, ['1: crash', '2: waits for the hold']);
  other.tell('stop');
  await dispatcher.runUntil(5_000);
  t.equal(log.length, 2);
});

t.test('whoever watches learns that an actor has stopped for good, not that it was restarted', async (t) => {
  const { system, dispatcher } = simulate('watch');
  const log: string[] = [];
  const watched = system.spawn('watched', () =>
    turnOf((mail, context) => {
      if (mail === 'crash') throw new TypeError('crash');
      context.stop();
    }),
  );
  const watcher = system.spawn('watcher', () =>
    turnOf((mail, context) => {
      log.push(mail);
      if (mail === 'look') context.watch(watched, 'gone');
    }),
  );
  watcher.tell('look');
  await dispatcher.run();
  watched.tell('crash');
  await dispatcher.run();
  t.same(log, ['look']);
  watched.tell('stop');
  await dispatcher.run();
  t.same(log, ['look', 'gone']);
  watcher.tell('look');
  await dispatcher.run();
  t.same(log, ['look', 'gone', 'look', 'gone'], 'at once when it is already gone');
});

t.test('a reference that cannot tell is never reported', async (t) => {
  const { system, dispatcher } = simulate('blind');
  const blind: ActorRef<string> = { path: '/elsewhere', tell: () => 'stopped' };
  const log: string[] = [];
  system.spawn<string>('a', () => ({
    start: (context) => context.watch(blind, 'gone'),
    receive: (mail) => void log.push(mail),
  }));
  await dispatcher.run();
  t.same(log, []);
});

t.test('a held actor reads no user mail until the last hold is let go', async (t) => {
  const { system, dispatcher } = simulate('hold');
  const log: string[] = [];
  const release: (() => void)[] = [];
  const ref = system.spawn<string>(
    'a',
    () => ({
      start(context) {
        release.push(context.hold(), context.hold());
        context.schedule(0, 'timer');
      },
      receive: (mail) => void log.push(mail),
    }),
    { mailboxMax: 1 },
  );
  t.same([ref.tell('user'), ref.tell('more')], ['accepted', 'full']);
  await dispatcher.runUntil(1_000);
  t.same(log, ['timer']);
  for (const letGo of release) {
    t.same(log, ['timer']);
    letGo();
    await dispatcher.run();
  }
  t.same(log, ['timer', 'user']);
});

t.test('an actor that asks for far too much at a time fails, whatever it asks for', async (t) => {
  const never = new Promise<string>(() => {});
  const askFor: Record<string, (context: Context<string>) => void> = {
    timers: (context) => void context.schedule(1_000, 'x'),
    work: (context) => context.pipe(never, String, String),
    holds: (context) => void context.hold(),
  };
  for (const [what, ask] of Object.entries(askFor)) {
    const { system, dispatcher, events } = simulate(what);
    const ref = system.spawn('a', () =>
      turnOf((_mail, context) => {
        for (let count = 0; count <= 65_536; count += 1) ask(context);
      }),
    );
    ref.tell('go');
    await dispatcher.run();
    const failed = events.find(({ topic }) => topic === 'actor.failed');
    t.equal(failed?.fault?.code, 'ACTORS_OUTSTANDING_FULL', what);
  }
});

t.test('an event of an actor carries its path and the time', async (t) => {
  const { system, events } = simulate('inspect');
  system.spawn('a', () => ({
    start: (context) => context.inspect({ topic: 'task.started', details: { task: 't1' } }),
    receive() {},
  }));
  const event = events.find(({ topic }) => topic === 'task.started');
  t.match(event, { path: '/a', at: 1_000, details: { task: 't1' } });
});
