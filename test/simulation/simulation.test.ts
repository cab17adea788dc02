/**
 * A fixed set of small worlds on every run of the tests; a thousand with `npm run simulate -- --sweep 1000`.
 */

import t from 'tap';
import { simulate } from './run.ts';

for (const [seed, providers, units] of [
  [1, 8, 40],
  [2, 12, 80],
  [3, 6, 30],
  [5, 20, 60],
  [8, 10, 120],
] as const) {
  t.test(`seed ${seed}: ${providers} providers keep the laws over ${units} units`, async (t) => {
    const report = await simulate({ seed, providers, units });
    t.equal(report.agreed + report.cancelled, units);
    t.ok(report.commits > 0);
  });
}

t.test('the same seed gives the same run, another seed another one', async (t) => {
  const [one, again, other] = [
    await simulate({ seed: 13, providers: 8, units: 30 }),
    await simulate({ seed: 13, providers: 8, units: 30 }),
    await simulate({ seed: 21, providers: 8, units: 30 }),
  ];
  t.equal(again.trace, one.trace);
  t.same(again, one);
  t.not(other.trace, one.trace);
});
