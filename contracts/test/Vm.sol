// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What the tests use of forge's cheat codes.
interface Vm {
    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function computeCreateAddress(address deployer, uint256 nonce) external pure returns (address);
    function getNonce(address account) external view returns (uint64);
    function warp(uint256 time) external;
    function chainId(uint256 id) external;
    /// @dev What was read and written before costs as in a transaction of its own.
    function cool(address account) external;
    function pauseGasMetering() external;
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function assume(bool condition) external pure;
    function expectRevert(bytes calldata reason) external;
    function expectPartialRevert(bytes4 selector) external;
    function expectEmit() external;
    function assertTrue(bool condition) external pure;
    function assertFalse(bool condition) external pure;
    function assertEq(uint256 one, uint256 other) external pure;
    function assertEq(address one, address other) external pure;
    function assertEq(bytes32 one, bytes32 other) external pure;
    function assertLe(uint256 one, uint256 other) external pure;
}

/// @notice A test: nothing but the way to the cheat codes.
abstract contract Test {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @dev Any number, brought into a range by its remainder.
    function within(uint256 any, uint256 least, uint256 most) internal pure returns (uint256) {
        return least + any % (most - least + 1);
    }
}
