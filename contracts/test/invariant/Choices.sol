// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Cast} from "./Cast.sol";
import {IProviderRegistry} from "../../src/interfaces/IProviderRegistry.sol";
import {Deal, DealState, Share, ShareState, Terms} from "../../src/types/Deal.sol";

/// @notice What a step is about: anything, but something to which it can be done as long as there is any.
/// @dev By chance alone nine steps in ten would be refused for their time. A deal that is chosen is `terms` and `id`.
abstract contract Choices is Cast {
    function chooseWorking(uint256 which) internal {
        choose(find(which, played.length, isWorking));
    }

    function chooseWord(uint256 which, function(uint256) internal view returns (bool) isSo)
        internal
        returns (Word memory word)
    {
        word = words[find(which, words.length, isSo)];
        choose(word.place);
    }

    function chooseCase(uint256 which) internal returns (bytes32) {
        which = find(which, played.length * UNITS, isDisputed);
        choose(which / UNITS);
        return unitOf(which);
    }

    /// @return who Its provider.
    function chooseShare(uint256 which, function(uint256) internal view returns (bool) isSo)
        internal
        returns (uint256 who)
    {
        which = find(which, played.length * CROWD, isSo);
        choose(which / CROWD);
        return which % CROWD;
    }

    /// @dev From `any` on the first that is so.
    function find(uint256 any, uint256 count, function(uint256) internal view returns (bool) isSo)
        internal
        view
        returns (uint256)
    {
        any %= count;
        for (uint256 i; i < count; ++i) if (isSo((any + i) % count)) return (any + i) % count;
        return any;
    }

    function isWorking(uint256 place) internal view returns (bool) {
        return clock <= played[place].workUntil && market.dealOf(ids[place]).state == DealState.Open;
    }

    function isTakingPart(uint256 which) internal view returns (bool) {
        ShareState state = shareAt(which).state;
        return isWorking(which / CROWD) && (state == ShareState.Joined || state == ShareState.Locked);
    }

    function isOriginal(uint256 which) internal view returns (bool) {
        return !words[which].isCopy && isWorking(words[which].place);
    }

    function isSealed(uint256 which) internal view returns (bool) {
        Terms memory its = played[words[which].place];
        return clock > its.workUntil && clock <= its.revealUntil && !isOpened(words[which]);
    }

    function isTellable(uint256 which) internal view returns (bool) {
        Terms memory its = played[words[which].place];
        return clock > its.workUntil && clock <= its.disputeUntil && isOpened(words[which]);
    }

    function isDisputed(uint256 which) internal view returns (bool) {
        (address[] memory voters,, bool isSettled) = market.caseOf(ids[which / UNITS], unitOf(which));
        return voters.length > 0 && !isSettled;
    }

    function isOwed(uint256 which) internal view returns (bool) {
        Share memory its = shareAt(which);
        Deal memory deal_ = market.dealOf(ids[which / CROWD]);
        return its.allocated > its.paid && deal_.state == DealState.Open && clock <= played[which / CROWD].redeemUntil;
    }

    function isSilent(uint256 which) internal view returns (bool) {
        Share memory its = shareAt(which);
        bool isLive = its.state != ShareState.Slashed && its.committed > its.revealed;
        return isLive && clock > played[which / CROWD].revealUntil;
    }

    function isLocked(uint256 which) internal view returns (bool) {
        return shareAt(which).state == ShareState.Locked && clock > played[which / CROWD].workUntil;
    }

    function isLeaving(uint256 who) internal view returns (bool) {
        IProviderRegistry.Stake memory its = registry.stakeOf(crowd[who]);
        return registry.unbondingOf(crowd[who]).amount > 0 && its.staked > its.locked;
    }

    function shareAt(uint256 which) private view returns (Share memory) {
        return market.shareOf(ids[which / CROWD], crowd[which % CROWD]);
    }

    function isOpened(Word memory word) private view returns (bool) {
        return market.bundleOf(ids[word.place], crowd[word.who], word.number) == leaf(word.unit, word.digest);
    }
}
