// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {World} from "../World.sol";
import {IJobMarket} from "../../src/interfaces/IJobMarket.sol";
import {DealRules} from "../../src/libraries/DealRules.sol";
import {Allocation, ShareState, Voucher} from "../../src/types/Deal.sol";

/// @notice Law 14: the greatest calls that others can bring about fit into a block, of 30 million gas, many times.
/// @dev A tenth above what code takes that is not optimised; what is deployed takes less.
contract CeilingsTest is World {
    uint256 private constant VOUCHERS = 100;
    bytes32 private constant UNIT = "unit";

    function test_a_verdict_over_all_votes_with_all_but_the_majority_slashed() public {
        uint256 votes = DealRules.VOTES_MAX;
        uint256 liars = votes / 2 - 1;
        fill(votes, liars);
        vm.warp(terms.disputeUntil + 1);
        uint256 before = cold();
        market.settle(terms, UNIT);
        vm.assertLe(before - gasleft(), 1_100_000);
        for (uint256 i; i < votes; ++i) {
            vm.assertTrue((share(i).state == ShareState.Slashed) == (i < liars));
        }
    }

    function test_one_vote_more_is_refused_and_an_accusation_costs_the_same_at_the_end() public {
        uint256 votes = DealRules.VOTES_MAX;
        fill(votes + 1, 0);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.VotesFull.selector, UNIT));
        testify(votes, 1, UNIT, "truth");
        uint256 before = cold();
        testify(votes - 1, 2, UNIT, "lie");
        vm.assertLe(before - gasleft(), 130_000);
        vm.assertTrue(share(votes - 1).state == ShareState.Slashed);
    }

    function test_a_hundred_vouchers_at_once() public {
        terms.stakeLock = 0;
        begin(VOUCHERS);
        Allocation[] memory list = new Allocation[](VOUCHERS);
        Voucher[] memory vouchers = new Voucher[](VOUCHERS);
        bytes[] memory signed = new bytes[](VOUCHERS);
        for (uint256 i; i < VOUCHERS; ++i) {
            list[i] = allocation(i, 5 ether);
            vouchers[i] = Voucher(id, provider(i), 5 ether, 0);
            signed[i] = signedVoucher(AGENT, vouchers[i]);
        }
        uint256 before = cold();
        vm.prank(agent);
        market.allocate(terms, list);
        vm.assertLe(before - gasleft(), 3_400_000);
        before = cold();
        market.redeemMany(terms, vouchers, signed);
        vm.assertLe(before - gasleft(), 5_300_000);
        vm.assertEq(deal().promised, 0);
    }

    /// @dev As much gas as is left, with nothing warm from before.
    function cold() private returns (uint256) {
        vm.cool(address(market));
        vm.cool(address(registry));
        vm.cool(address(reputation));
        vm.cool(address(token));
        return gasleft();
    }

    /// @dev All have sealed and opened two bundles on one unit, and as many as fit have testified by the first.
    function fill(uint256 count, uint256 liars) private {
        begin(count);
        for (uint256 i; i < count; ++i) {
            allocate(i, 10 ether);
            commit(i, 1, UNIT, i < liars ? bytes32("lie") : bytes32("truth"));
            commit(i, 2, UNIT, "lie");
        }
        vm.warp(terms.workUntil + 1);
        for (uint256 i; i < count; ++i) {
            bytes32 digest = i < liars ? bytes32("lie") : bytes32("truth");
            reveal(i, 1, UNIT, digest);
            reveal(i, 2, UNIT, "lie");
            if (i < DealRules.VOTES_MAX) testify(i, 1, UNIT, digest);
        }
    }
}
