import fc from 'fast-check';
import t from 'tap';
import type { HotSigner } from '../../src/connectivity/index.ts';
import type { Voucher } from '../../src/resource/ledger.ts';
import {
  nextVoucher,
  signVoucher,
  type VoucherExpectation,
  voucherFlaw,
} from '../../src/resource/voucher.ts';
import { agent, deal, domain, provider, requester, stranger, terms, word, worker } from './deal-papers.ts';

const nothing: Voucher = { deal, provider: provider.account, amount: 0n, bundles: 0 };
const expected: VoucherExpectation = {
  terms,
  domain,
  provider: provider.account,
  allocated: 500n,
  bundlesMax: 0,
  previous: undefined,
};

function flawOf(change: Partial<Voucher>, more: Partial<VoucherExpectation> = {}, signer: HotSigner = agent) {
  const signed = signVoucher({ ...nothing, amount: 100n, ...change }, signer, domain);
  return voucherFlaw(signed, { ...expected, ...more });
}

t.test('a provider takes what agent or requester signed for it, within its allocation', async (t) => {
  t.equal(flawOf({}), undefined);
  t.equal(flawOf({}, {}, requester), undefined);
  t.equal(flawOf({ amount: 500n }), undefined);
  t.equal(flawOf({ bundles: 3 }, { bundlesMax: 3 }), undefined);
});

t.test('and nothing else, by a sentence', async (t) => {
  t.match(flawOf({ deal: word(1) as unknown as typeof deal }), /another deal/);
  t.match(flawOf({ provider: worker.account }), /another provider/);
  t.match(flawOf({ amount: 501n }), /more than is allocated/);
  t.match(flawOf({ bundles: 1 }), /more bundles/);
  t.match(flawOf({}, {}, stranger), /neither agent nor requester/);
  const previous = { ...nothing, amount: 101n };
  t.match(flawOf({}, { previous }), /less than before/);
  t.equal(flawOf({ amount: 101n }, { previous }), undefined, 'the same again is no flaw');
  t.match(flawOf({ amount: 200n, bundles: 1 }, { previous, bundlesMax: 5 }), /a condition/);
  const signed = signVoucher({ ...nothing, amount: 100n }, agent, domain);
  const altered = { ...signed, voucher: { ...signed.voucher, amount: 101n } };
  t.match(voucherFlaw(altered, expected), /neither agent nor requester/);
});

const amount = fc.bigInt({ min: 0n, max: 1_000n });

t.test(
  'an agent never signs for more than it owes or allocated, and never for less than before',
  async () => {
    const debts = fc.array(fc.record({ owed: amount, allocated: amount, tolerance: amount }), {
      maxLength: 30,
    });
    const property = fc.property(debts, (turns) => {
      let last = nothing;
      for (const { owed, allocated, tolerance } of turns) {
        const next = nextVoucher(last, owed, allocated, tolerance);
        if (next === undefined) {
          if (owed > last.amount + tolerance && allocated > last.amount) return false;
          continue;
        }
        if (next.amount <= last.amount || next.amount > owed || next.amount > allocated) return false;
        last = next;
      }
      return true;
    });
    fc.assert(property);
  },
);

t.test(
  'whatever vouchers arrive, in any order and twice, what is taken only grows up to the allocation',
  async () => {
    const arrivals = fc.array(fc.record({ amount, isForged: fc.boolean() }), { maxLength: 6 });
    const property = fc.property(arrivals, (all) => {
      let previous: Voucher | undefined;
      for (const { amount, isForged } of all) {
        const signed = signVoucher({ ...nothing, amount }, isForged ? stranger : agent, domain);
        if (voucherFlaw(signed, { ...expected, previous }) !== undefined) continue;
        if (isForged || amount > expected.allocated || amount < (previous?.amount ?? 0n)) return false;
        previous = signed.voucher;
      }
      return true;
    });
    fc.assert(property, { numRuns: 50 });
  },
);
