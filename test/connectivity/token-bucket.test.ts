import fc from 'fast-check';
import t from 'tap';
import { fullBucket, take } from '../../src/connectivity/token-bucket.ts';

const rate = { perSecond: 100, burst: 50 };

t.test('a burst is free, then the debt says how long to wait', (t) => {
  const bucket = fullBucket(rate, 0);
  t.equal(take(bucket, 50, rate, 0), 0);
  t.equal(take(bucket, 10, rate, 0), 100);
  t.equal(take(bucket, 0, rate, 100), 0);
  t.equal(take(bucket, 1, rate, 100), 10);
  t.end();
});

t.test('silence earns a burst and no more', (t) => {
  const bucket = fullBucket(rate, 0);
  take(bucket, 50, rate, 0);
  t.equal(take(bucket, 51, rate, 1_000_000), 10);
  t.end();
});

t.test('a clock that goes back neither adds nor punishes', (t) => {
  const bucket = fullBucket(rate, 1_000);
  t.equal(take(bucket, 50, rate, 0), 0);
  t.equal(take(bucket, 1, rate, 0), 10);
  t.end();
});

t.test('whoever waits as told never takes more than the rate and one burst', (t) => {
  const amounts = fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 50 });
  fc.assert(
    fc.property(amounts, (takes) => {
      const bucket = fullBucket(rate, 0);
      let now = 0;
      let taken = 0;
      for (const amount of takes) {
        taken += amount;
        now += take(bucket, amount, rate, now);
      }
      return taken <= rate.burst + (now * rate.perSecond) / 1_000 + 1e-6;
    }),
  );
  t.end();
});
