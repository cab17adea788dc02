import t from 'tap';
import { type ActorRef, type Behaviour, type ChildSpec, supervisor } from '../../src/actors/index.ts';
import { simulate } from './simulation.ts';

const crasher = (log: string[], name: string): Behaviour<string> => ({
  start: () => void log.push(`${name} starts`),
  receive() {
    throw new TypeError(`${name} crashed`);
  },
  stop: () => void log.push(`${name} stops`),
});

function specs(log: string[], refs: ActorRef<string>[], ...names: string[]): ChildSpec<never>[] {
  return names.map(
    (name): ChildSpec<string> => ({
      name,
      factory: () => crasher(log, name),
      started: (ref) => void refs.push(ref),
    }),
  );
}

t.test('a supervisor starts its children in order, and restarts those that its strategy names', async (t) => {
  const { system, dispatcher } = simulate('supervisor');
  const log: string[] = [];
  const refs: ActorRef<string>[] = [];
  const children = specs(log, refs, 'a', 'b', 'c');
  system.spawn('top', supervisor({ strategy: 'rest-for-one', children }));
  t.same(
    refs.map(({ path }) => path),
    ['/top/a', '/top/b', '/top/c'],
  );
  t.same(log.splice(0), ['a starts', 'b starts', 'c starts']);
  refs[1]?.tell('crash');
  await dispatcher.run();
  t.same(log.splice(0), ['c stops', 'b stops', 'b starts', 'c starts']);
  await system.stop();
  t.same(log, ['c stops', 'b stops', 'a stops']);
});

t.test(
  'a failure that repeats goes up: the supervisor fails, and is restarted with all its children',
  async (t) => {
    const { system, dispatcher, seen } = simulate('escalation');
    const log: string[] = [];
    const refs: ActorRef<string>[] = [];
    const children = specs(log, refs, 'a', 'b');
    const intensity = { restartsMax: 1, periodMs: 60_000 };
    system.spawn('top', supervisor({ strategy: 'one-for-one', intensity, children }));
    refs[0]?.tell('crash');
    refs[0]?.tell('crash');
    await dispatcher.run();
    t.same(seen('actor.failed'), ['actor.failed /top/a', 'actor.failed /top/a', 'actor.failed /top']);
    t.same(log.slice(-4), ['b stops', 'a stops', 'a starts', 'b starts']);
    t.equal(refs.length, 4, 'the new children are new actors');
    t.equal(refs[0]?.tell('x'), 'stopped');
    t.equal(refs[2]?.tell('x'), 'accepted');
  },
);
