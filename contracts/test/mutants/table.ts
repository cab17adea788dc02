/**
 * Flaws that the contracts might have, each one textual replacement, with the tests that must notice it.
 *
 * What always holds: `from` stands exactly once in its file, and what comes out compiles. The laws are tried
 * alone where they can notice a flaw alone: unit tests say what a call does, they say that nothing else does.
 */

export interface Mutant {
  /** In contracts/src, without its ending. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** In contracts/test. */
  readonly tests: string;
  readonly flaw: string;
}

const LAWS = 'invariant/Laws.t.sol';
const REDEEM = 'market/Redeem.t.sol';
const BUNDLES = 'market/Bundles.t.sol';
const DISPUTES = 'market/Disputes.t.sol';

function flaw(flaw: string, file: string, from: string, to: string, tests = LAWS): Mutant {
  return { file, from, to, tests, flaw };
}

const PAY: readonly Mutant[] = [
  flaw(
    'what is paid stays promised',
    'libraries/Shares',
    '        deal.promised -= amount;\n    }\n\n',
    '    }\n\n',
  ),
  flaw('what is paid remains', 'libraries/Shares', 'deal.remaining -= amount;', ''),
  flaw('a voucher pays again', 'libraries/Shares', 'share.paid = due;', ''),
  flaw(
    'more is paid than allocated',
    'libraries/Shares',
    'upTo < share.allocated ? upTo : share.allocated',
    'upTo',
  ),
  flaw(
    'more is promised than there is',
    'libraries/Shares',
    'if (amount > left)',
    'if (amount > deal.remaining)',
  ),
  flaw(
    'what is forfeited stays promised',
    'libraries/Shares',
    'if (deal.state == DealState.Open) deal.promised -= amount;',
    '',
  ),
  flaw('a closed deal owes', 'libraries/Shares', 'if (deal.state == DealState.Open) deal', 'deal'),
  flaw('what is forfeited can be claimed', 'libraries/Shares', 'share.allocated = share.paid;', ''),
  flaw(
    'a voucher of another deal pays',
    'JobMarket',
    '!_same(voucher.deal, id) || !_isWordOfPayer',
    '!_isWordOfPayer',
  ),
  flaw(
    'a voucher needs no signature',
    'JobMarket',
    '!_same(voucher.deal, id) || !_isWordOfPayer(terms, voucher, signature)',
    '!_same(voucher.deal, id)',
  ),
  flaw(
    'a slashed provider is paid',
    'JobMarket',
    '        _requireLive(id, provider, share);\n        if (voucher',
    '        if (voucher',
    REDEEM,
  ),
  flaw(
    'a condition does not wait',
    'JobMarket',
    '            DealRules.requireAfter(terms.disputeUntil);\n            if',
    '            if',
  ),
  flaw(
    'a condition asks for no bundles',
    'JobMarket',
    'share.revealed < voucher.bundles || share.openCases > 0',
    'share.openCases > 0',
    REDEEM,
  ),
  flaw(
    'a condition ignores open cases',
    'JobMarket',
    'share.revealed < voucher.bundles || share.openCases > 0',
    'share.revealed < voucher.bundles',
    REDEEM,
  ),
  flaw(
    'anybody allocates',
    'JobMarket',
    'if (!_isPayer(terms, msg.sender)) revert NotAgent(msg.sender);',
    '',
  ),
  flaw(
    'anybody gives up for another',
    'JobMarket',
    'if (!registry.speaksFor(provider, msg.sender)) revert NotProvider(msg.sender);',
    '',
  ),
  flaw(
    'a deal opens twice',
    'JobMarket',
    'if (_deals[id].state != DealState.None) revert DealExists(id);',
    '',
  ),
  flaw('a budget comes from nowhere', 'JobMarket', '_debit(terms.requester, terms.budget);', ''),
  flaw(
    'a deal closes on a promise',
    'JobMarket',
    'deal.promised == 0 ? terms.workUntil : terms.redeemUntil',
    'terms.workUntil',
  ),
  flaw('a closing refunds nothing', 'JobMarket', '_credit(terms.requester, deal.remaining);', ''),
  flaw(
    'a refund goes to the broker',
    'JobMarket',
    '_credit(terms.requester, deal.rem',
    '_credit(terms.agent, deal.rem',
  ),
  flaw(
    'pay is credited to the account',
    'JobMarket',
    '_credit(payout, amount);',
    '_credit(provider, amount);',
  ),
  flaw('a deposit is worth more', 'Balances', '_credit(account, amount);', '_credit(account, amount + 1);'),
  flaw('a balance is spent again', 'Balances', 'balance - amount;', 'balance;'),
  flaw(
    'a withdrawal costs nothing',
    'Balances',
    '        _debit(msg.sender, amount);\n        emit Withdrawn',
    '        emit Withdrawn',
  ),
  flaw(
    'a pause keeps balances',
    'Balances',
    'uint96 amount) external {',
    'uint96 amount) external whileOpen {',
  ),
];

const WORDS: readonly Mutant[] = [
  flaw(
    'any key seals',
    'JobMarket',
    '!_same(commitment.deal, id) || !registry.answersFor(provider, signer, deal.openedAt)',
    '!_same(commitment.deal, id) || signer == address(0)',
  ),
  flaw(
    'a bundle is sealed anew',
    'JobMarket',
    'if (bundles.words[number] != 0) revert NumberUsed(number);',
    '',
    BUNDLES,
  ),
  flaw(
    'any root opens a seal',
    'JobMarket',
    'root == 0 || bundles.words[number] != DealPapers.seal(id, provider, number, root, salt)',
    'root == 0 || salt == 0',
  ),
  flaw('a bundle opens twice', 'JobMarket', 'bundles.revealed.set(number);', '', BUNDLES),
  flaw('an opening does not count', 'JobMarket', '++_shares[id][provider].revealed;', '', BUNDLES),
  flaw('an accusation needs no proof', 'JobMarket', '_requireProved(_bundles[id][provider], testimony);', ''),
  flaw(
    'a contradiction is forgiven',
    'JobMarket',
    '            _slash(id, deal, terms.stakeLock, provider, share);\n            return;',
    '            return;',
    DISPUTES,
  ),
  flaw(
    'an open word expires',
    'JobMarket',
    'if (share.committed == share.revealed) revert NothingToDo();',
    '',
  ),
  flaw('a case is settled again', 'JobMarket', 'dispute.settled = true;', ''),
  flaw(
    'the majority is slashed',
    'JobMarket',
    'truth != 0 && !agreed && !slashed',
    'truth != 0 && agreed && !slashed',
  ),
  flaw('a slashed provider gains a name', 'JobMarket', 'truth != 0 && !(agreed && slashed)', 'truth != 0'),
  flaw('a case stays open', 'JobMarket', '--share.openCases;', ''),
  flaw('a draw has a winner', 'libraries/Verdicts', 'alone = count > most;', 'alone = true;'),
  flaw('a quorum needs one more', 'libraries/Verdicts', 'most >= quorum', 'most > quorum'),
  flaw('one word is a quorum', 'libraries/Verdicts', 'alone && most >= quorum', 'alone'),
];

const STAKE: readonly Mutant[] = [
  flaw('a release unlocks nothing', 'JobMarket', 'registry.unlock(provider, terms.stakeLock);', ''),
  flaw('a lock is given back twice', 'JobMarket', '_shares[id][provider].state = ShareState.Released;', ''),
  flaw(
    'an accused provider is released',
    'JobMarket',
    'share.openCases > 0 || share.committed > share.revealed',
    'share.committed > share.revealed',
  ),
  flaw(
    'a silent provider is released',
    'JobMarket',
    'share.openCases > 0 || share.committed > share.revealed',
    'share.openCases > 0',
  ),
  flaw('a slash leaves the lock', 'JobMarket', 'if (stake > 0) registry.slash(provider, stake);', ''),
  flaw('a slash burns nothing', 'ProviderRegistry', 'token.burn(amount);', ''),
  flaw('a slash keeps its lock', 'ProviderRegistry', 'slashed.locked -= amount;', ''),
  flaw(
    'more is locked than is free',
    'ProviderRegistry',
    'if (amount > free) revert StakeTooLow(free, amount);',
    '',
  ),
  flaw(
    'locked stake leaves',
    'ProviderRegistry',
    'uint96 unlocked = self.staked - self.locked;\n        if',
    'uint96 unlocked = self.staked;\n        if',
  ),
  flaw(
    'stake leaves at once',
    'ProviderRegistry',
    'if (block.timestamp < self.readyAt) revert CoolingDown(self.readyAt);',
    '',
  ),
  flaw('stake leaves again', 'ProviderRegistry', 'self.staked -= amount;', ''),
  flaw('anybody slashes', 'ProviderRegistry', 'if (msg.sender != market) revert OnlyMarket();', ''),
  flaw(
    'a pause keeps stake',
    'ProviderRegistry',
    'function unstake() external {',
    'function unstake() external whileOpen {',
  ),
  flaw('anybody stops the intake', 'Intake', 'if (msg.sender != guardian) revert OnlyGuardian();', ''),
];

const REST: readonly Mutant[] = [
  flaw('anybody mints', 'GridToken', 'if (msg.sender != minter) revert OnlyMinter();', ''),
  flaw('anybody praises', 'Reputation', 'if (msg.sender != market) revert OnlyMarket();', ''),
  flaw('a lie costs a quarter', 'Reputation', 'score * 2 / 3', 'score * 3 / 4', 'Reputation.t.sol'),
  flaw(
    'a name never fades',
    'Reputation',
    'uint256 age = block.timestamp - last.since;',
    'uint256 age = 0;',
    'Reputation.t.sol',
  ),
  flaw('a share is claimed again', 'Emission', 'hasClaimed[epoch][account] = true;', '', 'Emission.t.sol'),
  flaw(
    'an epoch mints without end',
    'Emission',
    'if (amount > shares.left) revert EpochExhausted(shares.left, amount);',
    '',
    'Emission.t.sol',
  ),
  flaw(
    'one attester fewer is enough',
    'Emission',
    'if (valid < _panel.threshold)',
    'if (valid + 1 < _panel.threshold)',
    'Emission.t.sol',
  ),
  flaw(
    'an attester counts twice',
    'Emission',
    'if (signer <= last) revert',
    'if (signer < last) revert',
    'Emission.t.sol',
  ),
  flaw('old attesters stay', 'Emission', '_appoint(_panel.attesters, false);', '', 'Emission.t.sol'),
  flaw(
    'an anchor moves',
    'ResultAnchor',
    'if (rootOf[msg.sender][subject] != 0) revert AlreadyAnchored(msg.sender, subject);',
    '',
    'ResultAnchor.t.sol',
  ),
  flaw(
    'a version changes',
    'AppRegistry',
    'if (bytes(_apps[app].manifests[version]).length != 0) revert VersionExists(app, version);',
    '',
    'AppRegistry.t.sol',
  ),
  flaw('an offer is taken twice', 'AppRegistry', 'delete _apps[app].offeredTo;', '', 'AppRegistry.t.sol'),
];

export const MUTANTS: readonly Mutant[] = [...PAY, ...WORDS, ...STAKE, ...REST];
