// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {GridToken} from "./GridToken.sol";
import {Intake} from "./Intake.sol";
import {IProviderRegistry} from "./interfaces/IProviderRegistry.sol";

/// @title Who provides, with which keys and how much stake
/// @notice `locked <= staked`, always, and what this contract holds is what all have staked. Only the market
/// locks, and it can neither take stake nor give it to anyone: it unlocks it or burns it.
contract ProviderRegistry is IProviderRegistry, Intake {
    using SafeERC20 for GridToken;

    /// @dev Two slots: who is paid and what leaves, what is at stake.
    struct Provider {
        address payout;
        uint96 unbonding;
        uint96 staked;
        uint96 locked;
        uint40 readyAt;
        uint16 workers;
    }

    /// @dev A key stays bound to its provider until every deal is over in which it may have given its word.
    struct Worker {
        address provider;
        /// 0 while it works.
        uint40 removedAt;
    }

    /// @notice Longer than the longest deal, so that whoever leaves can still be held to what it has said.
    uint40 public constant COOL_DOWN = 31 days;

    /// @notice Keys of one provider, each a machine or a site.
    uint16 public constant WORKERS_MAX = 64;

    GridToken public immutable token;
    address public immutable market;

    mapping(address provider => Provider) private _providers;
    mapping(address key => Worker) private _workers;

    modifier onlyMarket() {
        if (msg.sender != market) revert OnlyMarket();
        _;
    }

    constructor(GridToken token_, address market_, address guardian_) Intake(guardian_) {
        token = token_;
        market = market_;
    }

    /// @dev A key is asked for no consent: fresh keys are nobody's prey, and papers name the provider, so binding
    /// somebody else's key to oneself gives nothing.
    function register(address payout, address[] calldata workers) external whileOpen {
        Provider storage self = _providers[msg.sender];
        if (self.payout != address(0)) revert AlreadyRegistered(msg.sender);
        _setPayout(self, payout);
        emit Registered(msg.sender, payout);
        for (uint256 i; i < workers.length; ++i) _addWorker(self, workers[i]);
    }

    function setPayout(address payout) external {
        _setPayout(_registered(), payout);
        emit PayoutChanged(msg.sender, payout);
    }

    function addWorker(address worker) external {
        _addWorker(_registered(), worker);
    }

    function removeWorker(address worker) external {
        Worker storage key = _workers[worker];
        if (key.provider != msg.sender || key.removedAt != 0) revert KeyInvalid(worker);
        key.removedAt = SafeCast.toUint40(block.timestamp);
        --_providers[msg.sender].workers;
        emit WorkerRemoved(msg.sender, worker);
    }

    function stake(uint96 amount) external whileOpen {
        _take(amount);
    }

    /// @dev A permit that somebody else has brought before us has done its work: the transfer will tell.
    function stakeWithPermit(uint96 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external whileOpen {
        try token.permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _take(amount);
    }

    function requestUnstake(uint96 amount) external {
        Provider storage self = _registered();
        if (amount > self.staked) revert StakeTooLow(self.staked, amount);
        uint40 readyAt = amount == 0 ? 0 : SafeCast.toUint40(block.timestamp + COOL_DOWN);
        self.unbonding = amount;
        self.readyAt = readyAt;
        emit UnstakeRequested(msg.sender, amount, readyAt);
    }

    /// @notice Takes out what was requested, except what is locked or has been slashed since.
    function unstake() external {
        Provider storage self = _registered();
        uint96 requested = self.unbonding;
        if (requested == 0) revert AmountZero();
        if (block.timestamp < self.readyAt) revert CoolingDown(self.readyAt);
        uint96 unlocked = self.staked - self.locked;
        if (unlocked == 0) revert StakeTooLow(0, requested);
        uint96 amount = requested < unlocked ? requested : unlocked;
        self.staked -= amount;
        self.unbonding = 0;
        self.readyAt = 0;
        emit Unstaked(msg.sender, amount);
        token.safeTransfer(msg.sender, amount);
    }

    function lock(address provider, uint96 amount) external onlyMarket {
        uint96 free = freeStakeOf(provider);
        if (amount > free) revert StakeTooLow(free, amount);
        _providers[provider].locked += amount;
        emit StakeLocked(provider, amount);
    }

    function unlock(address provider, uint96 amount) external onlyMarket {
        _providers[provider].locked -= amount;
        emit StakeUnlocked(provider, amount);
    }

    function slash(address provider, uint96 amount) external onlyMarket {
        Provider storage slashed = _providers[provider];
        slashed.staked -= amount;
        slashed.locked -= amount;
        emit StakeSlashed(provider, amount);
        token.burn(amount);
    }

    function payoutOf(address provider) external view returns (address) {
        return _providers[provider].payout;
    }

    function providerOf(address worker) public view returns (address) {
        Worker memory key = _workers[worker];
        return key.removedAt == 0 ? key.provider : address(0);
    }

    function speaksFor(address provider, address key) external view returns (bool) {
        return provider != address(0) && (key == provider || providerOf(key) == provider);
    }

    function answersFor(address provider, address key, uint40 since) external view returns (bool) {
        if (provider == address(0) || key == provider) return provider != address(0);
        Worker memory worker = _workers[key];
        return worker.provider == provider && (worker.removedAt == 0 || worker.removedAt >= since);
    }

    function stakeOf(address provider) external view returns (Stake memory) {
        Provider storage asked = _providers[provider];
        return Stake(asked.staked, asked.locked);
    }

    function unbondingOf(address provider) external view returns (Unbonding memory) {
        Provider storage asked = _providers[provider];
        return Unbonding(asked.unbonding, asked.readyAt);
    }

    function freeStakeOf(address provider) public view returns (uint96) {
        Provider storage asked = _providers[provider];
        uint96 unlocked = asked.staked - asked.locked;
        uint96 leaving = asked.unbonding;
        return leaving < unlocked ? unlocked - leaving : 0;
    }

    function _registered() private view returns (Provider storage self) {
        self = _providers[msg.sender];
        if (self.payout == address(0)) revert NotRegistered(msg.sender);
    }

    /// @dev A machine's key must never be able to move pay.
    function _setPayout(Provider storage self, address payout) private {
        if (payout == address(0) || _workers[payout].provider == msg.sender) revert KeyInvalid(payout);
        self.payout = payout;
    }

    function _addWorker(Provider storage self, address worker) private {
        if (worker == address(0) || worker == msg.sender || worker == self.payout) revert KeyInvalid(worker);
        if (_isTaken(_workers[worker])) revert KeyInUse(worker);
        if (self.workers == WORKERS_MAX) revert WorkersFull(WORKERS_MAX);
        ++self.workers;
        _workers[worker] = Worker(msg.sender, 0);
        emit WorkerAdded(msg.sender, worker);
    }

    function _isTaken(Worker memory key) private view returns (bool) {
        if (key.provider == address(0)) return false;
        if (key.removedAt == 0) return true;
        return key.provider != msg.sender && block.timestamp <= key.removedAt + COOL_DOWN;
    }

    function _take(uint96 amount) private {
        Provider storage self = _registered();
        if (amount == 0) revert AmountZero();
        self.staked += amount;
        emit Staked(msg.sender, amount);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }
}
