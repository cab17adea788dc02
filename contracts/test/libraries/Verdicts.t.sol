// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Test} from "../Vm.sol";
import {Verdicts, Vote} from "../../src/libraries/Verdicts.sol";

/// @notice The verdict over any votes is the one that counting on fingers gives.
contract VerdictsTest is Test {
    function test_fuzz_a_quorum_that_no_other_equals(uint8[16] memory words, uint256 count, uint256 quorum)
        public
        pure
    {
        (count, quorum) = (within(count, 1, 16), within(quorum, 2, 16));
        Vote[] memory votes = new Vote[](count);
        uint256[4] memory fingers;
        for (uint256 i; i < count; ++i) {
            votes[i] = Vote(address(uint160(i + 1)), bytes32(uint256(words[i] % 4) + 1));
            ++fingers[words[i] % 4];
        }
        (uint256 best, uint256 most, bool tied) = (0, 0, false);
        for (uint256 i; i < 4; ++i) {
            if (fingers[i] > most) (best, most, tied) = (i, fingers[i], false);
            else if (fingers[i] == most) tied = true;
        }
        (bool found, bytes32 truth) = Verdicts.truthOf(votes, quorum);
        vm.assertTrue(found == (most >= quorum && !tied));
        if (found) vm.assertEq(truth, bytes32(best + 1));
    }
}
