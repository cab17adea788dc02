// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Wallet} from "../Wallet.sol";
import {World} from "../World.sol";
import {JobMarket} from "../../src/JobMarket.sol";
import {IJobMarket} from "../../src/interfaces/IJobMarket.sol";
import {DealId, DealState, Terms} from "../../src/types/Deal.sol";

/// @notice What makes terms a deal: the requester's word, its money, and sound deadlines.
contract OpenTest is World {
    function setUp() public override {
        super.setUp();
        market.depositFor(requester, 2 * BUDGET);
    }

    function test_moves_the_budget_into_the_deal_and_anchors_the_specification() public {
        bytes memory signed = signedTerms();
        vm.expectEmit();
        emit IJobMarket.DealOpened(market.dealIdOf(terms), requester, "spec", terms);
        vm.prank(stranger);
        id = market.open(terms, signed);
        vm.assertEq(market.balanceOf(requester), BUDGET);
        vm.assertEq(deal().remaining, BUDGET);
        vm.assertEq(deal().promised, 0);
        vm.assertEq(deal().openedAt, START);
        vm.assertTrue(deal().state == DealState.Open);
    }

    function test_a_deals_id_is_the_digest_of_its_terms() public view {
        bytes32 typeHash = keccak256(
            "Terms(address requester,address agent,bytes32 spec,uint96 budget,uint96 stakeLock,uint8 minQuorum,"
            "uint40 workUntil,uint40 revealUntil,uint40 disputeUntil,uint40 redeemUntil,bytes32 salt)"
        );
        bytes32 digest = typed(keccak256(abi.encode(typeHash, terms)));
        vm.assertEq(DealId.unwrap(market.dealIdOf(terms)), digest);
    }

    function test_the_same_terms_are_opened_once() public {
        bytes memory signed = signedTerms();
        id = market.open(terms, signed);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.DealExists.selector, id));
        market.open(terms, signed);
        vm.warp(terms.workUntil + 1);
        market.close(terms);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.TermsInvalid.selector, "workUntil"));
        market.open(terms, signed);
    }

    function test_a_closed_deal_is_not_opened_again() public {
        terms.workUntil = START;
        bytes memory signed = signedTerms();
        id = market.open(terms, signed);
        vm.warp(terms.workUntil + 1);
        market.close(terms);
        vm.warp(START);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.DealExists.selector, id));
        market.open(terms, signed);
    }

    function test_only_on_the_requesters_word() public {
        bytes memory signed = signature(AGENT, DealId.unwrap(market.dealIdOf(terms)));
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.SignatureInvalid.selector, requester));
        market.open(terms, signed);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.SignatureInvalid.selector, requester));
        market.open(terms, "");
    }

    function test_a_word_is_worth_nothing_for_other_terms() public {
        bytes memory signed = signedTerms();
        terms.budget += 1;
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.SignatureInvalid.selector, requester));
        market.open(terms, signed);
    }

    function test_a_word_is_worth_nothing_in_another_market() public {
        bytes memory signed = signedTerms();
        JobMarket other = new JobMarket(token, registry, reputation, guardian);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.SignatureInvalid.selector, requester));
        other.open(terms, signed);
    }

    function test_a_word_is_worth_nothing_on_another_chain() public {
        bytes memory signed = signedTerms();
        vm.chainId(block.chainid + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.SignatureInvalid.selector, requester));
        market.open(terms, signed);
    }

    function test_a_requester_may_be_a_contract() public {
        Wallet wallet = new Wallet();
        market.depositFor(address(wallet), BUDGET);
        terms.requester = address(wallet);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.SignatureInvalid.selector, address(wallet)));
        market.open(terms, "");
        wallet.approve(DealId.unwrap(market.dealIdOf(terms)));
        id = market.open(terms, "");
        vm.assertEq(deal().remaining, BUDGET);
    }

    function test_no_more_than_the_requester_has() public {
        terms.budget = 2 * BUDGET + 1;
        bytes memory signed = signedTerms();
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.BalanceTooLow.selector, 2 * BUDGET, terms.budget));
        market.open(terms, signed);
    }

    function test_terms_must_be_sound() public {
        Terms memory sound = terms;
        terms.agent = address(0);
        refused("agent");
        terms = sound;
        terms.budget = 0;
        refused("budget");
        terms = sound;
        terms.minQuorum = 1;
        refused("quorum");
        terms.minQuorum = 17;
        refused("quorum");
        terms = sound;
        terms.workUntil = START - 1;
        refused("workUntil");
        terms = sound;
        terms.redeemUntil = START + 30 days + 1;
        refused("length");
        terms.redeemUntil = type(uint40).max;
        refused("length");
    }

    function test_the_longest_and_the_shortest_deal() public {
        (terms.workUntil, terms.redeemUntil) = (START, START + 30 days);
        market.open(terms, signedTerms());
        terms.revealUntil = START + 10 minutes;
        terms.disputeUntil = START + 20 minutes;
        terms.redeemUntil = START + 30 minutes;
        market.open(terms, signedTerms());
        vm.assertEq(market.balanceOf(requester), 0);
    }

    function test_fuzz_each_window_has_ten_minutes(uint256 window, uint40 gap) public {
        gap = uint40(within(gap, 0, 10 minutes - 1));
        if (window % 3 == 0) terms.revealUntil = terms.workUntil + gap;
        else if (window % 3 == 1) terms.disputeUntil = terms.revealUntil + gap;
        else terms.redeemUntil = terms.disputeUntil + gap;
        refused("window");
    }

    function test_fuzz_any_times_either_open_or_are_refused(uint40[4] memory ends) public {
        (terms.workUntil, terms.revealUntil, terms.disputeUntil, terms.redeemUntil) =
            (ends[0], ends[1], ends[2], ends[3]);
        bytes memory signed = signedTerms();
        vm.expectPartialRevert(IJobMarket.TermsInvalid.selector);
        market.open(terms, signed);
    }

    function test_not_after_intake_has_stopped() public {
        vm.prank(guardian);
        market.stopIntake();
        vm.warp(market.stopsAt());
        (terms.workUntil, terms.revealUntil) = (START + 32 days, START + 33 days);
        (terms.disputeUntil, terms.redeemUntil) = (START + 34 days, START + 35 days);
        bytes memory signed = signedTerms();
        vm.expectPartialRevert(bytes4(keccak256("IntakeStopped(uint40)")));
        market.open(terms, signed);
    }

    function refused(string memory what) private {
        bytes memory signed = signedTerms();
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.TermsInvalid.selector, what));
        market.open(terms, signed);
    }
}
