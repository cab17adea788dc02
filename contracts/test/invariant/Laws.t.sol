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

    Play private play;

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
        play.leave();
    }
}
