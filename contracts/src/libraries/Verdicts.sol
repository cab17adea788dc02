// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice One provider's word in a case.
struct Vote {
    address provider;
    bytes32 digest;
}

/// @notice Judges what providers said of one unit.
library Verdicts {
    /// @return found Whether one digest has at least `quorum` votes, and more than any other.
    /// @return truth That digest.
    /// @dev At most `VOTES_MAX` votes, so the square of their number is small.
    function truthOf(Vote[] memory votes, uint256 quorum) internal pure returns (bool found, bytes32 truth) {
        uint256 most = 0;
        bool alone = false;
        for (uint256 i = 0; i < votes.length; i++) {
            (uint256 count, bool first) = (0, true);
            for (uint256 j = 0; j < votes.length; j++) {
                if (votes[j].digest != votes[i].digest) continue;
                if (j < i) first = false;
                count += 1;
            }
            if (!first || count < most) continue;
            alone = count > most;
            (most, truth) = (count, votes[i].digest);
        }
        found = alone && most >= quorum;
    }
}
