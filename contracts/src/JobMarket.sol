// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {Balances} from "./Balances.sol";
import {GridToken} from "./GridToken.sol";
import {Intake} from "./Intake.sol";
import {IProviderRegistry} from "./interfaces/IProviderRegistry.sol";
import {IReputation} from "./interfaces/IReputation.sol";
import {DealPapers} from "./libraries/DealPapers.sol";
import {DealRules} from "./libraries/DealRules.sol";
import {Shares} from "./libraries/Shares.sol";
import {Signatures} from "./libraries/Signatures.sol";
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

/// @title Deals between requesters and providers
/// @notice The one shell with state over pure libraries. Its tokens are the balances and what remains in open
/// deals; every deal ends, and then all of its budget is in balances. Whoever calls, nothing but signed papers
/// and the clock decides.
/// @dev Calls out only to its own token, registry and reputation, which call nobody back.
contract JobMarket is Balances, EIP712 {
    using BitMaps for BitMaps.BitMap;
    using DealPapers for Terms;
    using DealPapers for Voucher;
    using DealPapers for Commitment;
    using DealPapers for Testimony;
    using Shares for Deal;

    /// @dev What a provider has sealed in one deal: a seal until it is revealed, its root from then on.
    struct Bundles {
        mapping(uint24 number => bytes32) words;
        BitMaps.BitMap revealed;
    }

    struct Case {
        Vote[] votes;
        bool settled;
    }

    IProviderRegistry public immutable registry;
    IReputation public immutable reputation;

    mapping(DealId deal => Deal) private _deals;
    mapping(DealId deal => mapping(address provider => Share)) private _shares;
    mapping(DealId deal => mapping(address provider => Bundles)) private _bundles;
    mapping(DealId deal => mapping(bytes32 unit => Case)) private _cases;

    constructor(GridToken token_, IProviderRegistry registry_, IReputation reputation_, address guardian_)
        Balances(token_)
        Intake(guardian_)
        EIP712("CONUN JobMarket", "1")
    {
        registry = registry_;
        reputation = reputation_;
    }

    function open(Terms calldata terms, bytes calldata signature) external whileOpen returns (DealId id) {
        DealRules.check(terms);
        id = dealIdOf(terms);
        if (_deals[id].state != DealState.None) revert DealExists(id);
        if (!Signatures.isBy(terms.requester, DealId.unwrap(id), signature)) {
            revert SignatureInvalid(terms.requester);
        }
        _debit(terms.requester, terms.budget);
        _deals[id] = Deal(terms.budget, 0, SafeCast.toUint40(block.timestamp), DealState.Open);
        emit DealOpened(id, terms.requester, terms.spec, terms);
    }

    function allocate(Terms calldata terms, Allocation[] calldata allocations) external {
        (DealId id, Deal memory deal) = _openDeal(terms);
        if (!_isPayer(terms, msg.sender)) revert NotAgent(msg.sender);
        DealRules.requireUntil(terms.workUntil);
        for (uint256 i; i < allocations.length; ++i) _pledge(id, deal, terms.stakeLock, allocations[i]);
        _deals[id] = deal;
    }

    function redeem(Terms calldata terms, Voucher calldata voucher, bytes calldata signature) external {
        (DealId id, Deal memory deal) = _openDeal(terms);
        DealRules.requireUntil(terms.redeemUntil);
        if (_pay(id, deal, terms, voucher, signature) == 0) revert NothingToDo();
        _deals[id] = deal;
    }

    /// @notice A voucher that somebody has brought before us hinders no other: only if none pays, it is refused.
    function redeemMany(Terms calldata terms, Voucher[] calldata vouchers, bytes[] calldata signatures) external {
        if (vouchers.length != signatures.length) revert CountsDiffer(vouchers.length, signatures.length);
        (DealId id, Deal memory deal) = _openDeal(terms);
        DealRules.requireUntil(terms.redeemUntil);
        uint96 before = deal.remaining;
        for (uint256 i; i < vouchers.length; ++i) _pay(id, deal, terms, vouchers[i], signatures[i]);
        if (deal.remaining == before) revert NothingToDo();
        _deals[id] = deal;
    }

    function relinquish(Terms calldata terms, address provider) external {
        (DealId id, Deal memory deal) = _openDeal(terms);
        if (!registry.speaksFor(provider, msg.sender)) revert NotProvider(msg.sender);
        Share memory share = _shares[id][provider];
        uint96 amount = deal.forfeit(share);
        if (amount == 0) revert NothingToDo();
        _shares[id][provider] = share;
        _deals[id] = deal;
        emit Relinquished(id, provider, amount);
    }

    function commit(Terms calldata terms, Commitment calldata commitment, bytes calldata signature) external {
        (DealId id, Deal memory deal) = _openDeal(terms);
        DealRules.requireUntil(terms.workUntil);
        (address provider, uint24 number) = (commitment.provider, commitment.number);
        if (number == 0 || number > DealRules.BUNDLES_MAX || commitment.seal == 0) revert NumberInvalid(number);
        _liveShare(id, provider);
        Bundles storage bundles = _bundles[id][provider];
        if (bundles.words[number] != 0) revert NumberUsed(number);
        address signer = Signatures.signerOf(_hashTypedDataV4(commitment.hash()), signature);
        if (!_same(commitment.deal, id) || !registry.answersFor(provider, signer, deal.openedAt)) {
            revert SignatureInvalid(provider);
        }
        bundles.words[number] = commitment.seal;
        ++_shares[id][provider].committed;
        emit Committed(id, provider, number, commitment.seal);
    }

    /// @dev Possible after an early closing too: who committed must be able to keep its word.
    function reveal(Terms calldata terms, address provider, uint24 number, bytes32 root, bytes32 salt) external {
        (DealId id,) = _knownDeal(terms);
        DealRules.requireAfter(terms.workUntil);
        DealRules.requireUntil(terms.revealUntil);
        _liveShare(id, provider);
        Bundles storage bundles = _bundles[id][provider];
        if (bundles.revealed.get(number)) revert BundleRevealed(number);
        if (bundles.words[number] == 0) revert BundleUnknown(number);
        if (root == 0 || bundles.words[number] != DealPapers.seal(id, provider, number, root, salt)) revert SealWrong();
        bundles.words[number] = root;
        bundles.revealed.set(number);
        ++_shares[id][provider].revealed;
        emit Revealed(id, provider, number, root);
    }

    /// @notice Who is proved to have said two things of one unit is slashed at once.
    function testify(Terms calldata terms, Testimony calldata testimony) external {
        (DealId id, Deal memory deal) = _knownDeal(terms);
        DealRules.requireAfter(terms.workUntil);
        DealRules.requireUntil(terms.disputeUntil);
        (address provider, bytes32 unit, bytes32 digest) = (testimony.provider, testimony.unit, testimony.digest);
        Share memory share = _liveShare(id, provider);
        _requireProved(_bundles[id][provider], testimony);
        Vote[] storage votes = _cases[id][unit].votes;
        for (uint256 i; i < votes.length; ++i) {
            if (votes[i].provider != provider) continue;
            if (votes[i].digest == digest) revert TestimonyRepeated(unit, provider);
            _slash(id, deal, terms.stakeLock, provider, share);
            return;
        }
        if (votes.length == DealRules.VOTES_MAX) revert VotesFull(unit);
        votes.push(Vote(provider, digest));
        ++_shares[id][provider].openCases;
        emit Testified(id, unit, provider, digest);
    }

    function settle(Terms calldata terms, bytes32 unit) external {
        (DealId id, Deal memory deal) = _knownDeal(terms);
        DealRules.requireAfter(terms.disputeUntil);
        Case storage dispute = _cases[id][unit];
        Vote[] memory votes = dispute.votes;
        if (votes.length == 0) revert CaseUnknown(unit);
        if (dispute.settled) revert CaseSettled(unit);
        dispute.settled = true;
        (bool found, bytes32 truth) = Verdicts.truthOf(votes, terms.minQuorum);
        if (!found) truth = 0;
        for (uint256 i; i < votes.length; ++i) _conclude(id, deal, terms.stakeLock, votes[i], truth);
        emit Settled(id, unit, truth);
    }

    function expire(Terms calldata terms, address provider) external {
        (DealId id, Deal memory deal) = _knownDeal(terms);
        DealRules.requireAfter(terms.revealUntil);
        Share memory share = _liveShare(id, provider);
        if (share.committed == share.revealed) revert NothingToDo();
        _slash(id, deal, terms.stakeLock, provider, share);
    }

    /// @dev Who committed nothing can be accused of nothing, and need not wait for the disputes of others.
    function release(Terms calldata terms, address provider) external {
        (DealId id,) = _knownDeal(terms);
        Share memory share = _shares[id][provider];
        if (share.state != ShareState.Locked) revert NothingToDo();
        DealRules.requireAfter(share.committed == 0 ? terms.workUntil : terms.disputeUntil);
        if (share.openCases > 0 || share.committed > share.revealed) revert ConditionUnmet(id, provider);
        _shares[id][provider].state = ShareState.Released;
        emit Released(id, provider, terms.stakeLock);
        registry.unlock(provider, terms.stakeLock);
    }

    function close(Terms calldata terms) external {
        (DealId id, Deal memory deal) = _openDeal(terms);
        DealRules.requireAfter(deal.promised == 0 ? terms.workUntil : terms.redeemUntil);
        _deals[id] = Deal(0, 0, deal.openedAt, DealState.Closed);
        _credit(terms.requester, deal.remaining);
        emit DealClosed(id, terms.requester, deal.remaining);
    }

    function dealIdOf(Terms calldata terms) public view returns (DealId) {
        return DealId.wrap(_hashTypedDataV4(terms.hash()));
    }

    function dealOf(DealId id) external view returns (Deal memory) {
        return _deals[id];
    }

    function shareOf(DealId id, address provider) external view returns (Share memory) {
        return _shares[id][provider];
    }

    function bundleOf(DealId id, address provider, uint24 number) external view returns (bytes32) {
        return _bundles[id][provider].words[number];
    }

    function caseOf(DealId id, bytes32 unit)
        external
        view
        returns (address[] memory providers, bytes32[] memory digests, bool settled)
    {
        Vote[] memory votes = _cases[id][unit].votes;
        (providers, digests) = (new address[](votes.length), new bytes32[](votes.length));
        for (uint256 i; i < votes.length; ++i) (providers[i], digests[i]) = (votes[i].provider, votes[i].digest);
        settled = _cases[id][unit].settled;
    }

    /// @dev The first allocation takes a provider in: where stake is locked, only on its own word. Whether it can be
    /// paid is asked when it is paid.
    function _pledge(DealId id, Deal memory deal, uint96 stakeLock, Allocation calldata given) private {
        address provider = given.provider;
        if (given.amount == 0) revert AmountZero();
        Share storage stored = _shares[id][provider];
        Share memory share = stored;
        deal.pledge(share, given.amount);
        if (share.state == ShareState.Slashed) revert ShareSlashed(id, provider);
        stored.allocated = share.allocated;
        emit Allocated(id, provider, share.allocated);
        if (share.state != ShareState.None) return;
        stored.state = stakeLock == 0 ? ShareState.Joined : ShareState.Locked;
        if (stakeLock > 0) _lock(id, stakeLock, given);
    }

    function _lock(DealId id, uint96 stakeLock, Allocation calldata given) private {
        address provider = given.provider;
        if (registry.payoutOf(provider) == address(0)) revert ProviderUnknown(provider);
        bytes32 digest = _hashTypedDataV4(DealPapers.acceptanceHash(id, provider, stakeLock));
        if (!registry.speaksFor(provider, Signatures.signerOf(digest, given.acceptance))) {
            revert SignatureInvalid(provider);
        }
        registry.lock(provider, stakeLock);
    }

    function _pay(
        DealId id,
        Deal memory deal,
        Terms calldata terms,
        Voucher calldata voucher,
        bytes calldata signature
    ) private returns (uint96 amount) {
        address provider = voucher.provider;
        if (!_same(voucher.deal, id) || !_isWordOfPayer(terms, voucher, signature)) {
            revert SignatureInvalid(terms.agent);
        }
        Share storage stored = _shares[id][provider];
        Share memory share = stored;
        _requireLive(id, provider, share);
        if (voucher.bundles > 0) {
            DealRules.requireAfter(terms.disputeUntil);
            if (share.revealed < voucher.bundles || share.openCases > 0) revert ConditionUnmet(id, provider);
        }
        amount = deal.pay(share, voucher.amount);
        if (amount == 0) return 0;
        stored.paid = share.paid;
        address payout = registry.payoutOf(provider);
        if (payout == address(0)) revert ProviderUnknown(provider);
        _credit(payout, amount);
        emit Redeemed(id, provider, payout, amount);
    }

    /// @dev Who may sign may also bring its word itself, without a signature: a quarter of the gas less.
    function _isWordOfPayer(Terms calldata terms, Voucher calldata voucher, bytes calldata signature)
        private
        view
        returns (bool)
    {
        return _isPayer(terms, msg.sender)
            || Signatures.isByEither(terms.agent, terms.requester, _hashTypedDataV4(voucher.hash()), signature);
    }

    function _isPayer(Terms calldata terms, address account) private pure returns (bool) {
        return account == terms.agent || account == terms.requester;
    }

    /// @dev Who was slashed before gains nothing here, whatever it said.
    function _conclude(DealId id, Deal memory deal, uint96 stakeLock, Vote memory vote, bytes32 truth) private {
        Share memory share = _shares[id][vote.provider];
        --share.openCases;
        bool slashed = share.state == ShareState.Slashed;
        bool agreed = vote.digest == truth;
        if (truth != 0 && !agreed && !slashed) _slash(id, deal, stakeLock, vote.provider, share);
        else _shares[id][vote.provider] = share;
        if (truth != 0 && !(agreed && slashed)) reputation.record(vote.provider, agreed);
    }

    /// @dev Burns the lock, so nobody gains by a slash; and the claim to what was not paid goes back into the budget.
    function _slash(DealId id, Deal memory deal, uint96 stakeLock, address provider, Share memory share) private {
        uint96 stake = share.state == ShareState.Locked ? stakeLock : 0;
        uint96 forfeited = deal.forfeit(share);
        share.state = ShareState.Slashed;
        _shares[id][provider] = share;
        _deals[id] = deal;
        emit Slashed(id, provider, stake, forfeited);
        if (stake > 0) registry.slash(provider, stake);
    }

    function _requireProved(Bundles storage bundles, Testimony calldata testimony) private view {
        if (!bundles.revealed.get(testimony.number)) revert BundleUnknown(testimony.number);
        bytes32 root = bundles.words[testimony.number];
        if (!MerkleProof.verifyCalldata(testimony.proof, root, testimony.leaf())) revert ProofWrong();
    }

    function _liveShare(DealId id, address provider) private view returns (Share memory share) {
        share = _shares[id][provider];
        _requireLive(id, provider, share);
    }

    function _requireLive(DealId id, address provider, Share memory share) private pure {
        if (share.state == ShareState.None) revert ShareUnknown(id, provider);
        if (share.state == ShareState.Slashed) revert ShareSlashed(id, provider);
    }

    function _openDeal(Terms calldata terms) private view returns (DealId id, Deal memory deal) {
        (id, deal) = _knownDeal(terms);
        if (deal.state != DealState.Open) revert DealNotOpen(id);
    }

    /// @dev Verdicts and locks outlive the closing of their deal.
    function _knownDeal(Terms calldata terms) private view returns (DealId id, Deal memory deal) {
        id = dealIdOf(terms);
        deal = _deals[id];
        if (deal.state == DealState.None) revert DealNotOpen(id);
    }

    function _same(DealId one, DealId other) private pure returns (bool) {
        return DealId.unwrap(one) == DealId.unwrap(other);
    }
}
