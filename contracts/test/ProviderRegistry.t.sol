// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {World} from "./World.sol";
import {ProviderRegistry} from "../src/ProviderRegistry.sol";
import {IProviderRegistry} from "../src/interfaces/IProviderRegistry.sol";

/// @notice Keys that cannot be taken back or borrowed, and stake that leaves slowly and is locked by the market alone.
contract ProviderRegistryTest is World {
    address private immutable account = vm.addr(PROVIDERS);
    address private immutable key = vm.addr(WORKERS);

    function setUp() public override {
        super.setUp();
        // This contract is the market here.
        registry = new ProviderRegistry(token, address(this), guardian);
        token.approve(address(registry), type(uint256).max);
        enrol(0);
        vm.startPrank(account);
    }

    function test_a_provider_registers_once_with_its_keys() public {
        vm.assertEq(registry.payoutOf(account), payout(0));
        vm.assertEq(registry.providerOf(key), account);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.AlreadyRegistered.selector, account));
        registry.register(payout(1), new address[](0));
        vm.stopPrank();
        vm.expectEmit();
        emit IProviderRegistry.Registered(stranger, payout(1));
        vm.prank(stranger);
        registry.register(payout(1), new address[](0));
    }

    function test_pay_goes_to_another_address_but_never_to_a_worker() public {
        vm.expectEmit();
        emit IProviderRegistry.PayoutChanged(account, stranger);
        registry.setPayout(stranger);
        vm.assertEq(registry.payoutOf(account), stranger);
        refusesPayout(address(0));
        refusesPayout(key);
        registry.removeWorker(key);
        refusesPayout(key);
    }

    function test_a_stranger_cannot_block_a_payout_by_calling_it_its_worker() public {
        vm.stopPrank();
        enrol(1);
        vm.prank(provider(1));
        registry.addWorker(stranger);
        vm.prank(account);
        registry.setPayout(stranger);
        vm.assertEq(registry.payoutOf(account), stranger);
    }

    function test_workers_come_and_go() public {
        vm.expectEmit();
        emit IProviderRegistry.WorkerAdded(account, stranger);
        registry.addWorker(stranger);
        vm.assertEq(registry.providerOf(stranger), account);
        vm.expectEmit();
        emit IProviderRegistry.WorkerRemoved(account, stranger);
        registry.removeWorker(stranger);
        vm.assertEq(registry.providerOf(stranger), address(0));
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.KeyInvalid.selector, stranger));
        registry.removeWorker(stranger);
        registry.addWorker(stranger);
        vm.assertEq(registry.providerOf(stranger), account);
    }

    function test_no_key_has_two_duties() public {
        refusesWorker(IProviderRegistry.KeyInvalid.selector, address(0));
        refusesWorker(IProviderRegistry.KeyInvalid.selector, account);
        refusesWorker(IProviderRegistry.KeyInvalid.selector, payout(0));
        refusesWorker(IProviderRegistry.KeyInUse.selector, key);
    }

    function test_nobody_removes_the_worker_of_another() public {
        vm.stopPrank();
        enrol(1);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.KeyInvalid.selector, key));
        vm.prank(provider(1));
        registry.removeWorker(key);
    }

    function test_a_worker_moves_to_another_provider_when_its_last_word_has_been_heard() public {
        registry.removeWorker(key);
        vm.stopPrank();
        enrol(1);
        vm.startPrank(provider(1));
        vm.warp(START + 31 days);
        refusesWorker(IProviderRegistry.KeyInUse.selector, key);
        vm.warp(START + 31 days + 1);
        registry.addWorker(key);
        vm.assertEq(registry.providerOf(key), provider(1));
        vm.assertFalse(registry.answersFor(account, key, START));
        vm.assertTrue(registry.answersFor(provider(1), key, START));
    }

    function test_who_speaks_for_a_provider() public {
        vm.assertTrue(registry.speaksFor(account, account));
        vm.assertTrue(registry.speaksFor(account, key));
        vm.assertFalse(registry.speaksFor(account, payout(0)));
        vm.assertFalse(registry.speaksFor(account, address(0)));
        vm.assertFalse(registry.speaksFor(address(0), stranger));
        vm.assertFalse(registry.speaksFor(address(0), address(0)));
        registry.removeWorker(key);
        vm.assertFalse(registry.speaksFor(account, key));
    }

    function test_who_a_provider_answers_for() public {
        vm.assertTrue(registry.answersFor(account, account, START));
        vm.assertTrue(registry.answersFor(account, key, START));
        vm.assertFalse(registry.answersFor(account, stranger, START));
        vm.assertFalse(registry.answersFor(address(0), stranger, START));
        vm.warp(START + 10);
        registry.removeWorker(key);
        vm.assertTrue(registry.answersFor(account, key, START + 10));
        vm.assertFalse(registry.answersFor(account, key, START + 11));
    }

    function test_as_many_workers_as_a_site_has() public {
        for (uint256 i = 1; i < 64; ++i) registry.addWorker(vm.addr(0x9000 + i));
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.WorkersFull.selector, 64));
        registry.addWorker(stranger);
        registry.removeWorker(key);
        registry.addWorker(stranger);
    }

    function test_only_who_is_registered() public {
        vm.stopPrank();
        bytes memory unknown = abi.encodeWithSelector(IProviderRegistry.NotRegistered.selector, address(this));
        vm.expectRevert(unknown);
        registry.setPayout(stranger);
        vm.expectRevert(unknown);
        registry.addWorker(stranger);
        vm.expectRevert(unknown);
        registry.stake(1);
        vm.expectRevert(unknown);
        registry.requestUnstake(1);
        vm.expectRevert(unknown);
        registry.unstake();
    }

    function test_stake_leaves_after_its_cool_down() public {
        vm.expectEmit();
        emit IProviderRegistry.UnstakeRequested(account, 30 ether, START + 31 days);
        registry.requestUnstake(30 ether);
        vm.assertEq(registry.unbondingOf(account).amount, 30 ether);
        vm.assertEq(registry.unbondingOf(account).readyAt, START + 31 days);
        vm.warp(START + 31 days - 1);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.CoolingDown.selector, START + 31 days));
        registry.unstake();
        vm.warp(START + 31 days);
        vm.expectEmit();
        emit IProviderRegistry.Unstaked(account, 30 ether);
        registry.unstake();
        vm.assertEq(token.balanceOf(account), 30 ether);
        vm.assertEq(registry.stakeOf(account).staked, STAKE - 30 ether);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.AmountZero.selector));
        registry.unstake();
    }

    function test_a_new_request_replaces_the_earlier_one_and_nothing_withdraws_it() public {
        registry.requestUnstake(30 ether);
        vm.warp(START + 1 days);
        registry.requestUnstake(20 ether);
        vm.assertEq(registry.unbondingOf(account).readyAt, START + 32 days);
        registry.requestUnstake(0);
        vm.assertEq(registry.unbondingOf(account).readyAt, 0);
        vm.assertEq(registry.freeStakeOf(account), STAKE);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.StakeTooLow.selector, STAKE, STAKE + 1));
        registry.requestUnstake(STAKE + 1);
    }

    function test_a_lock_stays_and_the_rest_leaves() public {
        registry.requestUnstake(STAKE - 10 ether);
        vm.stopPrank();
        registry.lock(account, 10 ether);
        registry.slash(account, 4 ether);
        vm.assertEq(registry.freeStakeOf(account), 0);
        vm.warp(START + 31 days);
        vm.prank(account);
        registry.requestUnstake(STAKE - 4 ether);
        vm.warp(START + 62 days);
        vm.prank(account);
        registry.unstake();
        vm.assertEq(registry.stakeOf(account).staked, 6 ether);
        vm.assertEq(registry.stakeOf(account).locked, 6 ether);
    }

    function test_a_request_waits_while_everything_is_locked() public {
        registry.requestUnstake(0);
        vm.stopPrank();
        registry.lock(account, STAKE);
        vm.startPrank(account);
        registry.requestUnstake(STAKE);
        vm.warp(START + 31 days);
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.StakeTooLow.selector, 0, STAKE));
        registry.unstake();
        vm.stopPrank();
        registry.unlock(account, STAKE);
        vm.prank(account);
        registry.unstake();
        vm.assertEq(token.balanceOf(account), STAKE);
    }

    function test_what_leaves_cannot_be_locked() public {
        registry.requestUnstake(STAKE - 10 ether);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.StakeTooLow.selector, 10 ether, 10 ether + 1));
        registry.lock(account, 10 ether + 1);
        registry.lock(account, 10 ether);
        vm.assertEq(registry.freeStakeOf(account), 0);
    }

    function test_a_slash_burns_stake_and_lock() public {
        vm.stopPrank();
        uint256 supply = token.totalSupply();
        registry.lock(account, 30 ether);
        vm.expectEmit();
        emit IProviderRegistry.StakeSlashed(account, 10 ether);
        registry.slash(account, 10 ether);
        vm.assertEq(registry.stakeOf(account).staked, STAKE - 10 ether);
        vm.assertEq(registry.stakeOf(account).locked, 20 ether);
        vm.assertEq(token.totalSupply(), supply - 10 ether);
        registry.unlock(account, 20 ether);
        vm.assertEq(registry.freeStakeOf(account), STAKE - 10 ether);
    }

    function test_only_the_market_locks() public {
        bytes memory only = abi.encodeWithSelector(IProviderRegistry.OnlyMarket.selector);
        vm.expectRevert(only);
        registry.lock(account, 1);
        vm.expectRevert(only);
        registry.unlock(account, 1);
        vm.expectRevert(only);
        registry.slash(account, 1);
    }

    function test_nothing_is_no_stake() public {
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.AmountZero.selector));
        registry.stake(0);
    }

    function test_a_permit_spares_the_approval_even_if_brought_before() public {
        vm.stopPrank();
        token.transfer(account, 5 ether);
        vm.prank(account);
        token.approve(address(registry), 0);
        bytes32 typeHash =
            keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 structHash =
            keccak256(abi.encode(typeHash, account, address(registry), 5 ether, 0, block.timestamp));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), structHash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(PROVIDERS, digest);
        token.permit(account, address(registry), 5 ether, block.timestamp, v, r, s);
        vm.prank(account);
        registry.stakeWithPermit(5 ether, block.timestamp, v, r, s);
        vm.assertEq(registry.stakeOf(account).staked, STAKE + 5 ether);
    }

    function test_fuzz_locked_never_exceeds_staked(uint96[8] memory amounts, uint8[8] memory calls) public {
        vm.stopPrank();
        for (uint256 i; i < 8; ++i) {
            uint96 locked = registry.stakeOf(account).locked;
            if (calls[i] % 4 == 0) registry.lock(account, uint96(within(amounts[i], 0, registry.freeStakeOf(account))));
            else if (calls[i] % 4 == 1) registry.unlock(account, uint96(within(amounts[i], 0, locked)));
            else if (calls[i] % 4 == 2) registry.slash(account, uint96(within(amounts[i], 0, locked)));
            else depart(uint96(within(amounts[i], 1, STAKE)));
            IProviderRegistry.Stake memory own = registry.stakeOf(account);
            vm.assertLe(own.locked, own.staked);
            vm.assertEq(token.balanceOf(address(registry)), own.staked);
        }
    }

    /// @dev Whatever of it can leave.
    function depart(uint96 amount) private {
        IProviderRegistry.Stake memory own = registry.stakeOf(account);
        if (amount > own.staked || own.staked == own.locked) return;
        vm.prank(account);
        registry.requestUnstake(amount);
        vm.warp(block.timestamp + 31 days);
        vm.prank(account);
        registry.unstake();
    }

    function refusesPayout(address to) private {
        vm.expectRevert(abi.encodeWithSelector(IProviderRegistry.KeyInvalid.selector, to));
        registry.setPayout(to);
    }

    function refusesWorker(bytes4 reason, address worker_) private {
        vm.expectRevert(abi.encodeWithSelector(reason, worker_));
        registry.addWorker(worker_);
    }
}
