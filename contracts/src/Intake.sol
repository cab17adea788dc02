// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title A door that can be closed, and never the exits
/// @notice A guardian may stop what comes in, after a notice longer than the longest deal: whoever is inside when it is
/// given can bring everything to its end before it takes effect. It has no other power.
abstract contract Intake {
    /// @notice Longer than `MAX_DEAL` of the market.
    uint40 public constant NOTICE = 31 days;

    address public immutable guardian;

    /// @notice Nothing comes in from then on; 0: the door is open.
    uint40 public stopsAt;

    event IntakeStopping(uint40 from);
    event IntakeOpened();

    error IntakeStopped(uint40 since);
    error OnlyGuardian();

    modifier onlyGuardian() {
        if (msg.sender != guardian) revert OnlyGuardian();
        _;
    }

    modifier whileOpen() {
        uint40 from = stopsAt;
        if (from != 0 && block.timestamp >= from) revert IntakeStopped(from);
        _;
    }

    constructor(address guardian_) {
        guardian = guardian_;
    }

    /// @notice Gives notice. Given again, it begins anew.
    function stopIntake() external onlyGuardian {
        uint40 from = uint40(block.timestamp) + NOTICE;
        stopsAt = from;
        emit IntakeStopping(from);
    }

    function openIntake() external onlyGuardian {
        stopsAt = 0;
        emit IntakeOpened();
    }
}
