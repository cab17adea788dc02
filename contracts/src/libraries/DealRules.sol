// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IJobMarket} from "../interfaces/IJobMarket.sol";
import {Terms} from "../types/Deal.sol";

/// @notice What terms are sound, and how deadlines are kept. A deadline belongs to the earlier phase.
library DealRules {
    /// Of each phase: time for a transaction to be mined while the chain is busy, and for a retry.
    uint40 internal constant MIN_WINDOW = 10 minutes;

    /// From the opening until nothing can be redeemed any more.
    uint40 internal constant MAX_DEAL = 30 days;

    /// Testimonies of one case: what `settle` reads has to fit into a block.
    uint256 internal constant VOTES_MAX = 16;

    /// Commitments of one provider in one deal.
    uint24 internal constant BUNDLES_MAX = 4_096;

    function check(Terms calldata terms) internal view {
        if (terms.agent == address(0)) revert IJobMarket.TermsInvalid("agent");
        if (terms.budget == 0) revert IJobMarket.TermsInvalid("budget");
        if (terms.minQuorum < 2 || terms.minQuorum > VOTES_MAX) revert IJobMarket.TermsInvalid("quorum");
        if (terms.workUntil < block.timestamp) revert IJobMarket.TermsInvalid("workUntil");
        bool wide = follows(terms.revealUntil, terms.workUntil) && follows(terms.disputeUntil, terms.revealUntil)
            && follows(terms.redeemUntil, terms.disputeUntil);
        if (!wide) revert IJobMarket.TermsInvalid("window");
        if (terms.redeemUntil > block.timestamp + MAX_DEAL) revert IJobMarket.TermsInvalid("length");
    }

    function requireUntil(uint40 deadline) internal view {
        if (block.timestamp > deadline) revert IJobMarket.TooLate(deadline);
    }

    function requireAfter(uint40 deadline) internal view {
        if (block.timestamp <= deadline) revert IJobMarket.TooEarly(deadline);
    }

    function follows(uint40 end, uint40 before) private pure returns (bool) {
        return uint256(end) >= uint256(before) + MIN_WINDOW;
    }
}
