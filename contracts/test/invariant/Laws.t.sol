// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Play} from "./Play.sol";
import {Test} from "../Vm.sol";

/// @notice Any steps in any order: the laws of README.md hold after each, and in the end everybody gets out.
contract LawsTest is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    error NeverReached(bytes32 what);

    uint256 private constant WALKS = 8;
    uint256 private constant STEPS = 300;
    Play private play;
    mapping(bytes32 what => bool) private isReached;

    function setUp() public {
        play = new Play();
    }

    function targetContracts() external view returns (address[] memory all) {
        all = new address[](1);
        all[0] = address(play);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory all) {
        all = new FuzzSelector[](1);
        all[0] = FuzzSelector(address(play), play.steps());
    }

    function invariant_the_laws_hold_after_each_step() external view {
        require(bytes(play.broken()).length == 0, play.broken());
        play.laws();
    }

    function afterInvariant() external {
        play.wayOut();
    }

    /// @dev A campaign whose steps were all refused would prove nothing.
    function test_a_walk_reaches_everything() external {
        vm.pauseGasMetering();
        bytes4[] memory steps = play.steps();
        bytes32[] memory goals = play.goals();
        for (uint256 walk; walk < WALKS; ++walk) {
            setUp();
            play.dispute(walk, 1, walk, uint64(walk));
            for (uint256 i; i < STEPS; ++i) {
                uint256 chance = uint256(keccak256(abi.encode(walk, i)));
                bytes4 step = steps[chance % steps.length];
                // What is refused is no step.
                take(bytes.concat(step, words(chance)));
            }
            require(bytes(play.broken()).length == 0, play.broken());
            play.laws();
            play.wayOut();
            for (uint256 i; i < goals.length; ++i) if (play.reached(goals[i]) > 0) isReached[goals[i]] = true;
        }
        for (uint256 i; i < goals.length; ++i) if (!isReached[goals[i]]) revert NeverReached(goals[i]);
    }

    function take(bytes memory step) private returns (bool done) {
        (done,) = address(play).call(step);
    }

    /// @dev Each as wide as some argument may be: one that is too wide for its own is refused.
    function words(uint256 chance) private pure returns (bytes memory all) {
        uint8[4] memory narrow = [255, 255, 232, 160];
        for (uint256 i; i < 5; ++i) {
            uint256 more = uint256(keccak256(abi.encode(chance, i)));
            all = bytes.concat(all, bytes32(more >> narrow[more % 4]));
        }
    }
}
