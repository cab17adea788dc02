import t from 'tap';
import { systemClock } from '../../src/actors/index.ts';
import { measureSpeed, referenceKernel } from '../../src/fabric/benchmark.ts';

t.test('the kernel is what it was: credit of yesterday and today is the same work', async (t) => {
  t.equal(referenceKernel(1_000_000, 1), -1295738805);
});

t.test('two bursts are not one long one, and each depends on its seed', async (t) => {
  t.not(referenceKernel(1_000, 1), referenceKernel(1_000, 3));
  t.not(referenceKernel(1_000, 1), referenceKernel(1_001, 1));
});

t.test('speed is operations by the clock that is given', async (t) => {
  let now = 0;
  const tick = { monotonic: () => now++ };
  t.equal(await measureSpeed(tick), 500_000_000, 'half a million operations in each millisecond');
  t.ok((await measureSpeed(systemClock())) > 1e6);
});

t.test('a machine so busy that warming up takes too long is measured all the same', async (t) => {
  let now = 0;
  const slow = { monotonic: () => (now += 50) };
  t.equal(await measureSpeed(slow), 10_000_000);
});

t.test('a clock that stands still measures nothing', async (t) => {
  let looks = 0;
  const stuck = { monotonic: () => (looks++ < 200 ? 0 : 1e9) };
  t.equal(await measureSpeed(stuck), 0);
});
