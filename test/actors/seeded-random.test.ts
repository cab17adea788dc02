import t from 'tap';
import { seededRandom } from '../../src/actors/index.ts';

t.test('the same seed gives the same chance, another seed another', async (t) => {
  const draw = (seed: string) => Array.from({ length: 8 }, seededRandom(seed).fraction);
  t.same(draw('a'), draw('a'));
  t.notSame(draw('a'), draw('b'));
});

t.test('a seed keeps its sequence for ever, so that recorded seeds stay good', async (t) => {
  const random = seededRandom('42');
  t.same(
    Array.from({ length: 6 }, () => random.below(1_000)),
    [469, 495, 211, 431, 109, 894],
  );
});
