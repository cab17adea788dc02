import fc from 'fast-check';
import t from 'tap';
import { BlockTally } from '../../src/fabric/block-tally.ts';

const QUOTA = 4_100;

/** What a caller does: erases the victims, then adds. Says whether it fitted. */
function bring(tally: BlockTally, key: string, bytes: number): boolean {
  if (tally.has(key)) return true;
  const victims = tally.victimsFor(bytes);
  if (victims === undefined) return false;
  for (const victim of victims) tally.remove(victim);
  tally.add(key, bytes);
  return true;
}

t.test('what was used longest ago goes first, and not more than is needed', async (t) => {
  const tally = new BlockTally(QUOTA);
  for (const key of ['a', 'b', 'c']) bring(tally, key, 1_000);
  tally.touch('a');
  t.same(tally.victimsFor(700), ['b']);
  t.same(tally.victimsFor(10), []);
});

t.test('what is held does not go, and what would not fit beside it is refused', async (t) => {
  const tally = new BlockTally(QUOTA);
  for (const key of ['a', 'b', 'c']) bring(tally, key, 1_000);
  tally.hold('a');
  tally.hold('a');
  tally.release('a');
  t.same(tally.victimsFor(1_000), ['b']);
  t.equal(tally.victimsFor(3_000), undefined);
  tally.release('a');
  t.same(tally.victimsFor(3_000), ['b', 'c', 'a'], 'what was just released counts as just used');
});

t.test('a block may be held before it comes, and after it was lost', async (t) => {
  const tally = new BlockTally(QUOTA);
  tally.hold('a');
  bring(tally, 'a', 1_000);
  t.ok(tally.heldBytes >= 1_000);
  tally.remove('a');
  t.equal(tally.heldBytes, 0);
  bring(tally, 'a', 1_000);
  t.ok(tally.heldBytes >= 1_000);
});

t.test('counting twice or releasing what is not held is a programmer error', async (t) => {
  const tally = new BlockTally(QUOTA);
  bring(tally, 'a', 1);
  t.throws(() => tally.add('a', 1), { code: 'ACTORS_ASSERTION' });
  t.throws(() => tally.release('a'), { code: 'ACTORS_ASSERTION' });
});

t.test('whatever happens, it stays below the quota and what is held stays', async (t) => {
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const act = fc.oneof(
    fc.record({ do: fc.constant('bring' as const), key, bytes: fc.integer({ min: 0, max: 2_000 }) }),
    fc.record({ do: fc.constantFrom('hold' as const, 'release' as const, 'touch' as const), key }),
  );
  const law = fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
    const tally = new BlockTally(QUOTA);
    const holds = new Map<string, number>();
    const kept = new Set<string>();
    for (const act of acts) {
      const held = holds.get(act.key) ?? 0;
      if (act.do === 'bring') bring(tally, act.key, act.bytes);
      if (act.do === 'touch') tally.touch(act.key);
      if (act.do === 'hold') {
        tally.hold(act.key);
        holds.set(act.key, held + 1);
      }
      if (act.do === 'release' && held > 0) {
        tally.release(act.key);
        holds.set(act.key, held - 1);
      }
      for (const [key, count] of holds) {
        if (count > 0 && tally.has(key)) kept.add(key);
        if (count === 0) kept.delete(key);
      }
      if (tally.bytes > QUOTA || [...kept].some((key) => !tally.has(key))) return false;
    }
    return true;
  });
  fc.assert(law, { numRuns: 500 });
  t.pass('500 histories');
});
