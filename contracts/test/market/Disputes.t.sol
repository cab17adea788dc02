// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {World} from "../World.sol";
import {IJobMarket} from "../../src/interfaces/IJobMarket.sol";
import {ShareState, Testimony} from "../../src/types/Deal.sol";

/// @notice What is proved of a unit, and the verdict over it: the minority loses its lock, the majority gains a name.
contract DisputesTest is World {
    bytes32 private constant UNIT = "unit";
    bytes32 private constant TRUTH = "truth";
    bytes32 private constant LIE = "lie";

    uint256 private supply;

    function setUp() public override {
        super.setUp();
        begin(18);
        for (uint256 i; i < 18; ++i) allocate(i, 10 ether);
        supply = token.totalSupply();
    }

    function test_a_testimony_opens_a_case() public {
        said(0, TRUTH);
        vm.expectEmit();
        emit IJobMarket.Testified(id, UNIT, provider(0), TRUTH);
        testify(0, 1, UNIT, TRUTH);
        (address[] memory providers, bytes32[] memory digests, bool settled) = market.caseOf(id, UNIT);
        vm.assertEq(providers.length, 1);
        vm.assertEq(providers[0], provider(0));
        vm.assertEq(digests[0], TRUTH);
        vm.assertFalse(settled);
        vm.assertEq(share(0).openCases, 1);
    }

    function test_a_leaf_of_a_greater_bundle_is_proved_by_its_path() public {
        (bytes32 first, bytes32 second) = (leaf(UNIT, TRUTH), leaf("other unit", LIE));
        bytes32 root = first < second
            ? keccak256(abi.encodePacked(first, second))
            : keccak256(abi.encodePacked(second, first));
        market.commit(terms, commitment(0, 1, root), signedCommitment(WORKERS, commitment(0, 1, root)));
        vm.warp(terms.workUntil + 1);
        market.reveal(terms, provider(0), 1, root, SALT);
        Testimony memory given = testimony(0, 1, UNIT, TRUTH);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.ProofWrong.selector));
        market.testify(terms, given);
        given.proof = new bytes32[](1);
        given.proof[0] = second;
        market.testify(terms, given);
        vm.assertEq(share(0).openCases, 1);
    }

    function test_only_what_was_revealed_is_proved() public {
        commit(0, 1, UNIT, TRUTH);
        vm.warp(terms.workUntil + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.BundleUnknown.selector, 1));
        testify(0, 1, UNIT, TRUTH);
        reveal(0, 1, UNIT, TRUTH);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.ProofWrong.selector));
        testify(0, 1, UNIT, LIE);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.ProofWrong.selector));
        testify(0, 1, "other unit", TRUTH);
    }

    function test_between_work_and_disputeUntil() public {
        vm.warp(terms.workUntil);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.TooEarly.selector, terms.workUntil));
        testify(0, 1, UNIT, TRUTH);
        vm.warp(terms.disputeUntil + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.TooLate.selector, terms.disputeUntil));
        testify(0, 1, UNIT, TRUTH);
    }

    function test_the_same_word_counts_once() public {
        said(0, TRUTH);
        testify(0, 1, UNIT, TRUTH);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.TestimonyRepeated.selector, UNIT, provider(0)));
        testify(0, 1, UNIT, TRUTH);
    }

    function test_two_words_on_one_unit_are_slashed_at_once() public {
        said(1, TRUTH);
        testify(1, 1, UNIT, TRUTH);
        vm.warp(terms.workUntil);
        commit(0, 1, UNIT, TRUTH);
        commit(0, 2, UNIT, LIE);
        vm.warp(terms.workUntil + 1);
        reveal(0, 1, UNIT, TRUTH);
        reveal(0, 2, UNIT, LIE);
        testify(0, 1, UNIT, TRUTH);
        vm.expectEmit();
        emit IJobMarket.Slashed(id, provider(0), LOCK, 10 ether);
        testify(0, 2, UNIT, LIE);
        isSlashed(0);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.ShareSlashed.selector, id, provider(0)));
        testify(0, 1, UNIT, TRUTH);
        // Its first word stands, and helps whoever said the same; it gains nothing itself.
        settle();
        vm.assertEq(reputation.scoreOf(provider(1)), 1 ether);
        vm.assertEq(reputation.scoreOf(provider(0)), 0);
    }

    function test_the_minority_is_slashed_and_the_majority_gains() public {
        testifyAll(TRUTH, LIE, TRUTH);
        settle();
        isSlashed(1);
        for (uint256 i; i < 3; i += 2) {
            vm.assertEq(share(i).openCases, 0);
            vm.assertTrue(share(i).state == ShareState.Locked);
            vm.assertEq(reputation.scoreOf(provider(i)), 1 ether);
        }
        vm.assertEq(reputation.scoreOf(provider(1)), 0);
        (,, bool settled) = market.caseOf(id, UNIT);
        vm.assertTrue(settled);
        vm.assertEq(token.totalSupply(), supply - LOCK);
        redeem(0, 10 ether, 0);
    }

    function test_without_a_majority_nobody_is_hurt() public {
        testifyAll(TRUTH, LIE, "third");
        vm.warp(terms.disputeUntil + 1);
        vm.expectEmit();
        emit IJobMarket.Settled(id, UNIT, 0);
        market.settle(terms, UNIT);
        for (uint256 i; i < 3; ++i) {
            vm.assertTrue(share(i).state == ShareState.Locked);
            vm.assertEq(share(i).openCases, 0);
            vm.assertEq(reputation.scoreOf(provider(i)), 0);
            market.release(terms, provider(i));
        }
        vm.assertEq(token.totalSupply(), supply);
    }

    function test_nothing_is_no_truth() public {
        testifyAll(0, 0, LIE);
        settle();
        vm.assertTrue(share(2).state == ShareState.Locked);
    }

    function test_settled_after_the_dispute_and_once() public {
        testifyAll(TRUTH, LIE, TRUTH);
        vm.warp(terms.disputeUntil);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.TooEarly.selector, terms.disputeUntil));
        market.settle(terms, UNIT);
        settle();
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.CaseSettled.selector, UNIT));
        market.settle(terms, UNIT);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.CaseUnknown.selector, bytes32("other unit")));
        market.settle(terms, "other unit");
    }

    function test_settled_after_a_late_closing_too() public {
        testifyAll(TRUTH, LIE, TRUTH);
        vm.warp(terms.redeemUntil + 1);
        market.close(terms);
        uint96 refund = market.balanceOf(requester);
        market.settle(terms, UNIT);
        vm.assertEq(deal().promised, 0);
        vm.assertEq(market.balanceOf(requester), refund);
        isSlashed(1);
        market.release(terms, provider(0));
        vm.assertEq(token.balanceOf(address(market)), BUDGET);
    }

    function test_whoever_lies_twice_loses_one_lock() public {
        (bytes32 other, bytes32[3] memory digests) = ("other unit", [TRUTH, LIE, TRUTH]);
        for (uint256 i; i < 3; ++i) {
            commit(i, 1, UNIT, digests[i]);
            commit(i, 2, other, digests[i]);
        }
        vm.warp(terms.workUntil + 1);
        for (uint256 i; i < 3; ++i) {
            reveal(i, 1, UNIT, digests[i]);
            reveal(i, 2, other, digests[i]);
            testify(i, 1, UNIT, digests[i]);
            testify(i, 2, other, digests[i]);
        }
        settle();
        market.settle(terms, other);
        isSlashed(1);
        vm.assertEq(share(1).openCases, 0);
        vm.assertEq(reputation.scoreOf(provider(0)), 2 ether);
        vm.assertEq(token.totalSupply(), supply - LOCK);
    }

    function test_a_full_case_takes_no_more() public {
        for (uint256 i; i < 17; ++i) commit(i, 1, UNIT, TRUTH);
        vm.warp(terms.workUntil + 1);
        for (uint256 i; i < 17; ++i) reveal(i, 1, UNIT, TRUTH);
        for (uint256 i; i < 16; ++i) testify(i, 1, UNIT, TRUTH);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.VotesFull.selector, UNIT));
        testify(16, 1, UNIT, TRUTH);
        settle();
    }

    function test_without_a_lock_what_was_not_paid_is_lost() public {
        market.depositFor(requester, BUDGET);
        (terms.salt, terms.stakeLock) = ("two", 0);
        id = market.open(terms, signedTerms());
        for (uint256 i; i < 3; ++i) allocate(i, 10 ether);
        testifyAll(TRUTH, LIE, TRUTH);
        settle();
        vm.assertTrue(share(1).state == ShareState.Slashed);
        vm.assertEq(token.totalSupply(), supply);
        vm.assertEq(deal().promised, 20 ether);
    }

    function isSlashed(uint256 i) private view {
        vm.assertTrue(share(i).state == ShareState.Slashed);
        vm.assertEq(share(i).allocated, share(i).paid);
        vm.assertEq(registry.stakeOf(provider(i)).staked, STAKE - LOCK);
        vm.assertEq(registry.stakeOf(provider(i)).locked, 0);
    }

    function said(uint256 i, bytes32 digest) private {
        commit(i, 1, UNIT, digest);
        vm.warp(terms.workUntil + 1);
        reveal(i, 1, UNIT, digest);
    }

    function testifyAll(bytes32 first, bytes32 second, bytes32 third) private {
        bytes32[3] memory digests = [first, second, third];
        for (uint256 i; i < 3; ++i) commit(i, 1, UNIT, digests[i]);
        vm.warp(terms.workUntil + 1);
        for (uint256 i; i < 3; ++i) {
            reveal(i, 1, UNIT, digests[i]);
            testify(i, 1, UNIT, digests[i]);
        }
    }

    function settle() private {
        vm.warp(terms.disputeUntil + 1);
        market.settle(terms, UNIT);
    }
}
