// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {World} from "../World.sol";
import {IJobMarket} from "../../src/interfaces/IJobMarket.sol";
import {IProviderRegistry} from "../../src/interfaces/IProviderRegistry.sol";
import {Allocation, DealId, ShareState} from "../../src/types/Deal.sol";

/// @notice Promises: never more than there is, and a provider's stake only on its own word.
contract AllocateTest is World {
    function setUp() public override {
        super.setUp();
        begin(3);
    }

    function test_promises_a_part_of_the_budget_and_locks_stake() public {
        vm.expectEmit();
        emit IJobMarket.Allocated(id, provider(0), 100 ether);
        allocate(0, 100 ether);
        vm.assertEq(deal().promised, 100 ether);
        vm.assertEq(deal().remaining, BUDGET);
        vm.assertEq(share(0).allocated, 100 ether);
        vm.assertTrue(share(0).state == ShareState.Locked);
        vm.assertEq(registry.stakeOf(provider(0)).locked, LOCK);
    }

    function test_several_at_once_and_one_twice() public {
        Allocation[] memory list = new Allocation[](3);
        (list[0], list[1], list[2]) = (allocation(0, 1 ether), allocation(1, 2 ether), allocation(0, 4 ether));
        vm.prank(requester);
        market.allocate(terms, list);
        vm.assertEq(share(0).allocated, 5 ether);
        vm.assertEq(share(1).allocated, 2 ether);
        vm.assertEq(deal().promised, 7 ether);
        vm.assertEq(registry.stakeOf(provider(0)).locked, LOCK);
    }

    function test_more_is_added_without_another_word() public {
        allocate(0, 1 ether);
        Allocation[] memory list = one(Allocation(provider(0), 2 ether, ""));
        vm.prank(agent);
        market.allocate(terms, list);
        vm.assertEq(share(0).allocated, 3 ether);
    }

    function test_no_more_than_the_budget() public {
        allocate(0, BUDGET - 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.BudgetExceeded.selector, 1 ether, 1 ether + 1));
        allocate(1, 1 ether + 1);
        allocate(1, 1 ether);
        vm.assertEq(deal().promised, BUDGET);
    }

    function test_what_is_paid_is_not_promised_again() public {
        allocate(0, 600 ether);
        redeem(0, 600 ether, 0);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.BudgetExceeded.selector, 400 ether, 401 ether));
        allocate(0, 401 ether);
        allocate(0, 400 ether);
        redeem(0, 1_000 ether, 0);
        vm.assertEq(market.balanceOf(payout(0)), BUDGET);
        vm.assertEq(deal().remaining, 0);
    }

    function test_nothing_is_no_allocation() public {
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.AmountZero.selector));
        allocate(0, 0);
    }

    function test_only_agent_and_requester() public {
        Allocation[] memory list = one(allocation(0, 1 ether));
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.NotAgent.selector, provider(0)));
        vm.prank(provider(0));
        market.allocate(terms, list);
    }

    function test_until_the_work_ends() public {
        vm.warp(terms.workUntil);
        allocate(0, 1 ether);
        vm.warp(terms.workUntil + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.TooLate.selector, terms.workUntil));
        allocate(1, 1 ether);
    }

    function test_only_in_a_deal_that_is_open() public {
        terms.salt = "never opened";
        id = market.dealIdOf(terms);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.DealNotOpen.selector, id));
        allocate(0, 1 ether);
    }

    function test_the_providers_own_account_may_accept() public {
        Allocation[] memory list = one(Allocation(provider(0), 1 ether, acceptedBy(PROVIDERS, 0)));
        vm.prank(agent);
        market.allocate(terms, list);
        vm.assertEq(registry.stakeOf(provider(0)).locked, LOCK);
    }

    function test_nobody_accepts_for_another_provider() public {
        refusesAcceptance(acceptedBy(WORKERS + 1, 0));
        refusesAcceptance(acceptedBy(AGENT, 0));
        refusesAcceptance(acceptedBy(WORKERS, 1));
        refusesAcceptance("");
    }

    function test_an_acceptance_is_worth_nothing_in_another_deal() public {
        bytes memory accepted = acceptedBy(WORKERS, 0);
        market.depositFor(requester, BUDGET);
        terms.salt = "two";
        id = market.open(terms, signedTerms());
        refusesAcceptance(accepted);
    }

    function test_a_removed_worker_accepts_nothing_more() public {
        bytes memory accepted = acceptedBy(WORKERS, 0);
        vm.prank(provider(0));
        registry.removeWorker(worker(0));
        refusesAcceptance(accepted);
    }

    function test_no_more_stake_than_is_free() public {
        vm.prank(provider(0));
        registry.requestUnstake(STAKE - LOCK + 1);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.StakeTooLow.selector, LOCK - 1, LOCK));
        allocate(0, 1 ether);
    }

    function test_whoever_is_not_registered_locks_nothing() public {
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.ProviderUnknown.selector, provider(9)));
        allocate(9, 1 ether);
    }

    function test_without_a_lock_nobodys_word_is_needed() public {
        market.depositFor(requester, BUDGET);
        terms.stakeLock = 0;
        id = market.open(terms, signedTerms());
        allocate(0, 1 ether);
        vm.assertTrue(share(0).state == ShareState.Joined);
        vm.assertEq(registry.stakeOf(provider(0)).locked, 0);
    }

    function test_whoever_was_slashed_gets_nothing_more() public {
        allocate(0, 1 ether);
        (bytes32 unit, bytes32 one, bytes32 other) = ("unit", "one", "other");
        commit(0, 1, unit, one);
        commit(0, 2, unit, other);
        vm.warp(terms.revealUntil + 1);
        market.expire(terms, provider(0));
        vm.warp(terms.workUntil);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.ShareSlashed.selector, id, provider(0)));
        allocate(0, 1 ether);
    }

    function test_fuzz_promises_never_exceed_what_remains(uint96[6] memory amounts, uint8[6] memory whom) public {
        for (uint256 i; i < 6; ++i) {
            (uint256 who, uint96 amount) = (whom[i] % 3, uint96(within(amounts[i], 1, BUDGET)));
            uint96 left = deal().remaining - deal().promised;
            if (amount > left) continue;
            allocate(who, amount);
            if (i % 2 == 0) redeem(who, share(who).paid + 1 + (share(who).allocated - share(who).paid - 1) / 2, 0);
            uint256 promised;
            for (uint256 each; each < 3; ++each) promised += share(each).allocated - share(each).paid;
            vm.assertEq(deal().promised, promised);
            vm.assertLe(deal().promised, deal().remaining);
        }
    }

    function refusesAcceptance(bytes memory acceptance) private {
        Allocation[] memory list = one(Allocation(provider(0), 1 ether, acceptance));
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.SignatureInvalid.selector, provider(0)));
        vm.prank(agent);
        market.allocate(terms, list);
    }
}
