// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {GridToken} from "./GridToken.sol";
import {Intake} from "./Intake.sol";
import {IJobMarket} from "./interfaces/IJobMarket.sol";
import {IProviderRegistry} from "./interfaces/IProviderRegistry.sol";
import {IReputation} from "./interfaces/IReputation.sol";
import {DealPapers} from "./libraries/DealPapers.sol";
import {DealRules} from "./libraries/DealRules.sol";
import {Verdicts, Vote} from "./libraries/Verdicts.sol";
import {
    Allocation,
    Commitment,
    Deal,
    DealId,
    DealState,
    Share,
    ShareState,
    Terms,
    Testimony,
    Voucher
} from "./types/Deal.sol";

/// @title Deposits, deals, vouchers, disputes
/// @notice The whole is told in docs/money.md, its laws in contracts/test/invariant/README.md. What always holds:
/// tokens held here are the balances and what remains of open deals; what a deal has promised is what its shares have
/// allocated and not been paid, and never more than what remains.
/// @dev Money moves between balances inside; tokens only in `deposit` and `withdraw`, as the last thing they do. The
/// other contracts that are called are part of the same deployment, and call nobody.
contract JobMarket is IJobMarket, EIP712, Intake {
    using SafeERC20 for GridToken;
    using DealPapers for Terms;
    using DealPapers for Voucher;
    using DealPapers for Commitment;
    using DealPapers for Testimony;

    struct Case {
        Vote[] votes;
        bool settled;
    }

    GridToken public immutable token;
    IProviderRegistry public immutable registry;
    IReputation public immutable reputation;

    mapping(address account => uint96) public balanceOf;
    mapping(DealId deal => Deal) private _deals;
    mapping(DealId deal => mapping(address provider => Share)) private _shares;
    mapping(DealId deal => mapping(address provider => mapping(uint24 number => bytes32))) private _seals;
    mapping(DealId deal => mapping(address provider => mapping(uint24 number => bytes32))) private _roots;
    mapping(DealId deal => mapping(bytes32 unit => Case)) private _cases;

    constructor(GridToken token_, IProviderRegistry registry_, IReputation reputation_, address guardian_)
        EIP712("CONUN JobMarket", "1")
        Intake(guardian_)
    {
        token = token_;
        registry = registry_;
        reputation = reputation_;
    }

    // Deposits

    function deposit(uint96 amount) external {
        _deposit(msg.sender, amount);
    }

    function depositFor(address account, uint96 amount) external {
        _deposit(account, amount);
    }

    /// @dev A permit that somebody else has used already does no harm: the allowance is there.
    function depositWithPermit(uint96 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _deposit(msg.sender, amount);
    }

    function withdraw(address to, uint96 amount) external {
        if (amount == 0) revert AmountZero();
        _debit(msg.sender, amount);
        emit Withdrawn(msg.sender, to, amount);
        token.safeTransfer(to, amount);
    }

    // Deals

    function open(Terms calldata terms, bytes calldata signature) external whileOpen returns (DealId deal) {
        DealRules.check(terms);
        deal = dealIdOf(terms);
        if (_deals[deal].state != DealState.None) revert DealExists(deal);
        if (!SignatureChecker.isValidSignatureNow(terms.requester, DealId.unwrap(deal), signature)) {
            revert SignatureInvalid(terms.requester);
        }
        _debit(terms.requester, terms.budget);
        _deals[deal] = Deal({remaining: terms.budget, promised: 0, state: DealState.Open});
        emit DealOpened(deal, terms.requester, terms.spec, terms);
    }

    function allocate(Terms calldata terms, Allocation[] calldata allocations) external {
        DealId deal = _openDeal(terms);
        if (msg.sender != terms.agent && msg.sender != terms.requester) revert NotAgent(msg.sender);
        DealRules.requireUntil(terms.workUntil);
        Deal memory budget = _deals[deal];
        for (uint256 i = 0; i < allocations.length; i++) {
            Allocation calldata given = allocations[i];
            if (given.amount == 0) revert AmountZero();
            uint96 left = budget.remaining - budget.promised;
            if (left < given.amount) revert BudgetExceeded(left, given.amount);
            budget.promised += given.amount;
            _allocate(terms, deal, given);
        }
        _deals[deal] = budget;
    }

    function redeem(Terms calldata terms, Voucher calldata voucher, bytes calldata signature) external {
        DealId deal = _openDeal(terms);
        DealRules.requireUntil(terms.redeemUntil);
        _paid(deal, _redeem(terms, deal, voucher, signature));
    }

    function redeemMany(Terms calldata terms, Voucher[] calldata vouchers, bytes[] calldata signatures) external {
        DealId deal = _openDeal(terms);
        DealRules.requireUntil(terms.redeemUntil);
        uint96 sum = 0;
        for (uint256 i = 0; i < vouchers.length; i++) sum += _redeem(terms, deal, vouchers[i], signatures[i]);
        _paid(deal, sum);
    }

    function relinquish(Terms calldata terms, address provider) external {
        DealId deal = _openDeal(terms);
        if (!_speaksFor(msg.sender, provider)) revert NotProvider(msg.sender);
        uint96 amount = _forfeit(deal, provider);
        if (amount == 0) revert NothingToDo();
        emit Relinquished(deal, provider, amount);
    }

    /// @dev Early only while nothing is promised: nobody can be deprived of anything then.
    function close(Terms calldata terms) external {
        DealId deal = _openDeal(terms);
        Deal memory ended = _deals[deal];
        DealRules.requireAfter(ended.promised == 0 ? terms.workUntil : terms.redeemUntil);
        _deals[deal] = Deal({remaining: 0, promised: 0, state: DealState.Closed});
        balanceOf[terms.requester] += ended.remaining;
        emit DealClosed(deal, terms.requester, ended.remaining);
    }

    // What providers said. Reveals, testimonies, verdicts and locks do not end with a deal that was closed early:
    // otherwise closing would let a liar escape, and have an honest provider expire.

    function commit(Terms calldata terms, Commitment calldata given, bytes calldata signature) external {
        DealId deal = _openDeal(terms);
        DealRules.requireUntil(terms.workUntil);
        (address provider, uint24 number) = (given.provider, given.number);
        if (number == 0 || number > DealRules.BUNDLES_MAX || given.seal == 0) revert NumberInvalid(number);
        Share storage share = _liveShare(deal, provider);
        if (_seals[deal][provider][number] != 0) revert NumberUsed(number);
        if (DealId.unwrap(given.deal) != DealId.unwrap(deal) || !_isWordOf(provider, given.hash(), signature)) {
            revert SignatureInvalid(provider);
        }
        _seals[deal][provider][number] = given.seal;
        share.committed += 1;
        emit Committed(deal, provider, number, given.seal);
    }

    function reveal(Terms calldata terms, address provider, uint24 number, bytes32 root, bytes32 salt) external {
        DealId deal = _knownDeal(terms);
        DealRules.requireAfter(terms.workUntil);
        DealRules.requireUntil(terms.revealUntil);
        Share storage share = _liveShare(deal, provider);
        bytes32 seal = _seals[deal][provider][number];
        if (seal == 0) revert BundleUnknown(number);
        if (_roots[deal][provider][number] != 0) revert BundleRevealed(number);
        if (root == 0 || seal != DealPapers.seal(deal, provider, number, root, salt)) revert SealWrong();
        _roots[deal][provider][number] = root;
        share.revealed += 1;
        emit Revealed(deal, provider, number, root);
    }

    function testify(Terms calldata terms, Testimony calldata said) external {
        DealId deal = _knownDeal(terms);
        DealRules.requireAfter(terms.workUntil);
        DealRules.requireUntil(terms.disputeUntil);
        Share storage share = _liveShare(deal, said.provider);
        bytes32 root = _roots[deal][said.provider][said.number];
        if (root == 0) revert BundleUnknown(said.number);
        if (!MerkleProof.verifyCalldata(said.proof, root, said.leaf())) revert ProofWrong();
        Vote[] storage votes = _cases[deal][said.unit].votes;
        for (uint256 i = 0; i < votes.length; i++) {
            if (votes[i].provider != said.provider) continue;
            if (votes[i].digest == said.digest) revert TestimonyRepeated(said.unit, said.provider);
            // Two words on one unit, both under its own seals.
            _slash(terms, deal, said.provider);
            return;
        }
        if (votes.length == DealRules.VOTES_MAX) revert VotesFull(said.unit);
        votes.push(Vote(said.provider, said.digest));
        share.openCases += 1;
        emit Testified(deal, said.unit, said.provider, said.digest);
    }

    function settle(Terms calldata terms, bytes32 unit) external {
        DealId deal = _knownDeal(terms);
        DealRules.requireAfter(terms.disputeUntil);
        Case storage judged = _cases[deal][unit];
        Vote[] memory votes = judged.votes;
        if (votes.length == 0) revert CaseUnknown(unit);
        if (judged.settled) revert CaseSettled(unit);
        judged.settled = true;
        (bool found, bytes32 truth) = Verdicts.truthOf(votes, terms.minQuorum);
        for (uint256 i = 0; i < votes.length; i++) {
            address provider = votes[i].provider;
            Share storage share = _shares[deal][provider];
            share.openCases -= 1;
            if (!found) continue;
            bool agreed = votes[i].digest == truth;
            if (!agreed && share.state != ShareState.Slashed) _slash(terms, deal, provider);
            reputation.record(provider, agreed);
        }
        emit Settled(deal, unit, truth);
    }

    function expire(Terms calldata terms, address provider) external {
        DealId deal = _knownDeal(terms);
        DealRules.requireAfter(terms.revealUntil);
        Share storage share = _liveShare(deal, provider);
        if (share.committed == share.revealed) revert NothingToDo();
        _slash(terms, deal, provider);
    }

    function release(Terms calldata terms, address provider) external {
        DealId deal = _knownDeal(terms);
        Share storage share = _shares[deal][provider];
        if (share.state != ShareState.Locked) revert NothingToDo();
        DealRules.requireAfter(share.committed == 0 ? terms.workUntil : terms.disputeUntil);
        if (share.openCases != 0 || share.committed != share.revealed) revert ConditionUnmet(deal, provider);
        share.state = ShareState.Released;
        emit Released(deal, provider, terms.stakeLock);
        registry.unlock(provider, terms.stakeLock);
    }

    // Views

    function dealIdOf(Terms calldata terms) public view returns (DealId) {
        return DealId.wrap(_hashTypedDataV4(terms.hash()));
    }

    function dealOf(DealId deal) external view returns (Deal memory) {
        return _deals[deal];
    }

    function shareOf(DealId deal, address provider) external view returns (Share memory) {
        return _shares[deal][provider];
    }

    function bundleOf(DealId deal, address provider, uint24 number) external view returns (bytes32) {
        bytes32 root = _roots[deal][provider][number];
        return root != 0 ? root : _seals[deal][provider][number];
    }

    function caseOf(DealId deal, bytes32 unit)
        external
        view
        returns (address[] memory providers, bytes32[] memory digests, bool settled)
    {
        Case storage found = _cases[deal][unit];
        uint256 length = found.votes.length;
        (providers, digests, settled) = (new address[](length), new bytes32[](length), found.settled);
        for (uint256 i = 0; i < length; i++) {
            (providers[i], digests[i]) = (found.votes[i].provider, found.votes[i].digest);
        }
    }

    // Inside

    function _deposit(address account, uint96 amount) private whileOpen {
        if (amount == 0) revert AmountZero();
        balanceOf[account] += amount;
        emit Deposited(account, amount);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    function _debit(address account, uint96 amount) private {
        uint96 balance = balanceOf[account];
        if (balance < amount) revert BalanceTooLow(balance, amount);
        balanceOf[account] = balance - amount;
    }

    function _allocate(Terms calldata terms, DealId deal, Allocation calldata given) private {
        address provider = given.provider;
        Share memory share = _shares[deal][provider];
        if (share.state == ShareState.Slashed) revert ShareSlashed(deal, provider);
        if (share.state == ShareState.None) share.state = _join(terms, deal, given);
        share.allocated += given.amount;
        _shares[deal][provider] = share;
        emit Allocated(deal, provider, share.allocated);
    }

    /// @dev The first allocation: the provider takes part with its stake, on its own word.
    function _join(Terms calldata terms, DealId deal, Allocation calldata given) private returns (ShareState) {
        address provider = given.provider;
        if (registry.payoutOf(provider) == address(0)) revert ProviderUnknown(provider);
        if (terms.stakeLock == 0) return ShareState.Joined;
        bytes32 accepted = DealPapers.acceptanceHash(deal, provider, terms.stakeLock);
        if (!_isWordOf(provider, accepted, given.acceptance)) revert SignatureInvalid(provider);
        registry.lock(provider, terms.stakeLock);
        return ShareState.Locked;
    }

    function _redeem(Terms calldata terms, DealId deal, Voucher calldata voucher, bytes calldata signature)
        private
        returns (uint96 amount)
    {
        address provider = voucher.provider;
        if (DealId.unwrap(voucher.deal) != DealId.unwrap(deal) || !_isWordOfPayer(terms, voucher.hash(), signature)) {
            revert SignatureInvalid(terms.agent);
        }
        Share memory share = _shares[deal][provider];
        _requireLive(share, deal, provider);
        if (voucher.bundles > 0) {
            DealRules.requireAfter(terms.disputeUntil);
            if (share.revealed < voucher.bundles || share.openCases != 0) revert ConditionUnmet(deal, provider);
        }
        uint96 due = voucher.amount < share.allocated ? voucher.amount : share.allocated;
        if (due <= share.paid) revert NothingToDo();
        amount = due - share.paid;
        _shares[deal][provider].paid = due;
        address payout = registry.payoutOf(provider);
        balanceOf[payout] += amount;
        emit Redeemed(deal, provider, payout, amount);
    }

    function _paid(DealId deal, uint96 amount) private {
        Deal memory budget = _deals[deal];
        budget.remaining -= amount;
        budget.promised -= amount;
        _deals[deal] = budget;
    }

    /// @dev Gives the unpaid rest of an allocation back to the budget; a closed deal has no budget any more.
    function _forfeit(DealId deal, address provider) private returns (uint96 amount) {
        Share storage share = _shares[deal][provider];
        amount = share.allocated - share.paid;
        share.allocated = share.paid;
        if (_deals[deal].state == DealState.Open) _deals[deal].promised -= amount;
    }

    function _slash(Terms calldata terms, DealId deal, address provider) private {
        Share storage share = _shares[deal][provider];
        uint96 stake = share.state == ShareState.Locked ? terms.stakeLock : 0;
        uint96 forfeited = _forfeit(deal, provider);
        share.state = ShareState.Slashed;
        emit Slashed(deal, provider, stake, forfeited);
        if (stake != 0) registry.slash(provider, stake);
    }

    /// @dev Verdicts and locks outlive a deal's closing.
    function _knownDeal(Terms calldata terms) private view returns (DealId deal) {
        deal = dealIdOf(terms);
        if (_deals[deal].state == DealState.None) revert DealNotOpen(deal);
    }

    function _openDeal(Terms calldata terms) private view returns (DealId deal) {
        deal = dealIdOf(terms);
        if (_deals[deal].state != DealState.Open) revert DealNotOpen(deal);
    }

    function _liveShare(DealId deal, address provider) private view returns (Share storage share) {
        share = _shares[deal][provider];
        _requireLive(share, deal, provider);
    }

    function _requireLive(Share memory share, DealId deal, address provider) private pure {
        if (share.state == ShareState.None) revert ShareUnknown(deal, provider);
        if (share.state == ShareState.Slashed) revert ShareSlashed(deal, provider);
    }

    function _speaksFor(address key, address provider) private view returns (bool) {
        return key == provider || registry.providerOf(key) == provider;
    }

    /// @dev A removed worker speaks for nobody any more, whenever it has signed.
    function _isWordOf(address provider, bytes32 structHash, bytes calldata signature) private view returns (bool) {
        (address signer, ECDSA.RecoverError flaw,) =
            ECDSA.tryRecoverCalldata(_hashTypedDataV4(structHash), signature);
        return flaw == ECDSA.RecoverError.NoError && _speaksFor(signer, provider);
    }

    /// @dev By the agent or the requester, keys first; either may be a contract (ERC-1271).
    function _isWordOfPayer(Terms calldata terms, bytes32 structHash, bytes calldata signature)
        private
        view
        returns (bool)
    {
        bytes32 digest = _hashTypedDataV4(structHash);
        (address signer, ECDSA.RecoverError flaw,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (flaw == ECDSA.RecoverError.NoError && (signer == terms.agent || signer == terms.requester)) return true;
        return _isWordOfContract(terms.agent, digest, signature)
            || _isWordOfContract(terms.requester, digest, signature);
    }

    function _isWordOfContract(address account, bytes32 digest, bytes calldata signature) private view returns (bool) {
        return account.code.length > 0 && SignatureChecker.isValidERC1271SignatureNow(account, digest, signature);
    }
}
