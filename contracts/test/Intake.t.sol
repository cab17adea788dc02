// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {World} from "./World.sol";
import {Intake} from "../src/Intake.sol";
import {DealRules} from "../src/libraries/DealRules.sol";

/// @notice The only thing that anyone may stop: that more comes in, and only with a notice that outlives every deal.
contract IntakeTest is World {
    function setUp() public override {
        super.setUp();
        begin(1);
    }

    function test_the_notice_and_the_cool_down_outlive_every_deal() public view {
        vm.assertTrue(market.NOTICE() > DealRules.MAX_DEAL);
        vm.assertTrue(registry.NOTICE() > DealRules.MAX_DEAL);
        vm.assertTrue(registry.COOL_DOWN() > DealRules.MAX_DEAL);
    }

    function test_nothing_comes_in_after_the_notice() public {
        stop();
        vm.warp(START + 31 days - 1);
        market.deposit(1);
        vm.warp(START + 31 days);
        bytes memory stopped = abi.encodeWithSelector(Intake.IntakeStopped.selector, START + 31 days);
        vm.expectRevert(stopped);
        market.deposit(1);
        vm.expectRevert(stopped);
        market.depositFor(stranger, 1);
        vm.expectRevert(stopped);
        market.depositWithPermit(1, 0, 0, 0, 0);
        vm.expectRevert(stopped);
        registry.register(stranger, new address[](0));
        vm.startPrank(provider(0));
        vm.expectRevert(stopped);
        registry.stake(1);
        vm.expectRevert(stopped);
        registry.stakeWithPermit(1, 0, 0, 0, 0);
    }

    function test_what_is_inside_leaves_as_ever() public {
        vm.prank(provider(0));
        registry.requestUnstake(STAKE);
        stop();
        vm.warp(START + 31 days);
        vm.prank(provider(0));
        registry.unstake();
        vm.assertEq(token.balanceOf(provider(0)), STAKE);
        market.close(terms);
        vm.prank(requester);
        market.withdraw(requester, BUDGET);
        vm.assertEq(token.balanceOf(requester), BUDGET);
    }

    function test_it_can_be_opened_again() public {
        stop();
        vm.warp(START + 31 days);
        vm.expectEmit();
        emit Intake.IntakeOpened();
        vm.prank(guardian);
        market.openIntake();
        market.deposit(1);
    }

    function test_given_again_the_notice_begins_anew() public {
        stop();
        vm.warp(START + 30 days);
        stop();
        vm.warp(START + 61 days - 1);
        market.deposit(1);
    }

    function test_only_the_guardian() public {
        vm.expectRevert(abi.encodeWithSelector(Intake.OnlyGuardian.selector));
        market.stopIntake();
        vm.expectRevert(abi.encodeWithSelector(Intake.OnlyGuardian.selector));
        market.openIntake();
    }

    function stop() private {
        vm.startPrank(guardian);
        vm.expectEmit();
        emit Intake.IntakeStopping(uint40(block.timestamp + 31 days));
        market.stopIntake();
        registry.stopIntake();
        vm.stopPrank();
    }
}
