// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Wallet} from "../Wallet.sol";
import {World} from "../World.sol";
import {IJobMarket} from "../../src/interfaces/IJobMarket.sol";
import {DealId, Voucher} from "../../src/types/Deal.sol";

/// @notice Vouchers: who may sign them, what they are worth, and that none is worth anything twice.
contract RedeemTest is World {
    bytes32 private constant UNIT = "unit";

    function setUp() public override {
        super.setUp();
        begin(3);
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

    function test_a_later_voucher_pays_the_difference_and_an_earlier_one_nothing() public {
        redeem(0, 30 ether, 0);
        redeem(0, 50 ether, 0);
        vm.assertEq(market.balanceOf(payout(0)), 50 ether);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.NothingToDo.selector));
        redeem(0, 30 ether, 0);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.NothingToDo.selector));
        redeem(0, 50 ether, 0);
    }

    function test_what_exceeds_the_allocation_is_not_paid() public {
        redeem(0, type(uint96).max, 0);
        vm.assertEq(market.balanceOf(payout(0)), 100 ether);
        allocate(0, 10 ether);
        redeem(0, type(uint96).max, 0);
        vm.assertEq(market.balanceOf(payout(0)), 110 ether);
    }

    function test_pay_follows_the_payout_address() public {
        vm.prank(provider(0));
        registry.setPayout(stranger);
        redeem(0, 30 ether, 0);
        vm.assertEq(market.balanceOf(stranger), 30 ether);
    }

    function test_the_requester_may_sign_and_nobody_else() public {
        Voucher memory voucher = Voucher(id, provider(0), 30 ether, 0);
        refuses(voucher, signedVoucher(WORKERS, voucher));
        refuses(voucher, signedVoucher(PROVIDERS, voucher));
        refuses(voucher, "");
        market.redeem(terms, voucher, signedVoucher(REQUESTER, voucher));
        vm.assertEq(market.balanceOf(payout(0)), 30 ether);
    }

    function test_agent_and_requester_need_no_signature_for_their_own_word() public {
        vm.prank(agent);
        market.redeem(terms, Voucher(id, provider(0), 30 ether, 0), "");
        vm.prank(requester);
        market.redeem(terms, Voucher(id, provider(0), 40 ether, 0), "");
        vm.assertEq(market.balanceOf(payout(0)), 40 ether);
    }

    function test_a_voucher_is_for_one_provider_amount_and_condition() public {
        Voucher memory voucher = Voucher(id, provider(0), 30 ether, 1);
        bytes memory signed = signedVoucher(AGENT, voucher);
        voucher.bundles = 0;
        refuses(voucher, signed);
        voucher = Voucher(id, provider(0), 31 ether, 1);
        refuses(voucher, signed);
        voucher = Voucher(id, provider(1), 30 ether, 1);
        refuses(voucher, signed);
    }

    function test_a_voucher_is_for_one_deal() public {
        Voucher memory voucher = Voucher(id, provider(0), 30 ether, 0);
        bytes memory signed = signedVoucher(AGENT, voucher);
        market.depositFor(requester, BUDGET);
        terms.salt = "two";
        id = market.open(terms, signedTerms());
        allocate(0, 100 ether);
        refuses(voucher, signed);
        voucher.deal = id;
        refuses(voucher, signed);
    }

    function test_on_another_chain_neither_deal_nor_voucher_exists() public {
        Voucher memory voucher = Voucher(id, provider(0), 30 ether, 0);
        bytes memory signed = signedVoucher(AGENT, voucher);
        vm.chainId(block.chainid + 1);
        vm.expectPartialRevert(IJobMarket.DealNotOpen.selector);
        market.redeem(terms, voucher, signed);
    }

    function test_an_agent_may_be_a_contract() public {
        Wallet wallet = new Wallet();
        market.depositFor(requester, BUDGET);
        (terms.salt, terms.agent, terms.stakeLock) = ("two", address(wallet), 0);
        id = market.open(terms, signedTerms());
        vm.prank(requester);
        market.allocate(terms, one(allocation(0, 100 ether)));
        Voucher memory voucher = Voucher(id, provider(0), 30 ether, 0);
        bytes32 typeHash = keccak256("Voucher(bytes32 deal,address provider,uint96 amount,uint24 bundles)");
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.SignatureInvalid.selector, address(wallet)));
        market.redeem(terms, voucher, "");
        wallet.approve(typed(keccak256(abi.encode(typeHash, voucher))));
        market.redeem(terms, voucher, "");
        vm.assertEq(market.balanceOf(payout(0)), 30 ether);
    }

    function test_until_redeemUntil_and_not_after_closing() public {
        vm.warp(terms.redeemUntil);
        redeem(0, 30 ether, 0);
        vm.warp(terms.redeemUntil + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.TooLate.selector, terms.redeemUntil));
        redeem(0, 40 ether, 0);
        market.close(terms);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.DealNotOpen.selector, id));
        redeem(0, 40 ether, 0);
    }

    function test_whoever_has_no_part_is_not_paid() public {
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.ShareUnknown.selector, id, provider(1)));
        redeem(1, 30 ether, 0);
    }

    function test_whoever_is_not_registered_is_paid_once_it_is() public {
        market.depositFor(requester, BUDGET);
        (terms.salt, terms.stakeLock) = ("two", 0);
        id = market.open(terms, signedTerms());
        allocate(7, 100 ether);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.ProviderUnknown.selector, provider(7)));
        redeem(7, 30 ether, 0);
        enrol(7);
        redeem(7, 30 ether, 0);
        vm.assertEq(market.balanceOf(payout(7)), 30 ether);
    }

    function test_whoever_was_slashed_is_not_paid() public {
        redeem(0, 30 ether, 0);
        commit(0, 1, UNIT, "digest");
        vm.warp(terms.revealUntil + 1);
        market.expire(terms, provider(0));
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.ShareSlashed.selector, id, provider(0)));
        redeem(0, 40 ether, 0);
        vm.assertEq(market.balanceOf(payout(0)), 30 ether);
    }

    function test_a_conditional_voucher_waits_for_the_dispute_and_its_bundles() public {
        commit(0, 1, UNIT, "digest");
        vm.warp(terms.workUntil + 1);
        reveal(0, 1, UNIT, "digest");
        vm.warp(terms.disputeUntil);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.TooEarly.selector, terms.disputeUntil));
        redeem(0, 30 ether, 1);
        vm.warp(terms.disputeUntil + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.ConditionUnmet.selector, id, provider(0)));
        redeem(0, 30 ether, 2);
        redeem(0, 30 ether, 1);
        vm.assertEq(market.balanceOf(payout(0)), 30 ether);
    }

    function test_a_conditional_voucher_waits_for_open_cases() public {
        commit(0, 1, UNIT, "digest");
        vm.warp(terms.workUntil + 1);
        reveal(0, 1, UNIT, "digest");
        testify(0, 1, UNIT, "digest");
        vm.warp(terms.disputeUntil + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.ConditionUnmet.selector, id, provider(0)));
        redeem(0, 30 ether, 1);
        market.settle(terms, UNIT);
        redeem(0, 30 ether, 1);
        vm.assertEq(market.balanceOf(payout(0)), 30 ether);
    }

    function test_many_at_once_and_one_brought_before_hinders_none() public {
        allocate(1, 100 ether);
        redeem(0, 30 ether, 0);
        (Voucher[] memory vouchers, bytes[] memory signatures) = two(30 ether, 20 ether);
        market.redeemMany(terms, vouchers, signatures);
        vm.assertEq(market.balanceOf(payout(0)), 30 ether);
        vm.assertEq(market.balanceOf(payout(1)), 20 ether);
        vm.assertEq(deal().remaining, BUDGET - 50 ether);
        vm.assertEq(deal().promised, 150 ether);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.NothingToDo.selector));
        market.redeemMany(terms, vouchers, signatures);
    }

    function test_many_need_as_many_signatures() public {
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.CountsDiffer.selector, 0, 1));
        market.redeemMany(terms, new Voucher[](0), new bytes[](1));
    }

    function test_many_are_in_time_and_in_one_open_deal() public {
        (Voucher[] memory vouchers, bytes[] memory signatures) = two(30 ether, 20 ether);
        vm.warp(terms.redeemUntil + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.TooLate.selector, terms.redeemUntil));
        market.redeemMany(terms, vouchers, signatures);
        market.close(terms);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.DealNotOpen.selector, id));
        market.redeemMany(terms, vouchers, signatures);
    }

    function test_fuzz_any_order_of_vouchers_pays_the_greatest_within_the_allocation(uint96[5] memory amounts)
        public
    {
        uint96 most;
        for (uint256 i; i < 5; ++i) {
            if (amounts[i] > most) most = amounts[i];
            uint96 due = most < 100 ether ? most : 100 ether;
            if (due <= share(0).paid) continue;
            redeem(0, amounts[i], 0);
            vm.assertEq(market.balanceOf(payout(0)), due);
            vm.assertEq(deal().remaining + due, BUDGET);
            vm.assertEq(deal().promised + due, 100 ether);
        }
    }

    function two(uint96 first, uint96 second) private view returns (Voucher[] memory list, bytes[] memory signed) {
        (list, signed) = (new Voucher[](2), new bytes[](2));
        list[0] = Voucher(id, provider(0), first, 0);
        list[1] = Voucher(id, provider(1), second, 0);
        for (uint256 i; i < 2; ++i) signed[i] = signedVoucher(AGENT, list[i]);
    }

    function refuses(Voucher memory voucher, bytes memory signed) private {
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.SignatureInvalid.selector, agent));
        market.redeem(terms, voucher, signed);
    }
}
