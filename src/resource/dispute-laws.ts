/**
 * The laws of `JobMarket` on what providers have said: sealed, opened, proved; in its order of checks.
 *
 * What always holds: a number is committed once and revealed once; a provider has at most one testimony in a
 * case, and one that is proved to have said two things of one unit is slashed in that same call.
 */

import type { Account } from '../connectivity/index.ts';
import { bundleLeaf, sealOf } from './commitment.ts';
import { commitmentData, VOTES_MAX } from './deal.ts';
import { provesLeaf } from './keccak-tree.ts';
import type { CallOf, DealId, ShareView } from './ledger.ts';
import { type LedgerState, NOTHING, refuse, requireThat, type Turn } from './ledger-state.ts';
import { forfeit, knownDeal, openDeal, patchShare, signerOf } from './market-laws.ts';
import { answersFor, slashStake } from './registry-laws.ts';

/** Of one provider in one deal: what `settle` and a dispute may have to look through stays bounded. */
export const COMMITMENTS_MAX = 4_096;

export function commit(state: LedgerState, call: CallOf<'commit'>, { time, news }: Turn): void {
  const { terms, commitment, signature } = call;
  const { provider, number, seal } = commitment;
  const deal = openDeal(state, terms);
  requireThat(time <= terms.workUntil, 'TooLate');
  requireThat(number > 0 && number <= COMMITMENTS_MAX && seal !== NOTHING, 'NumberInvalid');
  const share = liveShare(state, deal, provider);
  requireThat(state.bundles.get(deal, provider, number) === undefined, 'NumberUsed');
  const signer = signerOf(commitmentData(commitment, state.domain), signature);
  const { openedAt } = state.deals.get(deal);
  const isItsWord = commitment.deal === deal && answersFor(state, provider, signer, openedAt);
  requireThat(isItsWord, 'SignatureInvalid');
  state.bundles.set({ seal, isRevealed: false }, deal, provider, number);
  patchShare(state, deal, provider, { committed: share.committed + 1 });
  news.push({ type: 'committed', deal, provider, number });
}

export function reveal(state: LedgerState, call: CallOf<'reveal'>, { time }: Turn): void {
  const { terms, provider, number, root, salt } = call;
  const deal = knownDeal(state, terms);
  requireThat(time > terms.workUntil, 'TooEarly');
  requireThat(time <= terms.revealUntil, 'TooLate');
  const share = liveShare(state, deal, provider);
  const bundle = state.bundles.get(deal, provider, number) ?? refuse('BundleUnknown');
  requireThat(!bundle.isRevealed, 'BundleRevealed');
  const isOpened = bundle.seal === sealOf({ deal, provider, number, root, salt });
  requireThat(root !== NOTHING && isOpened, 'SealWrong');
  state.bundles.set({ seal: root, isRevealed: true }, deal, provider, number);
  patchShare(state, deal, provider, { revealed: share.revealed + 1 });
}

export function testify(state: LedgerState, call: CallOf<'testify'>, turn: Turn): void {
  const { terms, testimony } = call;
  const { provider, number, unit, digest, proof } = testimony;
  const deal = knownDeal(state, terms);
  requireThat(turn.time > terms.workUntil, 'TooEarly');
  requireThat(turn.time <= terms.disputeUntil, 'TooLate');
  const share = liveShare(state, deal, provider);
  const bundle = state.bundles.get(deal, provider, number);
  if (bundle === undefined || !bundle.isRevealed) refuse('BundleUnknown');
  requireThat(provesLeaf(bundleLeaf(unit, digest), proof, bundle!.seal), 'ProofWrong');
  const { testimonies } = state.cases.get(deal, unit);
  const earlier = testimonies.find((each) => each.provider === provider);
  if (earlier !== undefined) {
    requireThat(earlier.digest !== digest, 'TestimonyRepeated');
    slash(state, terms.stakeLock, deal, provider, turn);
    return;
  }
  requireThat(testimonies.length < VOTES_MAX, 'VotesFull');
  state.cases.set({ testimonies: [...testimonies, { provider, digest }], settled: false }, deal, unit);
  patchShare(state, deal, provider, { openCases: share.openCases + 1 });
}

/** Burns the lock, and with it the claim to what was not paid. */
export function slash(
  state: LedgerState,
  stakeLock: bigint,
  deal: DealId,
  provider: Account,
  { news }: Turn,
): void {
  const isLocked = state.shares.get(deal, provider).state === 'locked';
  const stake = isLocked ? stakeLock : 0n;
  forfeit(state, deal, provider);
  patchShare(state, deal, provider, { state: 'slashed' });
  if (isLocked) slashStake(state, provider, stake);
  news.push({ type: 'slashed', deal, provider, stake });
}

/** The share of somebody who takes part and was not slashed. */
function liveShare(state: LedgerState, deal: DealId, provider: Account): ShareView {
  const share = state.shares.get(deal, provider);
  requireThat(share.state !== 'none', 'ShareUnknown');
  requireThat(share.state !== 'slashed', 'ShareSlashed');
  return share;
}
