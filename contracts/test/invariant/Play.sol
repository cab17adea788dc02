// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Crooks} from "./Crooks.sol";
import {IProviderRegistry} from "../../src/interfaces/IProviderRegistry.sol";
import {Deal, DealState, Share, ShareState} from "../../src/types/Deal.sol";

/// @notice The laws of a state, whatever steps have led to it, and the way out of it.
contract Play is Crooks {
    function steps() external pure returns (bytes4[] memory all) {
        all = new bytes4[](31);
        (all[0], all[1], all[2]) = (this.wait.selector, this.waitForPhase.selector, this.deposit.selector);
        (all[3], all[4], all[5]) = (this.withdraw.selector, this.open.selector, this.allocate.selector);
        (all[6], all[7], all[8]) = (this.redeem.selector, this.redeemMany.selector, this.relinquish.selector);
        (all[9], all[10], all[11]) = (this.commit.selector, this.reveal.selector, this.tell.selector);
        (all[12], all[13], all[14]) = (this.settle.selector, this.expire.selector, this.release.selector);
        (all[15], all[16], all[17]) = (this.close.selector, this.stake.selector, this.requestUnstake.selector);
        (all[18], all[19], all[20]) = (this.unstake.selector, this.changeKeys.selector, this.guard.selector);
        (all[21], all[22], all[23]) = (this.mint.selector, this.replay.selector, this.copySeal.selector);
        (all[24], all[25], all[26]) = (this.accuse.selector, this.intrude.selector, this.replicate.selector);
        (all[27], all[28], all[29]) = (this.revealAll.selector, this.tellAll.selector, this.dispute.selector);
        all[30] = this.donate.selector;
    }

    /// @notice What a campaign has to come to, or it would prove little: all steps, and what they seldom come to.
    function goals() external view returns (bytes32[] memory all) {
        bytes4[] memory each = this.steps();
        all = new bytes32[](each.length + 5);
        for (uint256 i; i < each.length; ++i) all[i] = each[i];
        bytes32[5] memory rare;
        (rare[0], rare[1], rare[2]) = ("paid on a condition", "slashed by a verdict", "slashed by its own words");
        (rare[3], rare[4]) = ("a key removed", "a key added");
        for (uint256 i; i < rare.length; ++i) all[each.length + i] = rare[i];
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
        owed += donated[address(market)];
        require(token.balanceOf(address(market)) == owed, "1: the market does not hold what it owes");
        uint256 staked = donated[address(registry)];
        for (uint256 i; i < CROWD; ++i) {
            staked += registry.stakeOf(crowd[i]).staked;
            require(registry.stakeOf(crowd[i]).locked == locked[i], "3: what is locked is not what deals lock");
            require(locked[i] <= registry.stakeOf(crowd[i]).staked, "3: more is locked than staked");
        }
        require(token.balanceOf(address(registry)) == staked, "1: the registry does not hold what is staked");
        require(token.totalSupply() == 1_000_000 ether + minted - burnt, "2: tokens came or went otherwise");
        require(token.totalSupply() <= token.cap(), "2: more tokens than the cap");
        for (uint256 i; i < CROWD; ++i) providerOwnsItsOwn(i);
        payerOwnsItsOwn(requester);
        payerOwnsItsOwn(address(wallet));
        require(worthOf(stranger) + worthOf(agent) + worthOf(guardian) == 0, "2: somebody gained without work");
        for (uint256 d; d < ids.length; ++d) casesAreCounted(d);
    }

    /// @notice Law 13: a stranger ends everything, with the intake stopped; then owners have all of it.
    function wayOut() external {
        vm.warp(clock);
        vm.startPrank(guardian);
        market.stopIntake();
        registry.stopIntake();
        vm.stopPrank();
        askForStake();
        vm.warp(clock + 31 days);
        // What is locked does not leave before its deal has been brought to its end.
        for (uint256 i; i < CROWD; ++i) takeStake(crowd[i]);
        vm.startPrank(stranger);
        for (uint256 d; d < ids.length; ++d) finish(d);
        vm.stopPrank();
        askForStake();
        vm.warp(clock + 62 days);
        for (uint256 i; i < CROWD; ++i) takeStake(crowd[i]);
        for (uint256 i; i < accounts.length; ++i) takeBalance(accounts[i]);
        (uint256 here_, uint256 there) = (donated[address(market)], donated[address(registry)]);
        require(token.balanceOf(address(market)) == here_, "13: tokens are stuck in the market");
        require(token.balanceOf(address(registry)) == there, "13: tokens are stuck in the registry");
    }

    /// @dev Law 2: what it brought, what it was paid, and not what was burnt.
    function providerOwnsItsOwn(uint256 i) private view {
        address owner = crowd[i];
        (address payout_, address other) = (accounts[2 + 2 * i], accounts[3 + 2 * i]);
        uint256 due = brought[owner] + brought[payout_] + brought[other];
        uint256 owned = worthOf(owner) + worthOf(payout_) + worthOf(other) + registry.stakeOf(owner).staked;
        for (uint256 d; d < ids.length; ++d) {
            Share memory mine = market.shareOf(ids[d], owner);
            due += mine.paid;
            if (mine.state == ShareState.Slashed) owned += played[d].stakeLock;
        }
        require(owned == due, "2: a provider has more or less than its own");
        require(worthOf(worker(i)) == 0, "2: a worker has something");
    }

    /// @dev Law 2: what it brought, and not what its deals have paid or still hold.
    function payerOwnsItsOwn(address owner) private view {
        uint256 owned = worthOf(owner);
        for (uint256 d; d < ids.length; ++d) {
            if (played[d].requester != owner) continue;
            owned += market.dealOf(ids[d]).remaining;
            for (uint256 i; i < CROWD; ++i) owned += market.shareOf(ids[d], crowd[i]).paid;
        }
        require(owned == brought[owner], "2: a requester has more or less than its own");
    }

    function worthOf(address account) private view returns (uint256) {
        return token.balanceOf(account) + market.balanceOf(account);
    }

    /// @dev Law 9: a provider is accused in as many cases as are not settled and have its word.
    function casesAreCounted(uint256 place) private view {
        uint256[CROWD] memory open_;
        for (uint256 unit; unit < UNITS; ++unit) {
            (address[] memory voters,, bool isSettled) = market.caseOf(ids[place], unitOf(unit));
            for (uint256 v; v < voters.length && !isSettled; ++v) {
                for (uint256 i; i < CROWD; ++i) if (crowd[i] == voters[v]) ++open_[i];
            }
        }
        for (uint256 i; i < CROWD; ++i) {
            require(market.shareOf(ids[place], crowd[i]).openCases == open_[i], "9: cases are counted otherwise");
        }
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
        for (uint256 unit; unit < UNITS; ++unit) {
            (address[] memory voters,, bool isSettled) = market.caseOf(id, unitOf(unit));
            if (voters.length > 0 && !isSettled) market.settle(terms, unitOf(unit));
        }
        for (uint256 i; i < CROWD; ++i) {
            if (share(i).state == ShareState.Locked) market.release(terms, crowd[i]);
        }
        if (deal().state == DealState.Open) market.close(terms);
    }

    function askForStake() private {
        for (uint256 i; i < CROWD; ++i) {
            uint96 staked = registry.stakeOf(crowd[i]).staked;
            vm.prank(crowd[i]);
            registry.requestUnstake(staked);
        }
    }

    function takeStake(address owner) private {
        IProviderRegistry.Stake memory mine = registry.stakeOf(owner);
        if (mine.staked == mine.locked) return;
        vm.prank(owner);
        registry.unstake();
        require(registry.stakeOf(owner).staked == mine.locked, "13: free stake stays, or locked stake leaves");
    }

    function takeBalance(address owner) private {
        uint96 balance = market.balanceOf(owner);
        if (balance == 0) return;
        vm.prank(owner);
        market.withdraw(owner, balance);
    }
}
