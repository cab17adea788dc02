import t from 'tap';
import { systemRandom } from '../../src/actors/index.ts';

t.test('two sources of chance, and two draws from one, differ', async (t) => {
  const random = systemRandom();
  t.notSame(random.bytes(16), random.bytes(16));
  t.notSame(random.bytes(16), systemRandom().bytes(16));
  t.equal(random.bytes(3).length, 3);
});

t.test('words go on after the pool is used up', async (t) => {
  const random = systemRandom();
  const drawn = new Set(Array.from({ length: 3_000 }, random.fraction));
  t.equal(drawn.size, 3_000);
});
