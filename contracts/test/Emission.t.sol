// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Test} from "./Vm.sol";
import {Emission} from "../src/Emission.sol";
import {GridToken} from "../src/GridToken.sol";
import {IEmission} from "../src/interfaces/IEmission.sol";

/// @notice New tokens: never more than an epoch has, never twice, never without a threshold of attesters.
contract EmissionTest is Test {
    uint256 private constant START = 1_800_000_000;
    uint256 private constant GENESIS = 400_000_000 ether;
    /// (cap - genesis) / 512
    uint96 private constant FIRST = 1_171_875 ether;
    address private constant ANN = address(0xa);
    address private constant BOB = address(0xb);

    GridToken private token;
    Emission private emission;
    /// Rising by their addresses.
    uint256[] private keys;

    function setUp() public {
        vm.warp(START);
        keys = sorted(0x100, 4);
        address at = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        token = new GridToken(at, address(this), GENESIS);
        emission = new Emission(token, addresses(keys), 3);
        vm.warp(START + 7 days);
    }

    function test_an_epoch_gets_a_fraction_of_what_the_cap_leaves() public {
        vm.expectEmit();
        emit IEmission.RootPublished(0, "root", FIRST);
        publish(0, "root");
        vm.assertEq(emission.rootOf(0), "root");
        vm.assertEq(emission.leftOf(0), FIRST);
        vm.assertEq(emission.epochNow(), 1);
    }

    function test_an_epoch_that_is_not_over_has_no_root() public {
        vm.warp(START + 7 days - 1);
        bytes[] memory papers = signed(rootHash(0, "root"), 3);
        vm.expectRevert(abi.encodeWithSelector(IEmission.TooEarly.selector, START + 7 days));
        emission.publishRoot(0, "root", papers);
    }

    function test_an_old_epoch_gets_no_root_any_more() public {
        vm.warp(START + 187 days + 1);
        bytes[] memory papers = signed(rootHash(0, "root"), 3);
        vm.expectRevert(abi.encodeWithSelector(IEmission.TooLate.selector, START + 187 days));
        emission.publishRoot(0, "root", papers);
    }

    function test_an_epoch_has_one_root() public {
        publish(0, "root");
        bytes[] memory papers = signed(rootHash(0, "other"), 3);
        vm.expectRevert(abi.encodeWithSelector(IEmission.RootExists.selector, 0));
        emission.publishRoot(0, "other", papers);
        vm.expectRevert(abi.encodeWithSelector(IEmission.TooEarly.selector, START + 14 days));
        emission.publishRoot(1, "other", papers);
    }

    function test_the_zero_root_is_none() public {
        bytes[] memory papers = signed(rootHash(0, 0), 3);
        vm.expectRevert(abi.encodeWithSelector(IEmission.ProofWrong.selector));
        emission.publishRoot(0, 0, papers);
    }

    function test_fewer_than_the_threshold_publish_nothing() public {
        bytes[] memory papers = signed(rootHash(0, "root"), 2);
        vm.expectRevert(abi.encodeWithSelector(IEmission.SignaturesTooFew.selector, 2, 3));
        emission.publishRoot(0, "root", papers);
    }

    function test_a_signature_for_another_root_or_epoch_does_not_count() public {
        bytes[] memory papers = signed(rootHash(0, "root"), 4);
        vm.expectRevert(abi.encodeWithSelector(IEmission.SignaturesTooFew.selector, 0, 3));
        emission.publishRoot(0, "other", papers);
        vm.warp(START + 14 days);
        vm.expectRevert(abi.encodeWithSelector(IEmission.SignaturesTooFew.selector, 0, 3));
        emission.publishRoot(1, "root", papers);
    }

    function test_nobody_counts_twice() public {
        bytes32 digest = rootHash(0, "root");
        bytes[] memory papers = signed(digest, 3);
        papers[2] = papers[1];
        vm.expectRevert(abi.encodeWithSelector(IEmission.SignaturesUnordered.selector));
        emission.publishRoot(0, "root", papers);
        papers[2] = papers[0];
        vm.expectRevert(abi.encodeWithSelector(IEmission.SignaturesUnordered.selector));
        emission.publishRoot(0, "root", papers);
    }

    function test_strangers_do_not_count() public {
        bytes32 digest = rootHash(0, "root");
        bytes[] memory papers = signed(digest, 3);
        papers[0] = signature(0x57a4, digest);
        papers[1] = "not a signature";
        vm.expectRevert(abi.encodeWithSelector(IEmission.SignaturesTooFew.selector, 1, 3));
        emission.publishRoot(0, "root", papers);
    }

    function test_a_share_is_minted_once_by_anyone_to_its_account() public {
        bytes32[] memory proof = publishPair(0, 30 ether, 70 ether);
        vm.expectEmit();
        emit IEmission.Claimed(0, ANN, 30 ether);
        vm.prank(BOB);
        emission.claim(0, ANN, 30 ether, proof);
        vm.assertEq(token.balanceOf(ANN), 30 ether);
        vm.assertTrue(emission.hasClaimed(0, ANN));
        vm.assertEq(emission.leftOf(0), FIRST - 30 ether);
        vm.expectRevert(abi.encodeWithSelector(IEmission.AlreadyClaimed.selector, 0, ANN));
        emission.claim(0, ANN, 30 ether, proof);
    }

    function test_what_is_not_under_the_root_is_not_minted() public {
        bytes32[] memory proof = publishPair(0, 30 ether, 70 ether);
        vm.expectRevert(abi.encodeWithSelector(IEmission.ProofWrong.selector));
        emission.claim(0, ANN, 31 ether, proof);
        vm.expectRevert(abi.encodeWithSelector(IEmission.ProofWrong.selector));
        emission.claim(0, BOB, 30 ether, proof);
        vm.expectRevert(abi.encodeWithSelector(IEmission.RootUnknown.selector, 1));
        emission.claim(1, ANN, 30 ether, proof);
    }

    function test_a_root_that_promises_too_much_gets_no_more_than_the_epoch() public {
        bytes32[] memory proof = publishPair(0, FIRST, 1);
        emission.claim(0, ANN, FIRST, proof);
        proof[0] = leaf(ANN, FIRST);
        vm.expectRevert(abi.encodeWithSelector(IEmission.EpochExhausted.selector, 0, 1));
        emission.claim(0, BOB, 1, proof);
    }

    function test_what_is_not_claimed_in_time_is_never_minted() public {
        bytes32[] memory proof = publishPair(0, 30 ether, 70 ether);
        vm.warp(START + 187 days);
        emission.claim(0, ANN, 30 ether, proof);
        vm.warp(START + 187 days + 1);
        proof[0] = leaf(ANN, 30 ether);
        vm.expectRevert(abi.encodeWithSelector(IEmission.TooLate.selector, START + 187 days));
        emission.claim(0, BOB, 70 ether, proof);
    }

    function test_a_signature_holds_on_one_chain() public {
        bytes[] memory papers = signed(rootHash(0, "root"), 3);
        vm.chainId(block.chainid + 1);
        vm.expectRevert(abi.encodeWithSelector(IEmission.SignaturesTooFew.selector, 0, 3));
        emission.publishRoot(0, "root", papers);
    }

    function test_attesters_follow_one_another_after_a_notice() public {
        uint256[] memory next = sorted(0x200, 2);
        uint40 from = uint40(block.timestamp) + 14 days;
        vm.expectRevert(abi.encodeWithSelector(IEmission.NothingAnnounced.selector));
        emission.changeAttesters();
        bytes[] memory papers = signed(attestersHash(addresses(next), 2), 3);
        vm.expectEmit();
        emit IEmission.AttestersAnnounced(addresses(next), 2, from);
        emission.announceAttesters(addresses(next), 2, papers);

        vm.warp(from - 1);
        vm.expectRevert(abi.encodeWithSelector(IEmission.TooEarly.selector, from));
        emission.changeAttesters();
        publish(0, "by the old");
        vm.warp(from);
        vm.expectEmit();
        emit IEmission.AttestersChanged(addresses(next), 2);
        emission.changeAttesters();

        bytes[] memory old = signed(rootHash(1, "root"), 4);
        vm.expectRevert(abi.encodeWithSelector(IEmission.SignaturesTooFew.selector, 0, 2));
        emission.publishRoot(1, "root", old);
        keys = next;
        emission.publishRoot(1, "root", signed(rootHash(1, "root"), 2));
        vm.expectRevert(abi.encodeWithSelector(IEmission.NothingAnnounced.selector));
        emission.changeAttesters();
    }

    function test_an_announcement_counts_once() public {
        address[] memory next = addresses(sorted(0x200, 2));
        bytes[] memory papers = signed(attestersHash(next, 2), 3);
        emission.announceAttesters(next, 2, papers);
        vm.expectRevert(abi.encodeWithSelector(IEmission.SignaturesTooFew.selector, 0, 3));
        emission.announceAttesters(next, 2, papers);
    }

    function test_attesters_are_distinct_few_and_enough() public {
        refuses(addresses(sorted(0x200, 33)), 1);
        refuses(addresses(sorted(0x200, 2)), 3);
        refuses(addresses(sorted(0x200, 2)), 0);
        refuses(new address[](1), 1);
        address[] memory twice = addresses(sorted(0x200, 2));
        twice[1] = twice[0];
        refuses(twice, 1);
    }

    /// Whatever roots promise and however long nobody comes: an epoch mints no more than it has, and all can be minted.
    function testFuzz_never_mints_more_than_the_epochs_have(uint96[8] calldata amounts, uint8 epochs) public {
        uint256 allowed = 0;
        uint32 last = uint32(within(epochs, 1, 25));
        vm.warp(START + uint256(last + 1) * 7 days);
        for (uint32 epoch = 0; epoch <= last; ++epoch) {
            publish(epoch, leaf(ANN, uint96(within(amounts[epoch % 8], 0, FIRST + 1))));
            allowed += emission.leftOf(epoch);
        }
        for (uint32 epoch = 0; epoch <= last; ++epoch) {
            uint96 amount = uint96(within(amounts[epoch % 8], 0, FIRST + 1));
            uint96 left = emission.leftOf(epoch);
            if (amount > left) {
                vm.expectRevert(abi.encodeWithSelector(IEmission.EpochExhausted.selector, left, amount));
            }
            emission.claim(epoch, ANN, amount, new bytes32[](0));
        }
        vm.assertLe(token.totalSupply(), GENESIS + allowed);
    }

    function publish(uint32 epoch, bytes32 root) private {
        emission.publishRoot(epoch, root, signed(rootHash(epoch, root), 3));
    }

    /// @return proof Of Ann's share.
    function publishPair(uint32 epoch, uint96 ann, uint96 bob) private returns (bytes32[] memory proof) {
        (bytes32 one, bytes32 other) = (leaf(ANN, ann), leaf(BOB, bob));
        publish(epoch, one < other ? keccak256(abi.encode(one, other)) : keccak256(abi.encode(other, one)));
        proof = new bytes32[](1);
        proof[0] = other;
    }

    function refuses(address[] memory attesters, uint8 threshold) private {
        vm.expectRevert(abi.encodeWithSelector(IEmission.AttestersInvalid.selector));
        emission.announceAttesters(attesters, threshold, new bytes[](0));
    }

    function leaf(address account, uint96 amount) private pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(account, amount))));
    }

    function rootHash(uint32 epoch, bytes32 root) private view returns (bytes32) {
        return typed(keccak256(abi.encode(keccak256("EpochRoot(uint32 epoch,bytes32 root)"), epoch, root)));
    }

    function attestersHash(address[] memory attesters, uint8 threshold) private view returns (bytes32) {
        bytes32 typeHash = keccak256("Attesters(address[] attesters,uint8 threshold,uint256 nonce)");
        bytes32 list = keccak256(abi.encodePacked(attesters));
        return typed(keccak256(abi.encode(typeHash, list, threshold, emission.nonce())));
    }

    /// @dev Written out once more, by the standard.
    function typed(bytes32 structHash) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("CONUN Emission"),
                keccak256("1"),
                block.chainid,
                address(emission)
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function signed(bytes32 digest, uint256 count) private view returns (bytes[] memory papers) {
        papers = new bytes[](count);
        for (uint256 i; i < count; ++i) papers[i] = signature(keys[i], digest);
    }

    function signature(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev Keys, rising by their addresses.
    function sorted(uint256 first, uint256 count) private pure returns (uint256[] memory found) {
        found = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            uint256 at = i;
            for (; at > 0 && vm.addr(found[at - 1]) > vm.addr(first + i); --at) found[at] = found[at - 1];
            found[at] = first + i;
        }
    }

    function addresses(uint256[] memory of_) private pure returns (address[] memory found) {
        found = new address[](of_.length);
        for (uint256 i; i < of_.length; ++i) found[i] = vm.addr(of_[i]);
    }
}
