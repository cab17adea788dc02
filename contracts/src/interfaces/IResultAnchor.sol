// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Roots of results and their provenance. Told in docs/money.md.
interface IResultAnchor {
    event Anchored(address indexed publisher, bytes32 indexed subject, bytes32 root);

    error RootInvalid();
    error AlreadyAnchored(address publisher, bytes32 subject);

    /// @notice Once for each publisher and subject; for a batch, the subject is its deal's id.
    function anchor(bytes32 subject, bytes32 root) external;

    /// @return The root, or 0 if there is none.
    function rootOf(address publisher, bytes32 subject) external view returns (bytes32);

    /// @return Whether the leaf is under the root, by a proof of OpenZeppelin's standard tree.
    function verify(address publisher, bytes32 subject, bytes32 leaf, bytes32[] calldata proof)
        external
        view
        returns (bool);
}
