// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {GridToken} from "./GridToken.sol";
import {Intake} from "./Intake.sol";
import {IProviderRegistry} from "./interfaces/IProviderRegistry.sol";

/// @title Who provides, with which keys and how much stake
/// @notice What always holds: `locked <= staked` for each provider, and the tokens held here are what all have staked.
/// A request to leave takes nothing from a lock; it only keeps what is asked for from being locked anew.
contract ProviderRegistry is IProviderRegistry, Intake {
    using SafeERC20 for GridToken;

    /// @notice Longer than the longest deal, so that whoever leaves can still be held to what it has said.
    uint40 public constant COOL_DOWN = 31 days;

    /// @notice Keys of one provider, each a machine or a site.
    uint8 public constant WORKERS_MAX = 64;

    struct Keys {
        address payout;
        uint8 workers;
    }

    GridToken public immutable token;
    address public immutable market;

    mapping(address provider => Keys) private _keys;
    mapping(address worker => address) public providerOf;
    mapping(address provider => Stake) private _stakes;
    mapping(address provider => Unbonding) private _unbonding;

    modifier onlyMarket() {
        if (msg.sender != market) revert OnlyMarket();
        _;
    }

    modifier onlyRegistered() {
        if (_keys[msg.sender].payout == address(0)) revert NotRegistered(msg.sender);
        _;
    }

    constructor(GridToken token_, address market_, address guardian_) Intake(guardian_) {
        token = token_;
        market = market_;
    }

    function register(address payout, address[] calldata workers) external whileOpen {
        if (_keys[msg.sender].payout != address(0)) revert AlreadyRegistered(msg.sender);
        _setPayout(payout);
        emit Registered(msg.sender, payout);
        for (uint256 i = 0; i < workers.length; i++) _addWorker(workers[i]);
    }

    function setPayout(address payout) external onlyRegistered {
        _setPayout(payout);
        emit PayoutChanged(msg.sender, payout);
    }

    function addWorker(address worker) external onlyRegistered {
        _addWorker(worker);
    }

    function removeWorker(address worker) external {
        if (providerOf[worker] != msg.sender) revert KeyInvalid(worker);
        delete providerOf[worker];
        _keys[msg.sender].workers -= 1;
        emit WorkerRemoved(msg.sender, worker);
    }

    function stake(uint96 amount) external {
        _stake(amount);
    }

    /// @dev A permit that somebody else has used already does no harm: the allowance is there.
    function stakeWithPermit(uint96 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _stake(amount);
    }

    function requestUnstake(uint96 amount) external onlyRegistered {
        uint96 staked = _stakes[msg.sender].staked;
        if (amount > staked) revert StakeTooLow(staked, amount);
        uint40 readyAt = amount == 0 ? 0 : uint40(block.timestamp) + COOL_DOWN;
        _unbonding[msg.sender] = Unbonding(amount, readyAt);
        emit UnstakeRequested(msg.sender, amount, readyAt);
    }

    /// @notice Takes out what is neither locked nor was slashed since; what is locked stays, and is asked for anew later.
    function unstake() external onlyRegistered {
        Unbonding memory unbonding = _unbonding[msg.sender];
        if (unbonding.amount == 0) revert AmountZero();
        if (block.timestamp < unbonding.readyAt) revert CoolingDown(unbonding.readyAt);
        Stake storage own = _stakes[msg.sender];
        uint96 free = own.staked - own.locked;
        uint96 amount = unbonding.amount < free ? unbonding.amount : free;
        delete _unbonding[msg.sender];
        own.staked -= amount;
        emit Unstaked(msg.sender, amount);
        token.safeTransfer(msg.sender, amount);
    }

    function lock(address provider, uint96 amount) external onlyMarket {
        uint96 free = freeStakeOf(provider);
        if (free < amount) revert StakeTooLow(free, amount);
        _stakes[provider].locked += amount;
        emit StakeLocked(provider, amount);
    }

    function unlock(address provider, uint96 amount) external onlyMarket {
        _stakes[provider].locked -= amount;
        emit StakeUnlocked(provider, amount);
    }

    /// @dev Burnt: nobody gains, so nobody can gain by causing it.
    function slash(address provider, uint96 amount) external onlyMarket {
        Stake storage slashed = _stakes[provider];
        slashed.staked -= amount;
        slashed.locked -= amount;
        emit StakeSlashed(provider, amount);
        token.burn(amount);
    }

    function payoutOf(address provider) external view returns (address) {
        return _keys[provider].payout;
    }

    function stakeOf(address provider) external view returns (Stake memory) {
        return _stakes[provider];
    }

    function unbondingOf(address provider) external view returns (Unbonding memory) {
        return _unbonding[provider];
    }

    function freeStakeOf(address provider) public view returns (uint96) {
        Stake memory own = _stakes[provider];
        uint96 unlocked = own.staked - own.locked;
        uint96 leaving = _unbonding[provider].amount;
        return leaving < unlocked ? unlocked - leaving : 0;
    }

    function _stake(uint96 amount) private whileOpen onlyRegistered {
        if (amount == 0) revert AmountZero();
        _stakes[msg.sender].staked += amount;
        emit Staked(msg.sender, amount);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    function _setPayout(address payout) private {
        if (payout == address(0) || providerOf[payout] != address(0)) revert KeyInvalid(payout);
        _keys[msg.sender].payout = payout;
    }

    function _addWorker(address worker) private {
        Keys storage keys = _keys[msg.sender];
        if (worker == address(0) || worker == msg.sender || worker == keys.payout) revert KeyInvalid(worker);
        if (providerOf[worker] != address(0)) revert KeyInUse(worker);
        if (keys.workers == WORKERS_MAX) revert WorkersFull(WORKERS_MAX);
        keys.workers += 1;
        providerOf[worker] = msg.sender;
        emit WorkerAdded(msg.sender, worker);
    }
}
