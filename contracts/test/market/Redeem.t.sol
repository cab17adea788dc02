// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {World} from "../World.sol";
import {IJobMarket} from "../../src/interfaces/IJobMarket.sol";
import {DealId, Voucher} from "../../src/types/Deal.sol";

/// @notice Vouchers: who may sign them, what they are worth, and that none is worth anything twice.
contract RedeemTest is World {
    function setUp() public override {
        super.setUp();
        begin(2);
        allocate(0, 100 ether);
    }

    function test_pays_to_the_payout_balance() public {
        vm.expectEmit();
        emit IJobMarket.Redeemed(id, provider(0), payout(0), 30 ether);
        redeem(0, 30 ether, 0);
        vm.assertEq(market.balanceOf(payout(0)), 30 ether);
        vm.assertEq(deal().remaining, BUDGET - 30 ether);
        vm.assertEq(deal().promised, 70 ether);
    }

    function test_a_later_voucher_pays_the_difference() public {
        redeem(0, 30 ether, 0);
        redeem(0, 50 ether, 0);
        vm.assertEq(market.balanceOf(payout(0)), 50 ether);
    }
}
