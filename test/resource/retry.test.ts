import t from 'tap';
import { retryDelay } from '../../src/resource/retry.ts';

t.test('delays double up to the cap, each between a half and the whole of it', async (t) => {
  t.same(
    [0, 1, 2, 9, 1_000].map((attempts) => retryDelay(attempts, 0, 2_500)),
    [50, 100, 200, 1_250, 1_250],
  );
  t.equal(retryDelay(9, 0.999, 2_500) > 2_490, true);
});
