import fc from 'fast-check';
import t from 'tap';
import { simulatedClock, type Supervision, type SupervisionStrategy } from '../../src/actors/index.ts';
import { type Child, Children } from '../../src/actors/children.ts';
import { actorsErrors } from '../../src/actors/errors.ts';
import { affectedChildren, type RestartPolicy } from '../../src/actors/supervision.ts';

const crash = actorsErrors.ACTORS_HANDLER_THREW({ reason: 'test' });

interface Family {
  readonly children: Children;
  readonly clock: ReturnType<typeof simulatedClock>;
  readonly log: string[];
  child(name: string): Child;
  /** The next starts of this child fail. */
  failStarts(name: string, count: number): void;
}

function familyOf(supervision: Supervision, members: Record<string, RestartPolicy>): Family {
  const clock = simulatedClock(0);
  const log: string[] = [];
  const failing = new Map<string, number>();
  const children = new Children('/parent', clock, supervision);
  const byName = new Map<string, Child>();
  for (const [name, restart] of Object.entries(members)) {
    const child: Child = {
      name,
      restart,
      ref: { path: `/parent/${name}`, tell: () => 'accepted' },
      begin() {
        const left = failing.get(name) ?? 0;
        failing.set(name, left - 1);
        log.push(left > 0 ? `${name} fails` : `${name} begins`);
        if (left > 0) throw crash;
      },
      end: () => void log.push(`${name} ends`),
      terminate() {
        log.push(`${name} goes`);
        children.remove(child);
      },
    };
    byName.set(name, child);
    children.add(child);
  }
  return {
    children,
    clock,
    log,
    child: (name) => byName.get(name)!,
    failStarts: (name, count) => void failing.set(name, count),
  };
}

const intensity = { restartsMax: 3, periodMs: 1_000 };

t.test('children that go down together end in reverse and begin in order', async (t) => {
  const strategies = fc.constantFrom<SupervisionStrategy>('one-for-one', 'one-for-all', 'rest-for-one');
  fc.assert(
    fc.property(strategies, fc.integer({ min: 1, max: 6 }), fc.nat(5), (strategy, count, pick) => {
      const names = Array.from({ length: count }, (_, index) => `c${index}`);
      const failed = names[pick % count]!;
      const members = Object.fromEntries(names.map((name) => [name, 'permanent' as const]));
      const { children, log, child } = familyOf({ strategy, intensity }, members);
      if (children.ended(child(failed), crash) !== undefined) return false;
      const affected = affectedChildren(strategy, names, failed);
      const expected = [
        ...[...affected].reverse().map((name) => `${name} ends`),
        ...affected.map((name) => `${name} begins`),
      ];
      return JSON.stringify(log) === JSON.stringify(expected);
    }),
  );
  t.pass('for any strategy and place');
});

t.test('a policy says whether a child comes back after a crash, and after its own end', async (t) => {
  const outcomes: [RestartPolicy, 'crash' | 'end', string][] = [
    ['permanent', 'crash', 'c begins'],
    ['permanent', 'end', 'c begins'],
    ['transient', 'crash', 'c begins'],
    ['transient', 'end', 'c goes'],
    ['temporary', 'crash', 'c goes'],
    ['temporary', 'end', 'c goes'],
  ];
  for (const [policy, why, last] of outcomes) {
    const { children, log, child } = familyOf({ strategy: 'one-for-one', intensity }, { c: policy });
    children.ended(child('c'), why === 'crash' ? crash : undefined);
    t.equal(log.at(-1), last, `${policy}, ${why}`);
  }
});

t.test('a temporary child goes down with the others, and does not come back', async (t) => {
  const { children, log, child } = familyOf(
    { strategy: 'one-for-all', intensity },
    { a: 'permanent', b: 'temporary', c: 'permanent' },
  );
  children.ended(child('a'), crash);
  t.same(log, ['c ends', 'b ends', 'a ends', 'a begins', 'b goes', 'c begins']);
});

t.test('one restart too many within the period makes the parent fail, with the last cause', async (t) => {
  const { children, clock, child } = familyOf({ strategy: 'one-for-one', intensity }, { c: 'permanent' });
  for (let restart = 0; restart < 3; restart += 1) {
    t.equal(children.ended(child('c'), crash), undefined);
    clock.advance(300);
  }
  const fault = children.ended(child('c'), crash);
  t.match(fault, { code: 'ACTORS_RESTARTS_EXCEEDED', cause: crash, message: /\/parent failed more than 3/ });
});

t.test('a child that ends by its own will again and again is a reason, too', async (t) => {
  const { children, child } = familyOf({ strategy: 'one-for-one', intensity }, { c: 'permanent' });
  for (let restart = 0; restart < 3; restart += 1) children.ended(child('c'), undefined);
  const fault = children.ended(child('c'), undefined);
  t.match(fault, { code: 'ACTORS_RESTARTS_EXCEEDED', cause: { code: 'ACTORS_EXITED' } });
});

t.test('there is an end to how many children one actor has', async (t) => {
  const { children, child } = familyOf({ strategy: 'one-for-one', intensity }, { c: 'permanent' });
  for (let count = 1; count < 65_536; count += 1) children.add({ ...child('c'), name: `c${count}` });
  t.throws(() => children.add({ ...child('c'), name: 'one more' }), { code: 'ACTORS_CHILDREN_FULL' });
});

t.test('restarts that are spread out are no reason to fail', async (t) => {
  const { children, clock, child } = familyOf({ strategy: 'one-for-one', intensity }, { c: 'permanent' });
  for (let restart = 0; restart < 20; restart += 1) {
    t.equal(children.ended(child('c'), crash), undefined);
    clock.advance(334);
  }
});

t.test('a start that fails is tried again, and each try counts', async (t) => {
  const { children, log, child, failStarts } = familyOf(
    { strategy: 'rest-for-one', intensity },
    { a: 'permanent', b: 'permanent' },
  );
  failStarts('b', 1);
  t.equal(children.ended(child('a'), crash), undefined);
  t.same(log, ['b ends', 'a ends', 'a begins', 'b fails', 'b ends', 'b begins']);
  failStarts('a', 9);
  t.match(children.ended(child('a'), crash), { code: 'ACTORS_RESTARTS_EXCEEDED' });
});

t.test('only the parent of a child finds it by its reference', async (t) => {
  const { children, child } = familyOf({ strategy: 'one-for-one', intensity }, { c: 'permanent' });
  t.equal(children.find(child('c').ref), child('c'));
  t.equal(children.find({ path: '/parent/c', tell: () => 'accepted' }), undefined);
});
