// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Test} from "./Vm.sol";
import {Reputation} from "../src/Reputation.sol";
import {IReputation} from "../src/interfaces/IReputation.sol";

/// @notice Scores: what a verdict adds and takes, and how they fade. This contract is the market.
contract ReputationTest is Test {
    uint256 private constant ONE = 1 ether;
    uint256 private constant START = 1_800_000_000;
    address private constant PROVIDER = address(0xbeef);
    Reputation private reputation;

    function setUp() public {
        vm.warp(START);
        reputation = new Reputation(address(this));
    }

    function test_begins_with_nothing() public view {
        vm.assertEq(reputation.scoreOf(PROVIDER), 0);
    }

    function test_a_verdict_agreed_with_adds_one() public {
        vm.expectEmit();
        emit IReputation.Recorded(PROVIDER, true, ONE);
        reputation.record(PROVIDER, true);
        reputation.record(PROVIDER, true);
        vm.assertEq(reputation.scoreOf(PROVIDER), 2 * ONE);
        vm.assertEq(reputation.scoreOf(address(this)), 0);
    }

    function test_a_lie_leaves_two_thirds_rounded_down() public {
        reputation.record(PROVIDER, true);
        vm.expectEmit();
        emit IReputation.Recorded(PROVIDER, false, 666_666_666_666_666_666);
        reputation.record(PROVIDER, false);
        vm.assertEq(reputation.scoreOf(PROVIDER), 666_666_666_666_666_666);
    }

    function test_who_has_nothing_has_nothing_to_lose() public {
        reputation.record(PROVIDER, false);
        vm.assertEq(reputation.scoreOf(PROVIDER), 0);
    }

    function test_only_the_market_records() public {
        vm.prank(PROVIDER);
        vm.expectRevert(abi.encodeWithSelector(IReputation.OnlyMarket.selector));
        reputation.record(PROVIDER, true);
    }

    function test_halves_exactly_and_on_a_line_in_between() public {
        for (uint256 i; i < 4; ++i) reputation.record(PROVIDER, true);
        vm.warp(START + 45 days);
        vm.assertEq(reputation.scoreOf(PROVIDER), 3 * ONE);
        vm.warp(START + 90 days);
        vm.assertEq(reputation.scoreOf(PROVIDER), 2 * ONE);
        vm.warp(START + 180 days);
        vm.assertEq(reputation.scoreOf(PROVIDER), ONE);
        vm.warp(START + 90 days * 96);
        vm.assertEq(reputation.scoreOf(PROVIDER), 0);
    }

    /// What has faded stays faded: the next verdict counts from there.
    function test_a_verdict_adds_to_what_is_left() public {
        reputation.record(PROVIDER, true);
        vm.warp(START + 90 days);
        reputation.record(PROVIDER, true);
        vm.assertEq(reputation.scoreOf(PROVIDER), ONE / 2 + ONE);
    }

    function testFuzz_never_rises_by_waiting(uint8 verdicts, uint32 wait, uint32 longer) public {
        for (uint256 i; i < verdicts % 8 + 1; ++i) reputation.record(PROVIDER, true);
        vm.warp(START + wait);
        uint256 before = reputation.scoreOf(PROVIDER);
        vm.warp(START + wait + uint256(longer));
        vm.assertLe(reputation.scoreOf(PROVIDER), before);
    }

    function testFuzz_a_half_life_later_half_is_left(uint8 verdicts, uint32 wait) public {
        for (uint256 i; i < verdicts % 8 + 1; ++i) reputation.record(PROVIDER, true);
        vm.warp(START + wait);
        uint256 before = reputation.scoreOf(PROVIDER);
        vm.warp(START + wait + 90 days);
        uint256 half = reputation.scoreOf(PROVIDER);
        // Both were rounded, once each.
        vm.assertLe(half, before / 2 + 1);
        vm.assertLe(before / 2, half + 1);
    }
}
