// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {World} from "../World.sol";
import {IJobMarket} from "../../src/interfaces/IJobMarket.sol";
import {Commitment} from "../../src/types/Deal.sol";

/// @notice What a provider seals while it works and opens afterwards: only its own word, each number once.
contract BundlesTest is World {
    bytes32 private constant UNIT = "unit";
    bytes32 private constant DIGEST = "digest";

    function setUp() public override {
        super.setUp();
        begin(3);
        allocate(0, 100 ether);
    }

    function test_a_sealed_word_is_kept_until_it_is_opened() public {
        Commitment memory given = commitment(0, 7, leaf(UNIT, DIGEST));
        vm.expectEmit();
        emit IJobMarket.Committed(id, provider(0), 7, given.seal);
        commit(0, 7, UNIT, DIGEST);
        vm.assertEq(market.bundleOf(id, provider(0), 7), given.seal);
        vm.assertEq(share(0).committed, 1);
        vm.warp(terms.workUntil + 1);
        vm.expectEmit();
        emit IJobMarket.Revealed(id, provider(0), 7, leaf(UNIT, DIGEST));
        reveal(0, 7, UNIT, DIGEST);
        vm.assertEq(market.bundleOf(id, provider(0), 7), leaf(UNIT, DIGEST));
        vm.assertEq(share(0).revealed, 1);
    }

    function test_numbers_are_used_once_in_any_order() public {
        commit(0, 4096, UNIT, DIGEST);
        commit(0, 1, UNIT, DIGEST);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.NumberUsed.selector, 4096));
        commit(0, 4096, UNIT, "another");
        vm.assertEq(share(0).committed, 2);
    }

    function test_numbers_and_seals_have_bounds() public {
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.NumberInvalid.selector, 0));
        commit(0, 0, UNIT, DIGEST);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.NumberInvalid.selector, 4097));
        commit(0, 4097, UNIT, DIGEST);
        Commitment memory given = Commitment(id, provider(0), 1, 0);
        bytes memory signed = signedCommitment(WORKERS, given);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.NumberInvalid.selector, 1));
        market.commit(terms, given, signed);
    }

    function test_the_providers_own_account_may_sign() public {
        Commitment memory given = commitment(0, 1, leaf(UNIT, DIGEST));
        market.commit(terms, given, signedCommitment(PROVIDERS, given));
        vm.assertEq(share(0).committed, 1);
    }

    function test_nobody_signs_for_another_provider() public {
        allocate(1, 1 ether);
        Commitment memory given = commitment(0, 1, leaf(UNIT, DIGEST));
        refuses(given, signedCommitment(WORKERS + 1, given));
        refuses(given, signedCommitment(AGENT, given));
        refuses(given, "");
        // A copied seal under one's own name is another paper.
        bytes memory signed = signedCommitment(WORKERS, given);
        given.provider = provider(1);
        refuses(given, signed);
    }

    function test_a_commitment_is_worth_nothing_in_another_deal() public {
        Commitment memory given = commitment(0, 1, leaf(UNIT, DIGEST));
        bytes memory signed = signedCommitment(WORKERS, given);
        market.depositFor(requester, BUDGET);
        terms.salt = "two";
        id = market.open(terms, signedTerms());
        allocate(0, 1 ether);
        refuses(given, signed);
        given.deal = id;
        refuses(given, signed);
    }

    function test_removing_a_worker_does_not_take_back_its_word() public {
        vm.warp(START + 1);
        vm.prank(provider(0));
        registry.removeWorker(worker(0));
        commit(0, 1, UNIT, DIGEST);
        vm.assertEq(share(0).committed, 1);
    }

    function test_a_worker_removed_before_the_opening_has_no_say() public {
        vm.warp(START + 1);
        vm.prank(provider(0));
        registry.removeWorker(worker(0));
        vm.warp(START + 2);
        market.depositFor(requester, BUDGET);
        (terms.salt, terms.stakeLock) = ("two", 0);
        id = market.open(terms, signedTerms());
        allocate(0, 1 ether);
        Commitment memory given = commitment(0, 1, leaf(UNIT, DIGEST));
        refuses(given, signedCommitment(WORKERS, given));
    }

    function test_only_of_those_who_take_part() public {
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.ShareUnknown.selector, id, provider(1)));
        commit(1, 1, UNIT, DIGEST);
        vm.warp(terms.workUntil + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.ShareUnknown.selector, id, provider(1)));
        reveal(1, 1, UNIT, DIGEST);
    }

    function test_sealed_while_working_and_only_while_the_deal_is_open() public {
        vm.warp(terms.workUntil);
        commit(0, 1, UNIT, DIGEST);
        vm.warp(terms.workUntil + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.TooLate.selector, terms.workUntil));
        commit(0, 2, UNIT, DIGEST);
        vm.warp(terms.redeemUntil + 1);
        market.close(terms);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.DealNotOpen.selector, id));
        commit(0, 2, UNIT, DIGEST);
    }

    function test_opened_after_work_and_until_revealUntil() public {
        commit(0, 1, UNIT, DIGEST);
        commit(0, 2, UNIT, DIGEST);
        vm.warp(terms.workUntil);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.TooEarly.selector, terms.workUntil));
        reveal(0, 1, UNIT, DIGEST);
        vm.warp(terms.revealUntil);
        reveal(0, 1, UNIT, DIGEST);
        vm.warp(terms.revealUntil + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.TooLate.selector, terms.revealUntil));
        reveal(0, 2, UNIT, DIGEST);
    }

    function test_opened_once_and_by_what_was_sealed() public {
        commit(0, 1, UNIT, DIGEST);
        vm.warp(terms.workUntil + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.BundleUnknown.selector, 2));
        reveal(0, 2, UNIT, DIGEST);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.SealWrong.selector));
        reveal(0, 1, UNIT, "another");
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.SealWrong.selector));
        market.reveal(terms, provider(0), 1, leaf(UNIT, DIGEST), "another");
        reveal(0, 1, UNIT, DIGEST);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.BundleRevealed.selector, 1));
        reveal(0, 1, UNIT, DIGEST);
    }

    function test_nothing_is_no_root() public {
        Commitment memory given = commitment(0, 1, 0);
        market.commit(terms, given, signedCommitment(WORKERS, given));
        vm.warp(terms.workUntil + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.SealWrong.selector));
        market.reveal(terms, provider(0), 1, 0, SALT);
    }

    function test_an_early_closing_keeps_nobody_from_opening() public {
        commit(0, 1, UNIT, DIGEST);
        redeem(0, 100 ether, 0);
        vm.warp(terms.workUntil + 1);
        market.close(terms);
        reveal(0, 1, UNIT, DIGEST);
        vm.warp(terms.revealUntil + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.NothingToDo.selector));
        market.expire(terms, provider(0));
        vm.warp(terms.disputeUntil + 1);
        market.release(terms, provider(0));
        vm.assertEq(registry.freeStakeOf(provider(0)), STAKE);
    }

    function test_only_of_a_deal_that_was_opened() public {
        terms.salt = "never opened";
        vm.expectPartialRevert(IJobMarket.DealNotOpen.selector);
        reveal(0, 1, UNIT, DIGEST);
    }

    function test_whoever_was_slashed_says_nothing_more() public {
        commit(0, 1, UNIT, DIGEST);
        vm.warp(terms.revealUntil + 1);
        market.expire(terms, provider(0));
        vm.warp(terms.workUntil + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.ShareSlashed.selector, id, provider(0)));
        reveal(0, 1, UNIT, DIGEST);
    }

    function refuses(Commitment memory given, bytes memory signed) private {
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.SignatureInvalid.selector, given.provider));
        market.commit(terms, given, signed);
    }
}
