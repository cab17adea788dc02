// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20Capped} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Capped.sol";
import {Test} from "./Vm.sol";
import {GridToken} from "../src/GridToken.sol";

/// @notice How many tokens there are, and who makes them.
contract GridTokenTest is Test {
    address private immutable minter = vm.addr(1);
    address private immutable treasury = vm.addr(2);
    address private immutable stranger = vm.addr(3);
    uint256 private constant GENESIS = 1e8 ether;

    GridToken private token;

    function setUp() public {
        token = new GridToken(minter, treasury, GENESIS);
    }

    function test_the_treasury_has_what_exists_at_genesis() public view {
        vm.assertEq(token.balanceOf(treasury), GENESIS);
        vm.assertEq(token.totalSupply(), GENESIS);
        vm.assertEq(token.cap(), 1e9 ether);
        vm.assertLe(token.cap(), type(uint96).max);
    }

    function test_only_the_emission_mints() public {
        vm.expectRevert(abi.encodeWithSelector(GridToken.OnlyMinter.selector));
        vm.prank(stranger);
        token.mint(stranger, 1);
        vm.expectRevert(abi.encodeWithSelector(GridToken.OnlyMinter.selector));
        vm.prank(treasury);
        token.mint(treasury, 1);
    }

    function test_fuzz_never_above_the_cap(uint256 amount) public {
        uint256 left = token.cap() - GENESIS;
        amount = within(amount, 0, type(uint96).max);
        if (amount > left) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    ERC20Capped.ERC20ExceededCap.selector, GENESIS + amount, token.CAP()
                )
            );
        }
        vm.prank(minter);
        token.mint(stranger, amount);
        vm.assertEq(token.balanceOf(stranger), amount > left ? 0 : amount);
    }

    function test_no_genesis_above_the_cap() public {
        vm.expectPartialRevert(ERC20Capped.ERC20ExceededCap.selector);
        new GridToken(minter, treasury, 1e9 ether + 1);
    }

    function test_what_is_burnt_is_gone() public {
        vm.prank(treasury);
        token.burn(GENESIS / 2);
        vm.assertEq(token.totalSupply(), GENESIS / 2);
    }
}
