// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReputation} from "./interfaces/IReputation.sol";

/// @title What a provider is known for
/// @notice Grows by one with each verdict that it agreed with, and falls to two thirds with each that it did not: three
/// lies leave less than a third, however long the honesty before. Halves in `HALF_LIFE`, so that it says what a
/// provider is, not what it was. Only settled cases count: work that others have done too, for which pay was allocated.
contract Reputation is IReputation {
    uint256 public constant ONE = 1 ether;
    uint40 public constant HALF_LIFE = 90 days;

    /// @dev One storage slot. Scores stay below the number of verdicts, which 2^96 / 1e18 is far above.
    struct Score {
        uint96 value;
        uint40 since;
    }

    address public immutable market;
    mapping(address provider => Score) private _scores;

    constructor(address market_) {
        market = market_;
    }

    function record(address provider, bool agreed) external {
        if (msg.sender != market) revert OnlyMarket();
        uint256 score = scoreOf(provider);
        score = agreed ? score + ONE : score * 2 / 3;
        // forge-lint: disable-next-line(unsafe-typecast)
        _scores[provider] = Score(uint96(score), uint40(block.timestamp));
        emit Recorded(provider, agreed, score);
    }

    /// @dev Halved exactly for each whole half-life, and on a straight line in between; rounded down.
    function scoreOf(address provider) public view returns (uint256) {
        Score memory last = _scores[provider];
        uint256 age = block.timestamp - last.since;
        uint256 halved = age / HALF_LIFE >= 96 ? 0 : uint256(last.value) >> (age / HALF_LIFE);
        return halved - halved * (age % HALF_LIFE) / (2 * HALF_LIFE);
    }
}
