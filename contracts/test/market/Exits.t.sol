// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {World} from "../World.sol";
import {IJobMarket} from "../../src/interfaces/IJobMarket.sol";
import {DealState, ShareState} from "../../src/types/Deal.sol";

/// @notice How everything ends: by calls that anyone may make, after their deadlines, with nobody's consent.
contract ExitsTest is World {
    bytes32 private constant UNIT = "unit";

    function setUp() public override {
        super.setUp();
        begin(2);
        allocate(0, 100 ether);
    }

    function test_whoever_sealed_and_did_not_open_is_slashed() public {
        redeem(0, 40 ether, 0);
        commit(0, 1, UNIT, "digest");
        vm.warp(terms.revealUntil);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.TooEarly.selector, terms.revealUntil));
        market.expire(terms, provider(0));
        vm.warp(terms.revealUntil + 1);
        vm.expectEmit();
        emit IJobMarket.Slashed(id, provider(0), LOCK, 60 ether);
        vm.prank(stranger);
        market.expire(terms, provider(0));
        vm.assertEq(deal().promised, 0);
        vm.assertEq(deal().remaining, BUDGET - 40 ether);
        vm.assertEq(registry.stakeOf(provider(0)).staked, STAKE - LOCK);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.ShareSlashed.selector, id, provider(0)));
        market.expire(terms, provider(0));
    }

    function test_whoever_kept_its_word_does_not_expire() public {
        vm.warp(terms.revealUntil + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.NothingToDo.selector));
        market.expire(terms, provider(0));
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.ShareUnknown.selector, id, provider(1)));
        market.expire(terms, provider(1));
    }

    function test_a_lock_with_nothing_said_ends_with_the_work() public {
        vm.warp(terms.workUntil);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.TooEarly.selector, terms.workUntil));
        market.release(terms, provider(0));
        vm.warp(terms.workUntil + 1);
        vm.expectEmit();
        emit IJobMarket.Released(id, provider(0), LOCK);
        market.release(terms, provider(0));
        vm.assertEq(registry.freeStakeOf(provider(0)), STAKE);
        vm.assertTrue(share(0).state == ShareState.Released);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.NothingToDo.selector));
        market.release(terms, provider(0));
        redeem(0, 100 ether, 0);
    }

    function test_a_lock_with_something_said_waits_for_the_dispute() public {
        commit(0, 1, UNIT, "digest");
        vm.warp(terms.workUntil + 1);
        reveal(0, 1, UNIT, "digest");
        vm.warp(terms.disputeUntil);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.TooEarly.selector, terms.disputeUntil));
        market.release(terms, provider(0));
        vm.warp(terms.disputeUntil + 1);
        market.release(terms, provider(0));
        vm.assertEq(registry.freeStakeOf(provider(0)), STAKE);
    }

    function test_a_lock_waits_for_its_open_cases_and_unopened_seals() public {
        commit(0, 1, UNIT, "digest");
        commit(0, 2, UNIT, "digest");
        vm.warp(terms.workUntil + 1);
        reveal(0, 1, UNIT, "digest");
        testify(0, 1, UNIT, "digest");
        vm.warp(terms.disputeUntil + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.ConditionUnmet.selector, id, provider(0)));
        market.release(terms, provider(0));
        market.settle(terms, UNIT);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.ConditionUnmet.selector, id, provider(0)));
        market.release(terms, provider(0));
        market.expire(terms, provider(0));
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.NothingToDo.selector));
        market.release(terms, provider(0));
    }

    function test_a_provider_gives_up_what_was_not_paid() public {
        redeem(0, 40 ether, 0);
        vm.expectEmit();
        emit IJobMarket.Relinquished(id, provider(0), 60 ether);
        vm.prank(worker(0));
        market.relinquish(terms, provider(0));
        vm.assertEq(deal().promised, 0);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.NothingToDo.selector));
        vm.prank(provider(0));
        market.relinquish(terms, provider(0));
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.NothingToDo.selector));
        redeem(0, 100 ether, 0);
        allocate(0, 1 ether);
        vm.assertEq(share(0).allocated, 41 ether);
    }

    function test_nobody_gives_up_for_another() public {
        address[5] memory others = [agent, requester, worker(1), provider(1), stranger];
        for (uint256 i; i < 5; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IJobMarket.NotProvider.selector, others[i]));
            vm.prank(others[i]);
            market.relinquish(terms, provider(0));
        }
        vm.prank(provider(0));
        registry.removeWorker(worker(0));
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.NotProvider.selector, worker(0)));
        vm.prank(worker(0));
        market.relinquish(terms, provider(0));
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.NotProvider.selector, stranger));
        vm.prank(stranger);
        market.relinquish(terms, address(0));
    }

    function test_the_rest_goes_back_when_nothing_can_be_redeemed_any_more() public {
        redeem(0, 40 ether, 0);
        vm.warp(terms.redeemUntil);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.TooEarly.selector, terms.redeemUntil));
        market.close(terms);
        vm.warp(terms.redeemUntil + 1);
        vm.expectEmit();
        emit IJobMarket.DealClosed(id, requester, BUDGET - 40 ether);
        vm.prank(stranger);
        market.close(terms);
        vm.assertEq(market.balanceOf(requester), BUDGET - 40 ether);
        vm.assertTrue(deal().state == DealState.Closed);
        vm.assertEq(deal().openedAt, START);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.DealNotOpen.selector, id));
        market.close(terms);
    }

    function test_the_rest_goes_back_early_when_nothing_is_promised_any_more() public {
        redeem(0, 100 ether, 0);
        vm.warp(terms.workUntil);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.TooEarly.selector, terms.workUntil));
        market.close(terms);
        vm.warp(terms.workUntil + 1);
        market.close(terms);
        vm.assertEq(market.balanceOf(requester), BUDGET - 100 ether);
        market.release(terms, provider(0));
    }

    function test_a_dead_provider_holds_up_nothing() public {
        allocate(1, 50 ether);
        commit(1, 1, UNIT, "digest");
        redeem(0, 100 ether, 0);
        vm.warp(terms.redeemUntil + 1);
        vm.prank(stranger);
        market.close(terms);
        market.expire(terms, provider(1));
        market.release(terms, provider(0));
        vm.assertEq(market.balanceOf(requester) + market.balanceOf(payout(0)), BUDGET);
        vm.assertEq(registry.stakeOf(provider(0)).locked + registry.stakeOf(provider(1)).locked, 0);
    }

    function test_a_stopped_intake_stops_no_exit() public {
        (terms.salt, terms.workUntil) = ("two", START + 29 days);
        (terms.revealUntil, terms.disputeUntil, terms.redeemUntil) =
            (START + 29 days + 1 hours, START + 29 days + 2 hours, START + 30 days);
        market.depositFor(requester, BUDGET);
        id = market.open(terms, signedTerms());
        allocate(0, 100 ether);
        vm.startPrank(guardian);
        market.stopIntake();
        registry.stopIntake();
        vm.stopPrank();
        commit(0, 1, UNIT, "digest");
        vm.warp(terms.workUntil + 1);
        reveal(0, 1, UNIT, "digest");
        testify(0, 1, UNIT, "digest");
        vm.warp(terms.redeemUntil);
        redeem(0, 100 ether, 0);
        vm.warp(market.stopsAt());
        market.settle(terms, UNIT);
        market.release(terms, provider(0));
        market.close(terms);
        vm.prank(requester);
        market.withdraw(requester, BUDGET - 100 ether);
        vm.prank(payout(0));
        market.withdraw(payout(0), 100 ether);
        vm.prank(provider(0));
        registry.requestUnstake(STAKE - LOCK);
    }

    function test_fuzz_after_everything_all_tokens_are_in_balances(uint96[2] memory paid, bool[2] memory silent)
        public
    {
        allocate(1, 100 ether);
        for (uint256 i; i < 2; ++i) {
            uint96 amount = uint96(within(paid[i], 0, 100 ether));
            if (amount > 0) redeem(i, amount, 0);
            if (silent[i]) commit(i, 1, UNIT, "digest");
        }
        vm.warp(terms.redeemUntil + 1);
        market.close(terms);
        uint256 burnt;
        for (uint256 i; i < 2; ++i) {
            if (silent[i]) market.expire(terms, provider(i));
            else market.release(terms, provider(i));
            if (silent[i]) burnt += LOCK;
            vm.assertEq(registry.stakeOf(provider(i)).locked, 0);
        }
        uint256 sum = market.balanceOf(requester) + market.balanceOf(payout(0)) + market.balanceOf(payout(1));
        vm.assertEq(sum, BUDGET);
        vm.assertEq(token.balanceOf(address(market)), BUDGET);
        vm.assertEq(token.balanceOf(address(registry)), 2 * uint256(STAKE) - burnt);
    }
}
