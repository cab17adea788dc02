// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {World} from "../World.sol";
import {IJobMarket} from "../../src/interfaces/IJobMarket.sol";

/// @notice What goes into a balance, and that only its account takes it out.
contract DepositsTest is World {
    function test_a_deposit_is_credited_and_can_be_taken_out_again() public {
        vm.expectEmit();
        emit IJobMarket.Deposited(address(this), 5 ether);
        market.deposit(5 ether);
        vm.assertEq(market.balanceOf(address(this)), 5 ether);
        vm.expectEmit();
        emit IJobMarket.Withdrawn(address(this), stranger, 2 ether);
        market.withdraw(stranger, 2 ether);
        vm.assertEq(token.balanceOf(stranger), 2 ether);
        vm.assertEq(market.balanceOf(address(this)), 3 ether);
        vm.assertEq(token.balanceOf(address(market)), 3 ether);
    }

    function test_somebody_else_may_pay_for_it() public {
        market.depositFor(stranger, 5 ether);
        vm.assertEq(market.balanceOf(stranger), 5 ether);
    }

    function test_nothing_is_neither_paid_in_nor_taken_out() public {
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.AmountZero.selector));
        market.deposit(0);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.AmountZero.selector));
        market.withdraw(stranger, 0);
    }

    function test_no_more_than_the_balance_is_taken_out() public {
        market.deposit(5 ether);
        vm.expectRevert(abi.encodeWithSelector(IJobMarket.BalanceTooLow.selector, 5 ether, 5 ether + 1));
        market.withdraw(stranger, 5 ether + 1);
    }

    function test_what_was_not_approved_is_not_taken() public {
        vm.expectPartialRevert(IERC20Errors.ERC20InsufficientAllowance.selector);
        vm.prank(stranger);
        market.deposit(1);
    }

    function test_a_permit_spares_the_approval() public {
        token.transfer(requester, 5 ether);
        (uint8 v, bytes32 r, bytes32 s) = permit(5 ether);
        vm.prank(requester);
        market.depositWithPermit(5 ether, block.timestamp, v, r, s);
        vm.assertEq(market.balanceOf(requester), 5 ether);
    }

    function test_a_permit_that_somebody_brought_before_has_done_its_work() public {
        token.transfer(requester, 5 ether);
        (uint8 v, bytes32 r, bytes32 s) = permit(5 ether);
        token.permit(requester, address(market), 5 ether, block.timestamp, v, r, s);
        vm.prank(requester);
        market.depositWithPermit(5 ether, block.timestamp, v, r, s);
        vm.assertEq(market.balanceOf(requester), 5 ether);
    }

    function test_fuzz_what_the_market_holds_is_what_it_owes(uint96[8] memory amounts, bool[8] memory out) public {
        uint256 sum;
        for (uint256 i; i < 8; ++i) {
            uint96 amount = uint96(within(amounts[i], 1, 1_000 ether));
            if (out[i] && amount <= market.balanceOf(address(this))) {
                market.withdraw(stranger, amount);
                sum -= amount;
            } else {
                market.deposit(amount);
                sum += amount;
            }
        }
        vm.assertEq(market.balanceOf(address(this)), sum);
        vm.assertEq(token.balanceOf(address(market)), sum);
    }

    function permit(uint256 amount) private view returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 typeHash =
            keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 structHash =
            keccak256(abi.encode(typeHash, requester, address(market), amount, 0, block.timestamp));
        return vm.sign(REQUESTER, keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), structHash)));
    }
}
