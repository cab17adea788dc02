// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What a provider is known for, from settled cases alone. Told in docs/money.md.
interface IReputation {
    /// @param score With 18 decimals, after the change.
    event Recorded(address indexed provider, bool agreed, uint256 score);

    error OnlyMarket();

    /// @dev The market alone: +1 if the provider agreed with the verdict, ×2/3 if not.
    function record(address provider, bool agreed) external;

    /// @return With 18 decimals, as it has decayed until now.
    function scoreOf(address provider) external view returns (uint256);
}
