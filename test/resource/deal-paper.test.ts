import t from 'tap';
import { decode, encode } from '../../src/actors/index.ts';
import type { PeerId, TypedSignature } from '../../src/connectivity/index.ts';
import * as paper from '../../src/resource/deal-paper.ts';
import { linkWorker } from '../../src/resource/worker-link.ts';
import { domain, provider, seconds, terms, word, worker } from './deal-papers.ts';

const link = linkWorker(
  { provider: provider.account, peer: 'p' as PeerId, expiresAt: seconds(9) },
  worker,
  domain,
);
const account: paper.AccountPaper = { link, tariff: 2n ** 90n, unpaidMax: 5n };
const deal: paper.DealPaper = {
  chainId: domain.chainId,
  market: domain.verifyingContract,
  terms,
  voucherMs: 10_000,
  owed: 0n,
  committed: 0,
};
const voucher: paper.VoucherPaper = {
  covers: 3,
  amount: 2n ** 70n,
  bundles: 0,
  signature: '0x00' as TypedSignature,
};

/** As it comes off a wire. */
const sent = (value: unknown) => decode(encode(value));

t.test('papers travel as plain values, and come back as they were', async (t) => {
  t.same(paper.accountPaper.decode(sent(paper.accountPaper.encode(account)) as never), account);
  t.same(paper.dealPaper.decode(sent(paper.dealPaper.encode(deal)) as never), deal);
  t.same(paper.voucherPaper.decode(sent(paper.voucherPaper.encode(voucher)) as never), voucher);
});

t.test('what the codec cannot read is not taken at the edge', async (t) => {
  const plain = paper.dealPaper.encode(deal);
  const takes = (change: object) => paper.dealPaperSchema.safeParse({ ...plain, ...change }).success;
  t.ok(takes({}));
  t.notOk(takes({ chainId: '0' }));
  t.notOk(takes({ market: 'nowhere' }));
  t.notOk(takes({ voucherMs: 1_800_001 }), 'nobody waits for an hour');
  t.notOk(takes({ owed: 5 }));
  t.notOk(takes({ surprise: 1 }));
  t.notOk(
    paper.voucherPaperSchema.safeParse({ ...paper.voucherPaper.encode(voucher), amount: '-1' }).success,
  );
  t.notOk(paper.accountPaperSchema.safeParse({ link, tariff: '1' }).success);
});

t.test('a commitment is about one to a bundle of units', async (t) => {
  const signature = '0x00';
  const commitment = { bundle: 1, number: 1, root: word(1), salt: word(2), units: [word(3)], signature };
  const takes = (change: object) =>
    paper.commitmentPaperSchema.safeParse({ ...commitment, ...change }).success;
  t.ok(takes({}));
  t.notOk(takes({ number: 0 }));
  t.notOk(takes({ units: [] }));
  t.notOk(takes({ units: new Array(513).fill(word(3)) }));
});
