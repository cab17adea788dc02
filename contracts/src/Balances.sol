// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {GridToken} from "./GridToken.sol";
import {Intake} from "./Intake.sol";
import {IJobMarket} from "./interfaces/IJobMarket.sol";

/// @title Deposits and pay: one balance for each account
/// @notice Only the account itself takes tokens out; nobody can stop it.
abstract contract Balances is IJobMarket, Intake {
    using SafeERC20 for GridToken;

    GridToken public immutable token;

    mapping(address account => uint96) public balanceOf;

    constructor(GridToken token_) {
        token = token_;
    }

    function deposit(uint96 amount) external whileOpen {
        _take(msg.sender, amount);
    }

    function depositFor(address account, uint96 amount) external whileOpen {
        _take(account, amount);
    }

    /// @dev A permit that somebody else has brought before us has done its work: the transfer will tell.
    function depositWithPermit(uint96 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external whileOpen {
        try token.permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _take(msg.sender, amount);
    }

    function withdraw(address to, uint96 amount) external {
        if (amount == 0) revert AmountZero();
        _debit(msg.sender, amount);
        emit Withdrawn(msg.sender, to, amount);
        token.safeTransfer(to, amount);
    }

    function _credit(address account, uint96 amount) internal {
        balanceOf[account] += amount;
    }

    function _debit(address account, uint96 amount) internal {
        uint96 balance = balanceOf[account];
        if (amount > balance) revert BalanceTooLow(balance, amount);
        balanceOf[account] = balance - amount;
    }

    function _take(address account, uint96 amount) private {
        if (amount == 0) revert AmountZero();
        _credit(account, amount);
        emit Deposited(account, amount);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }
}
