import t from 'tap';
import type { TypedSignature } from '../../src/connectivity/index.ts';
import type { ShareView } from '../../src/resource/ledger.ts';
import { type Claim, claimSteps, isOver } from '../../src/resource/redemption.ts';
import { signVoucher } from '../../src/resource/voucher.ts';
import { agent, deal, domain, provider, seconds, terms, word } from './deal-papers.ts';

const rules = { cost: 3n };
const share: ShareView = {
  allocated: 1_000n,
  paid: 0n,
  committed: 0,
  revealed: 0,
  openCases: 0,
  state: 'locked',
};

function claimOf(amount: bigint, bundles = 0): Claim {
  const voucher = signVoucher({ deal, provider: provider.account, amount, bundles }, agent, domain);
  const signature = '0x01' as TypedSignature;
  const commitments = [{ number: 1, root: word(1), salt: word(2), signature }];
  return { deal, terms, provider: provider.account, voucher, commitments };
}

function stepsAt(time: number, claim: Claim, change: Partial<ShareView> = {}): string[] {
  return claimSteps(claim, { ...share, ...change }, seconds(time), rules).map(({ step }) => step);
}

const { workUntil, revealUntil, disputeUntil, redeemUntil } = terms;

t.test('while work goes on only a large sum is redeemed', async (t) => {
  t.same(stepsAt(workUntil, claimOf(300n)), []);
  t.same(stepsAt(workUntil, claimOf(301n)), ['redeem 301']);
  t.same(stepsAt(workUntil, claimOf(301n), { paid: 1n }), [], 'what was paid does not count');
  t.same(stepsAt(workUntil, claimOf(900n), { allocated: 300n }), [], 'nor what is not allocated');
});

t.test('after the work whatever is worth its cost; near the end whatever there is', async (t) => {
  t.same(stepsAt(workUntil + 1, claimOf(3n)), ['release']);
  t.same(stepsAt(workUntil + 1, claimOf(4n)), ['redeem 4', 'release']);
  const late = disputeUntil + (redeemUntil - disputeUntil) / 2 + 1;
  t.same(stepsAt(late, claimOf(1n), { state: 'joined' }), ['redeem 1']);
  t.same(stepsAt(redeemUntil + 1, claimOf(900n), { state: 'joined' }), [], 'too late');
});

t.test('what is slashed or was never allocated is not asked for', async (t) => {
  for (const state of ['slashed', 'none'] as const)
    t.same(stepsAt(workUntil + 1, claimOf(900n), { state }), []);
});

t.test('on a condition, bundles are committed, opened, and paid for after the dispute', async (t) => {
  const claim = claimOf(900n, 1);
  t.same(stepsAt(workUntil, claim), ['commit 1']);
  const committed = { committed: 1 };
  t.same(stepsAt(workUntil + 1, claim, committed), ['reveal 1']);
  const revealed = { committed: 1, revealed: 1 };
  t.same(stepsAt(disputeUntil, claim, revealed), []);
  t.same(stepsAt(revealUntil + 1, claim, committed), [], 'too late to open');
  t.same(stepsAt(disputeUntil + 1, claim, revealed), ['redeem 900', 'release']);
  t.same(stepsAt(disputeUntil + 1, claim, { ...revealed, openCases: 1 }), [], 'while a case is open');
  t.same(stepsAt(disputeUntil + 1, claimOf(900n, 2), revealed), ['release'], 'the condition is not met');
});

t.test('a deal is over when nothing can be redeemed and nothing is locked', async (t) => {
  const claim = claimOf(1n);
  t.notOk(isOver(claim, share, seconds(redeemUntil + 1)));
  t.notOk(isOver(claim, { ...share, state: 'released' }, redeemUntil));
  t.ok(isOver(claim, { ...share, state: 'released' }, seconds(redeemUntil + 1)));
});
