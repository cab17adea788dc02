// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Deeds} from "./Deeds.sol";
import {Allocation, Commitment, Testimony, Voucher} from "../../src/types/Deal.sol";

/// @notice What nobody may do, tried in whatever state the play has reached.
abstract contract Crooks is Deeds {
    /// @dev Law 4: papers of one deal, provider, contract or chain, brought to another.
    function replay(uint256 place, uint256 other, uint256 who, uint96 amount) external step(place) {
        who %= CROWD;
        Voucher memory voucher = Voucher(id, crowd[who], uint96(within(amount, 1, BUDGET)), 0);
        bytes memory signed = vouch(voucher);
        bytes memory here = abi.encodeCall(market.redeem, (terms, voucher, signed));
        forbid(stranger, address(twin), here, "4: paid in another contract");
        vm.chainId(block.chainid + 1);
        forbid(stranger, address(market), here, "4: paid on another chain");
        vm.chainId(block.chainid - 1);
        bytes memory terms_ = abi.encodeCall(market.open, (terms, signedTerms()));
        forbid(stranger, address(twin), terms_, "4: opened in another contract");
        forbid(stranger, address(market), terms_, "4: opened twice");
        voucher.amount += 1;
        forgeVoucher(voucher, signed);
        voucher.amount -= 1;
        voucher.provider = crowd[(who + 1) % CROWD];
        forgeVoucher(voucher, signed);
        voucher.provider = crowd[who];
        other %= played.length;
        if (other == place % played.length) return;
        choose(other);
        forgeVoucher(voucher, signed);
        voucher.deal = id;
        forgeVoucher(voucher, signed);
    }

    /// @dev Law 8: a seal that another provider, or the same one in another bundle, has made.
    function copySeal(uint256 which, uint256 who, uint24 number) external step(0) {
        Word memory word = chooseWord(which, isOriginal);
        (who, number) = (who % CROWD, number % 8);
        require(!word.isCopy && (who != word.who || number != word.number));
        Commitment memory given = commitment(word.who, word.number, leaf(word.unit, word.digest));
        (given.provider, given.number) = (crowd[who], number);
        market.commit(terms, given, signedCommitment(WORKERS + who, given));
        words.push(Word(word.place, who, number, word.unit, word.digest, true));
    }

    /// @dev Law 8: what is not under a revealed root was not said; who has not sealed has said nothing.
    function accuse(uint256 which, uint256 who, uint24 number) external step(0) {
        Word memory word = chooseWord(which, isTellable);
        Testimony memory unsaid = testimony(word.who, word.number, word.unit, "other");
        bytes memory false_ = abi.encodeCall(market.testify, (terms, unsaid));
        forbid(stranger, address(market), false_, "8: accused of what was never said");
        Commitment memory given = commitment(who % CROWD, number % 8, leaf(word.unit, LIE));
        bytes memory signed = signedCommitment(WORKERS + (who + 1) % CROWD, given);
        bytes memory others = abi.encodeCall(market.commit, (terms, given, signed));
        forbid(stranger, address(market), others, "8: another one's key has sealed");
    }

    /// @dev Law 1: what nobody asked for disturbs nothing.
    function donate(bool toMarket, uint96 amount) external step(0) {
        address to = toMarket ? address(market) : address(registry);
        amount = uint96(within(amount, 1, 1 ether));
        donated[to] += amount;
        token.transfer(to, amount);
    }

    /// @dev Law 12: who has no say has none in any state.
    function intrude(uint256 place, uint256 who, uint256 next, uint96 amount) external step(place) {
        amount = uint96(within(amount, 1, LOCK));
        address victim = crowd[who % CROWD];
        address[4] memory crooks = [stranger, crowd[(who + 1) % CROWD], agent, guardian];
        address crook = crooks[next % 4];
        string memory law = "12: somebody without a say was heard";
        forbid(crook, address(token), abi.encodeCall(token.mint, (crook, amount)), law);
        forbid(crook, address(registry), abi.encodeCall(registry.lock, (victim, amount)), law);
        forbid(crook, address(registry), abi.encodeCall(registry.unlock, (victim, amount)), law);
        forbid(crook, address(registry), abi.encodeCall(registry.slash, (victim, amount)), law);
        forbid(crook, address(reputation), abi.encodeCall(reputation.record, (victim, next % 2 == 0)), law);
        forbid(crook, address(market), abi.encodeCall(market.relinquish, (terms, victim)), law);
        if (crook != guardian) forbid(crook, address(market), abi.encodeCall(market.stopIntake, ()), law);
        if (crook == guardian) forbid(crook, address(market), abi.encodeCall(market.withdraw, (crook, amount)), law);
        Allocation[] memory list = new Allocation[](1);
        list[0] = allocation(who % CROWD, amount);
        if (crook != terms.agent) forbid(crook, address(market), abi.encodeCall(market.allocate, (terms, list)), law);
    }

    /// @dev By nobody that the deal names: else no signature is needed.
    function forgeVoucher(Voucher memory voucher, bytes memory signed) private {
        // A contract answers for what it has approved, and that is the other voucher.
        bytes memory data = abi.encodeCall(market.redeem, (terms, voucher, signed));
        forbid(stranger, address(market), data, "4: a voucher was worth something elsewhere");
    }
}
