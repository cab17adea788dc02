import fc from 'fast-check';
import t from 'tap';
import { feeAbove, feeAt } from '../../src/resource/transaction-fee.ts';

const gwei = (amount: number): bigint => BigInt(amount) * 10n ** 9n;
const wei = fc.bigInt({ min: 0n, max: gwei(1_000) });

t.test('an offer is good for six full blocks, and never above the cap', async (t) => {
  t.same(feeAt({ baseFee: gwei(10), tip: gwei(1) }, gwei(500)), { maxFee: gwei(21), tip: gwei(1) });
  t.same(feeAt({ baseFee: gwei(300), tip: gwei(1) }, gwei(500)), { maxFee: gwei(500), tip: gwei(1) });
  t.same(feeAt({ baseFee: 0n, tip: gwei(9) }, gwei(5)), { maxFee: gwei(5), tip: gwei(5) }, 'nor its tip');
});

t.test('a replacement offers enough more for every pool, or there is none', async (t) => {
  const cap = gwei(1_000);
  fc.assert(
    fc.property(wei, wei, wei, wei, (base, tip, newBase, newTip) => {
      const old = feeAt({ baseFee: base, tip }, cap);
      const above = feeAbove(old, { baseFee: newBase, tip: newTip }, cap);
      if (above === undefined) return old.maxFee * 9n > cap * 8n - 8n;
      const isMore = (now: bigint, before: bigint) => now > before && now * 8n >= before * 9n;
      return isMore(above.maxFee, old.maxFee) && isMore(above.tip, old.tip) && above.maxFee <= cap;
    }),
  );
  const old = { maxFee: gwei(10), tip: gwei(1) };
  t.same(
    feeAbove(old, { baseFee: gwei(50), tip: gwei(2) }, cap),
    { maxFee: gwei(102), tip: gwei(2) },
    'and what the chain asks now, if that is more',
  );
});
