// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IJobMarket} from "../interfaces/IJobMarket.sol";
import {Deal, DealState, Share} from "../types/Deal.sol";

/// @title Promised, paid, forfeited
/// @dev Of an open deal, `promised` is the sum over its shares of `allocated - paid`, and never more than
/// `remaining`: each function changes both sides of that alike.
library Shares {
    function pledge(Deal memory deal, Share memory share, uint96 amount) internal pure {
        uint96 left = deal.remaining - deal.promised;
        if (amount > left) revert IJobMarket.BudgetExceeded(left, amount);
        deal.promised += amount;
        share.allocated += amount;
    }

    /// @param upTo Cumulative; what exceeds the allocation is not paid.
    /// @return amount What is paid now; 0 where an earlier voucher was worth as much.
    function pay(Deal memory deal, Share memory share, uint96 upTo) internal pure returns (uint96 amount) {
        uint96 due = upTo < share.allocated ? upTo : share.allocated;
        if (due <= share.paid) return 0;
        amount = due - share.paid;
        share.paid = due;
        deal.remaining -= amount;
        deal.promised -= amount;
    }

    /// @dev Back into the budget; a closed deal has none any more.
    /// @return amount What was not paid, and will not be.
    function forfeit(Deal memory deal, Share memory share) internal pure returns (uint96 amount) {
        amount = share.allocated - share.paid;
        share.allocated = share.paid;
        if (deal.state == DealState.Open) deal.promised -= amount;
    }
}
