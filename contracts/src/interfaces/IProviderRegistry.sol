// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Who provides, with which keys and how much stake. Told in docs/money.md.
interface IProviderRegistry {
    /// @notice One storage slot. `locked <= staked`; `unbonding <= staked - locked` is not promised: locks come first.
    struct Stake {
        uint96 staked;
        uint96 locked;
    }

    struct Unbonding {
        uint96 amount;
        uint40 readyAt;
    }

    event Registered(address indexed provider, address payout);
    event PayoutChanged(address indexed provider, address payout);
    event WorkerAdded(address indexed provider, address indexed worker);
    event WorkerRemoved(address indexed provider, address indexed worker);
    event Staked(address indexed provider, uint96 amount);
    event UnstakeRequested(address indexed provider, uint96 amount, uint40 readyAt);
    event Unstaked(address indexed provider, uint96 amount);
    event StakeLocked(address indexed provider, uint96 amount);
    event StakeUnlocked(address indexed provider, uint96 amount);
    event StakeSlashed(address indexed provider, uint96 amount);

    error AlreadyRegistered(address provider);
    error NotRegistered(address provider);
    error KeyInUse(address key);
    error KeyInvalid(address key);
    error WorkersFull(uint256 max);
    error AmountZero();
    error StakeTooLow(uint96 free, uint96 needed);
    error CoolingDown(uint40 readyAt);
    error OnlyMarket();

    function register(address payout, address[] calldata workers) external;
    function setPayout(address payout) external;
    function addWorker(address worker) external;
    function removeWorker(address worker) external;

    function stake(uint96 amount) external;
    function stakeWithPermit(uint96 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;
    /// @notice Replaces an earlier request, and starts its cool-down anew; 0 withdraws the request.
    function requestUnstake(uint96 amount) external;
    function unstake() external;

    /// @dev The market alone. What is unbonding is not free.
    function lock(address provider, uint96 amount) external;
    function unlock(address provider, uint96 amount) external;
    function slash(address provider, uint96 amount) external;

    function payoutOf(address provider) external view returns (address);
    /// @return The provider of a worker, or 0.
    function providerOf(address worker) external view returns (address);
    /// @return Whether a key may act for a provider now: its account, or one of its workers.
    function speaksFor(address provider, address key) external view returns (bool);
    /// @return Whether a provider is held to what a key signed in a deal opened at `since`: removing a worker later
    /// does not take back its word.
    function answersFor(address provider, address key, uint40 since) external view returns (bool);
    function stakeOf(address provider) external view returns (Stake memory);
    function unbondingOf(address provider) external view returns (Unbonding memory);
    /// @return What can be locked: staked, less locked, less unbonding.
    function freeStakeOf(address provider) external view returns (uint96);
}
