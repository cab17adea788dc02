// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Crooks} from "./Crooks.sol";
import {Deal, DealState, Share, ShareState} from "../../src/types/Deal.sol";

/// @notice The laws of a state, whatever steps have led to it, and the way out of it.
contract Play is Crooks {
    function steps() external pure returns (bytes4[] memory all) {
        all = new bytes4[](29);
        (all[0], all[1], all[2]) = (this.wait.selector, this.waitForPhase.selector, this.deposit.selector);
        (all[3], all[4], all[5]) = (this.withdraw.selector, this.open.selector, this.allocate.selector);
        (all[6], all[7], all[8]) = (this.redeem.selector, this.redeemMany.selector, this.relinquish.selector);
        (all[9], all[10], all[11]) = (this.commit.selector, this.reveal.selector, this.tell.selector);
        (all[12], all[13], all[14]) = (this.settle.selector, this.expire.selector, this.release.selector);
        (all[15], all[16], all[17]) = (this.close.selector, this.stake.selector, this.requestUnstake.selector);
        (all[18], all[19], all[20]) = (this.unstake.selector, this.changeKeys.selector, this.guard.selector);
        (all[21], all[22], all[23]) = (this.mint.selector, this.replay.selector, this.copySeal.selector);
        (all[24], all[25], all[26]) = (this.accuse.selector, this.intrude.selector, this.replicate.selector);
        (all[27], all[28]) = (this.revealAll.selector, this.tellAll.selector);
    }

    /// @dev Laws 1, 2, 3 and 5, of each state.
    function laws() external view {
        uint256 owed;
        for (uint256 i; i < accounts.length; ++i) owed += market.balanceOf(accounts[i]);
        uint256[CROWD] memory locked;
        uint256 burnt;
        for (uint256 d; d < ids.length; ++d) {
            Deal memory deal_ = market.dealOf(ids[d]);
            owed += deal_.remaining;
            uint256 promised;
            uint256 paid;
            for (uint256 i; i < CROWD; ++i) {
                Share memory mine = market.shareOf(ids[d], crowd[i]);
                promised += mine.allocated - mine.paid;
                paid += mine.paid;
                if (mine.state == ShareState.Locked) locked[i] += played[d].stakeLock;
                if (mine.state == ShareState.Slashed) burnt += played[d].stakeLock;
            }
            if (deal_.state != DealState.Open) continue;
            require(deal_.promised == promised && promised <= deal_.remaining, "5: promises are not what is promised");
            require(deal_.remaining + paid == played[d].budget, "5: a budget is not what is paid and what remains");
        }
        require(token.balanceOf(address(market)) == owed, "1: the market does not hold what it owes");
        uint256 staked;
        for (uint256 i; i < CROWD; ++i) {
            staked += registry.stakeOf(crowd[i]).staked;
            require(registry.stakeOf(crowd[i]).locked == locked[i], "3: what is locked is not what deals lock");
            require(locked[i] <= registry.stakeOf(crowd[i]).staked, "3: more is locked than staked");
        }
        require(token.balanceOf(address(registry)) == staked, "1: the registry does not hold what is staked");
        require(token.totalSupply() == 1_000_000 ether + minted - burnt, "2: tokens came or went otherwise");
        require(token.totalSupply() <= token.cap(), "2: more tokens than the cap");
    }

    /// @notice Law 13: a stranger ends everything, with the intake stopped; then owners have all of it.
    function leave() external {
        vm.warp(clock);
        vm.startPrank(guardian);
        market.stopIntake();
        registry.stopIntake();
        vm.stopPrank();
        for (uint256 i; i < CROWD; ++i) {
            uint96 staked = registry.stakeOf(crowd[i]).staked;
            vm.prank(crowd[i]);
            registry.requestUnstake(staked);
        }
        vm.warp(clock + 31 days);
        vm.startPrank(stranger);
        for (uint256 d; d < ids.length; ++d) finish(d);
        vm.stopPrank();
        for (uint256 i; i < CROWD; ++i) takeStake(crowd[i]);
        for (uint256 i; i < accounts.length; ++i) takeBalance(accounts[i]);
        require(token.balanceOf(address(market)) == 0, "13: tokens are stuck in the market");
        require(token.balanceOf(address(registry)) == 0, "13: tokens are stuck in the registry");
    }

    function finish(uint256 place) private {
        choose(place);
        // In another order, and with a refund before the slashes, it must come to the same.
        if (place % 2 == 0 && deal().state == DealState.Open) market.close(terms);
        for (uint256 i; i < CROWD; ++i) {
            Share memory mine = share(i);
            bool isLive = mine.state != ShareState.None && mine.state != ShareState.Slashed;
            if (isLive && mine.committed > mine.revealed) market.expire(terms, crowd[i]);
        }
        for (uint256 unit = 1; unit <= UNITS; ++unit) {
            (address[] memory voters,, bool isSettled) = market.caseOf(id, bytes32(unit));
            if (voters.length > 0 && !isSettled) market.settle(terms, bytes32(unit));
        }
        for (uint256 i; i < CROWD; ++i) {
            if (share(i).state == ShareState.Locked) market.release(terms, crowd[i]);
        }
        if (deal().state == DealState.Open) market.close(terms);
    }

    function takeStake(address owner) private {
        if (registry.stakeOf(owner).staked == 0) return;
        vm.prank(owner);
        registry.unstake();
    }

    function takeBalance(address owner) private {
        uint96 balance = market.balanceOf(owner);
        if (balance == 0) return;
        vm.prank(owner);
        market.withdraw(owner, balance);
    }
}
