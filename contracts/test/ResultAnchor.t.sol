// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Test} from "./Vm.sol";
import {ResultAnchor} from "../src/ResultAnchor.sol";
import {IResultAnchor} from "../src/interfaces/IResultAnchor.sol";

/// @notice Roots that stay as they were published, and what is proved under them.
contract ResultAnchorTest is Test {
    bytes32 private constant SUBJECT = "deal";
    address private constant OTHER = address(0xbeef);
    ResultAnchor private anchors;

    function setUp() public {
        anchors = new ResultAnchor();
    }

    function test_is_published_once() public {
        vm.expectEmit();
        emit IResultAnchor.Anchored(address(this), SUBJECT, "root");
        anchors.anchor(SUBJECT, "root");
        vm.assertEq(anchors.rootOf(address(this), SUBJECT), "root");
        vm.expectRevert(abi.encodeWithSelector(IResultAnchor.AlreadyAnchored.selector, address(this), SUBJECT));
        anchors.anchor(SUBJECT, "other");
    }

    function test_nobody_can_take_another_ones_subject() public {
        vm.prank(OTHER);
        anchors.anchor(SUBJECT, "theirs");
        anchors.anchor(SUBJECT, "ours");
        vm.assertEq(anchors.rootOf(OTHER, SUBJECT), "theirs");
        vm.assertEq(anchors.rootOf(address(this), SUBJECT), "ours");
    }

    function test_no_root_is_no_anchor() public {
        vm.expectRevert(abi.encodeWithSelector(IResultAnchor.RootInvalid.selector));
        anchors.anchor(SUBJECT, 0);
        vm.assertFalse(anchors.verify(address(this), SUBJECT, 0, new bytes32[](0)));
    }

    function testFuzz_proves_a_leaf_and_nothing_else(bytes32 one, bytes32 two, bytes32 other) public {
        vm.assume(other != one && one != two);
        (bytes32 left, bytes32 right) = (leaf(one), leaf(two));
        bytes32 root = left < right ? pair(left, right) : pair(right, left);
        anchors.anchor(SUBJECT, root);
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = right;
        vm.assertTrue(anchors.verify(address(this), SUBJECT, left, proof));
        vm.assertFalse(anchors.verify(address(this), SUBJECT, leaf(other), proof));
        vm.assertFalse(anchors.verify(address(this), "other", left, proof));
        vm.assertFalse(anchors.verify(OTHER, SUBJECT, left, proof));
    }

    function leaf(bytes32 value) private pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(value))));
    }

    function pair(bytes32 one, bytes32 other) private pure returns (bytes32) {
        return keccak256(abi.encode(one, other));
    }
}
