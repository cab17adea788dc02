// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice New tokens for validated work. Told in docs/money.md.
interface IEmission {
    event RootPublished(uint32 indexed epoch, bytes32 root, uint96 amount);
    event Claimed(uint32 indexed epoch, address indexed account, uint96 amount);
    event AttestersAnnounced(address[] attesters, uint8 threshold, uint40 from);
    event AttestersChanged(address[] attesters, uint8 threshold);

    error AttestersInvalid();
    error TooEarly(uint40 from);
    error TooLate(uint40 until);
    error RootExists(uint32 epoch);
    error RootUnknown(uint32 epoch);
    error SignaturesTooFew(uint8 valid, uint8 needed);
    error SignaturesUnordered();
    error AlreadyClaimed(uint32 epoch, address account);
    error EpochExhausted(uint96 left, uint96 needed);
    error ProofWrong();
    error NothingAnnounced();

    /// @notice The shares of an epoch that is over, signed by a threshold of attesters (EIP-712), in the order of their
    /// addresses.
    function publishRoot(uint32 epoch, bytes32 root, bytes[] calldata signatures) external;
    function claim(uint32 epoch, address account, uint96 amount, bytes32[] calldata proof) external;
    /// @notice New attesters, signed by a threshold of the present ones; they take over after a notice.
    function announceAttesters(address[] calldata attesters, uint8 threshold, bytes[] calldata signatures) external;
    function changeAttesters() external;

    /// @return The epoch that is running; the first is 0.
    function epochNow() external view returns (uint32);
    function rootOf(uint32 epoch) external view returns (bytes32);
    function leftOf(uint32 epoch) external view returns (uint96);
    function hasClaimed(uint32 epoch, address account) external view returns (bool);
}
