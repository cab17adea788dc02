import fc from 'fast-check';
import t from 'tap';
import { seededRandom, systemRandom } from '../../src/actors/index.ts';
import { randomFromWords } from '../../src/actors/uniform.ts';

t.test('fractions are at least 0 and below 1, with all their bits', async (t) => {
  t.equal(randomFromWords(() => 0).fraction(), 0);
  const most = randomFromWords(() => 0xffff_ffff).fraction();
  t.ok(most < 1 && most > 1 - 2 ** -52);
});

t.test('integers stay below their bound, whatever it is', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), fc.string(), (bound, seed) => {
      const drawn = seededRandom(seed).below(bound);
      return Number.isSafeInteger(drawn) && drawn >= 0 && drawn < bound;
    }),
  );
  for (const bound of [0, -1, 1.5, 2 ** 53]) {
    t.throws(() => seededRandom('x').below(bound), { code: 'ACTORS_ASSERTION' });
  }
});

t.test('a word from the uneven rest of the range is drawn again', async (t) => {
  const words = [0xffff_ffff, 7];
  t.equal(randomFromWords(() => words.shift()!).below(3), 1, '2³² is one more than a multiple of 3');
  t.equal(words.length, 0);
});

t.test('all numbers come equally often', async (t) => {
  for (const random of [seededRandom('even'), systemRandom()]) {
    const counts = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 20_000; draw += 1) counts[random.below(10)]! += 1;
    const chiSquared = counts.reduce((sum, count) => sum + (count - 2_000) ** 2 / 2_000, 0);
    t.ok(chiSquared < 50, `χ² ${chiSquared.toFixed(1)}; above 50 once in 10⁷ runs with 9 degrees of freedom`);
  }
});

t.test('bytes come in any length, four to a word', async (t) => {
  t.same(randomFromWords(() => 0x0403_0201).bytes(6), new Uint8Array([1, 2, 3, 4, 1, 2]));
  t.equal(seededRandom('x').bytes(0).length, 0);
});
