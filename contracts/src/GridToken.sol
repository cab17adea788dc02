// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Capped} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Capped.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title The token that computing is paid in
/// @notice Nobody owns it. What exists at genesis goes to one address; after that only the emission mints, and
/// never above the cap. The cap fits into 96 bits, so that two amounts and their state fit into one storage slot.
contract GridToken is ERC20, ERC20Burnable, ERC20Capped, ERC20Permit {
    uint256 public constant CAP = 1_000_000_000 ether;

    /// @notice The emission; it mints what validated work has earned.
    address public immutable minter;

    error OnlyMinter();

    constructor(address minter_, address treasury, uint256 genesis)
        ERC20("CONUN", "CONUN")
        ERC20Capped(CAP)
        ERC20Permit("CONUN")
    {
        minter = minter_;
        _mint(treasury, genesis);
    }

    function mint(address to, uint256 amount) external {
        if (msg.sender != minter) revert OnlyMinter();
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Capped) {
        super._update(from, to, value);
    }
}
