import t from 'tap';
import type { PeerId } from '../../src/connectivity/index.ts';
import { accountPaper, dealPaper } from '../../src/resource/deal-paper.ts';
import { accountPart, dealFlaw, readFacts } from '../../src/resource/desk-payments.ts';
import { domain } from './deal-papers.ts';
import { PaidWorld, TARIFF } from './paid-world.ts';

const paid = await new PaidWorld().open();
const [vendor] = paid.vendors;
const payments = paid.paymentsOf('peer' as PeerId, vendor!);

t.test('what a deal is judged by is read from the chain', async (t) => {
  const { ledger } = payments;
  const facts = await readFacts(ledger, paid.deal, vendor!.account.account, vendor!.worker.account);
  t.match(facts, {
    health: { healthy: true },
    deal: { state: 'open', remaining: 100_000n, promised: 0n },
    share: { allocated: 0n, state: 'none' },
    stake: { staked: 500n },
    registered: vendor!.account.account,
  });
});

t.test('the account goes beside each offer, where there is one', async (t) => {
  t.same(accountPart(undefined), {});
  t.match(accountPaper.decode(accountPart(payments).account!), { tariff: TARIFF });
});

t.test(
  'a grant is under a deal of our market, or under none if the machine also works for none',
  async (t) => {
    const paper = {
      chainId: domain.chainId,
      market: domain.verifyingContract,
      terms: paid.terms,
      voucherMs: 1_000,
      owed: 0n,
      committed: 0,
    };
    const encoded = dealPaper.encode(paper);
    t.equal(dealFlaw(undefined, undefined), undefined);
    t.match(dealFlaw(undefined, encoded), /for no money/);
    t.equal(dealFlaw(payments, encoded), undefined);
    t.match(dealFlaw(payments, dealPaper.encode({ ...paper, chainId: 5n })), /another chain/);
    t.match(dealFlaw(payments, undefined), /only under a deal/);
    t.equal(dealFlaw({ ...payments, volunteers: true }, undefined), undefined);
  },
);
