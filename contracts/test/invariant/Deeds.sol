// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Choices} from "./Choices.sol";
import {Allocation, Commitment, Share, ShareState, Voucher} from "../../src/types/Deal.sol";

/// @notice What requesters, agents, providers, relayers and the guardian do, in any order.
/// @dev What the contracts refuse reverts, and is no step; so none leaves a prank begun, which a revert does not end.
/// Numbers choose by their remainder.
abstract contract Deeds is Choices {
    /// @dev What a dispute does may take, but gives nobody anything (law 10).
    modifier enrichesNobody() {
        uint256[] memory before = wealth();
        _;
        uint256[] memory later = wealth();
        for (uint256 i; i < before.length; ++i) blame(later[i] <= before[i], "10: somebody gained by a dispute");
    }

    function wait(uint256 place, uint256 time) external step(place) {
        clock += within(time, 1, 3 hours);
        vm.warp(clock);
    }

    /// @dev To the last second of a phase, or to the first of the next one.
    function waitForPhase(uint256 place, bool isOver) external step(place) {
        uint40[4] memory ends = [terms.workUntil, terms.revealUntil, terms.disputeUntil, terms.redeemUntil];
        uint256 phase;
        while (phase < 3 && ends[phase] < clock) ++phase;
        if (ends[phase] >= clock) clock = ends[phase] + (isOver ? 1 : 0);
        vm.warp(clock);
    }

    function deposit(uint256 who, uint96 amount) external step(0) {
        fund(accounts[who % accounts.length], uint96(within(amount, 0, BUDGET)));
    }

    function withdraw(uint256 who, uint96 amount) external step(0) {
        address account = accounts[who % accounts.length];
        uint96 balance = market.balanceOf(account);
        bytes memory more = abi.encodeCall(market.withdraw, (account, balance + 1));
        forbid(account, address(market), more, "1: more was withdrawn than there was");
        vm.prank(account);
        market.withdraw(account, uint96(within(amount, 0, balance)));
    }

    function open(uint256 kind, uint96 budget) external step(0) {
        require(played.length < DEALS_MAX);
        terms.budget = uint96(within(budget, 1, BUDGET));
        address payer = kind % 2 == 0 ? requester : address(wallet);
        address broker = kind % 4 < 2 ? agent : address(wallet);
        uint96 lock = kind % 3 == 0 ? 0 : uint96(kind % 3) * 4 * LOCK;
        // From the shortest that there may be to nearly the longest.
        begin(payer, broker, lock, uint8(within(kind, 2, 4)), uint40(within(kind, 10 minutes, 7 days)));
        for (uint256 i; i < CROWD && kind % 8 > 0; ++i) {
            Allocation[] memory list = one(allocation(i, terms.budget / 8 + 1));
            // Who has no stake left does not take part.
            attempt(terms.agent, address(market), abi.encodeCall(market.allocate, (terms, list)));
        }
    }

    function allocate(uint256 which, uint256 who, uint96 amount, bool byRequester) external step(0) {
        chooseWorking(which);
        Allocation[] memory list = new Allocation[](2);
        (list[0], list[1]) = (offer(who, amount), offer(who / 7, amount / 2));
        bool isIn = share(who % CROWD).state != ShareState.None;
        uint96 free = registry.freeStakeOf(list[0].provider);
        vm.prank(byRequester ? terms.requester : terms.agent);
        market.allocate(terms, list);
        blame(isIn || free >= terms.stakeLock, "3: locked, and not free");
    }

    function redeem(uint256 which, uint24 bundles, uint96 amount) external step(0) {
        uint256 who = chooseShare(which, isOwed);
        Voucher memory voucher = promised(who, amount, bundles);
        bytes memory signed = vouch(voucher);
        requireCondition(voucher);
        vm.prank(stranger);
        market.redeem(terms, voucher, signed);
        if (bundles % 4 > 0) ++reached["paid on a condition"];
        Share memory mine = share(who);
        uint96 due = voucher.amount < mine.allocated ? voucher.amount : mine.allocated;
        blame(mine.paid == due, "6: a voucher paid something else than it says");
        bytes memory again = abi.encodeCall(market.redeem, (terms, voucher, signed));
        forbid(stranger, address(market), again, "6: a voucher paid again");
    }

    function redeemMany(uint256 place, uint96 amount, bool byAgent) external step(place) {
        Voucher[] memory vouchers = new Voucher[](CROWD);
        bytes[] memory signed = new bytes[](CROWD);
        for (uint256 i; i < CROWD; ++i) {
            vouchers[i] = promised(i, amount, 0);
            if (!byAgent) signed[i] = vouch(vouchers[i]);
        }
        vm.prank(byAgent ? terms.agent : stranger);
        market.redeemMany(terms, vouchers, signed);
    }

    function relinquish(uint256 place, uint256 who, bool byWorker) external step(place) {
        who %= CROWD;
        vm.prank(byWorker ? worker(who) : crowd[who]);
        market.relinquish(terms, crowd[who]);
    }

    function commit(uint256 which, uint24 number, uint256 unit, uint256 mood) external step(0) {
        uint256 who = chooseShare(which, isTakingPart);
        Word memory word = wordAbout(who, number, unit, mood);
        commit(who, word.number, word.unit, word.digest);
        words.push(word);
    }

    /// @dev The usual course: all work at one unit, or all but one.
    function replicate(uint256 which, uint24 number, uint256 unit, uint256 mood) external step(0) {
        chooseWorking(which);
        for (uint256 i; i < CROWD; ++i) {
            if (i == mood % 8) continue;
            Word memory word = wordAbout(i, number, unit, mood);
            Commitment memory given = commitment(i, word.number, leaf(word.unit, word.digest));
            bytes memory signed = signedCommitment(WORKERS + i, given);
            (bool done,) = address(market).call(abi.encodeCall(market.commit, (terms, given, signed)));
            if (done) words.push(word);
        }
    }

    function reveal(uint256 which) external step(0) {
        require(revealed(chooseWord(which, isSealed)));
    }

    function revealAll(uint256 place, bool hurries) external step(place) {
        if (clock <= terms.workUntil && hurries) pass(terms.workUntil);
        for (uint256 w; w < words.length; ++w) {
            if (words[w].place == place % played.length) revealed(words[w]);
        }
        for (uint256 i; i < CROWD; ++i) requireCondition(promised(i, BUDGET / 3, 1));
    }

    function tell(uint256 which) external step(0) enrichesNobody {
        require(told(chooseWord(which, isTellable)));
    }

    function tellAll(uint256 place) external step(place) enrichesNobody {
        for (uint256 w; w < words.length; ++w) {
            if (words[w].place == place % played.length) told(words[w]);
        }
    }

    function settle(uint256 which, bool hurries) external step(0) enrichesNobody {
        bytes32 unit_ = chooseCase(which);
        if (clock <= terms.disputeUntil && hurries) pass(terms.disputeUntil);
        for (uint256 i; i < CROWD; ++i) {
            requireCondition(promised(i, BUDGET / 3, 1));
            requireCondition(promised(i, BUDGET / 3, 3));
        }
        (address[] memory voters, bytes32[] memory digests,) = market.caseOf(id, unit_);
        bytes32 truth = majority(digests);
        for (uint256 i; i < CROWD; ++i) scores[crowd[i]] = reputation.scoreOf(crowd[i]);
        for (uint256 i; i < voters.length; ++i) {
            bytes memory early = abi.encodeCall(market.release, (terms, voters[i]));
            forbid(stranger, address(market), early, "3: released with an open case");
        }
        for (uint256 i; i < voters.length && truth != 0; ++i) {
            uint256 score = scores[voters[i]];
            bool wasSlashed = market.shareOf(id, voters[i]).state == ShareState.Slashed;
            if (digests[i] != truth && !wasSlashed) ++reached["slashed by a verdict"];
            if (digests[i] != truth) deserved[id][voters[i]] = true;
            if (digests[i] != truth) scores[voters[i]] = score * 2 / 3;
            else if (!wasSlashed) scores[voters[i]] = score + 1 ether;
        }
        market.settle(terms, unit_);
        for (uint256 i; i < CROWD; ++i) {
            blame(reputation.scoreOf(crowd[i]) == scores[crowd[i]] || truth == 0, "11: a verdict counts otherwise");
        }
    }

    /// @dev The whole course at once, which steps by chance would seldom take: many say something twice,
    /// and are judged.
    function dispute(uint256 which, uint24 number, uint256 unit, uint64 mood) external step(0) {
        uint256 place = find(which, played.length, isWorking);
        this.replicate(place, number, unit, mood);
        this.replicate(place, number / 2 + 1, unit, uint256(mood) + 8);
        this.revealAll(place, true);
        this.tellAll(place);
        this.settle(place * UNITS + unit % UNITS, true);
    }

    function expire(uint256 which) external step(0) enrichesNobody {
        address provider_ = crowd[chooseShare(which, isSilent)];
        Share memory mine = market.shareOf(id, provider_);
        market.expire(terms, provider_);
        blame(mine.committed > mine.revealed, "9: an opened word expired");
        deserved[id][provider_] = true;
    }

    function release(uint256 which) external step(0) {
        address provider_ = crowd[chooseShare(which, isLocked)];
        Share memory mine = market.shareOf(id, provider_);
        market.release(terms, provider_);
        blame(mine.openCases == 0 && mine.committed == mine.revealed, "3: released while it could be accused");
    }

    function close(uint256 place) external step(place) {
        uint96 before = market.balanceOf(terms.requester);
        uint96 paid;
        for (uint256 i; i < CROWD; ++i) paid += share(i).paid;
        uint96 promised_ = market.dealOf(id).promised;
        market.close(terms);
        blame(clock > terms.redeemUntil || promised_ == 0, "5: closed on somebody's promise");
        blame(market.balanceOf(terms.requester) == before + terms.budget - paid, "10: a refund is not the rest");
    }

    function stake(uint256 who, uint96 amount) external step(0) {
        address account = crowd[who % CROWD];
        amount = uint96(within(amount, 1, STAKE));
        brought[account] += amount;
        token.transfer(account, amount);
        vm.prank(account);
        token.approve(address(registry), amount);
        vm.prank(account);
        registry.stake(amount);
    }

    function requestUnstake(uint256 who, uint96 amount) external step(0) {
        address account = crowd[who % CROWD];
        amount = uint96(within(amount, 0, registry.stakeOf(account).staked));
        vm.prank(account);
        registry.requestUnstake(amount);
    }

    function unstake(uint256 who, uint8 patience) external step(0) {
        address account = crowd[find(who, CROWD, isLeaving)];
        uint40 readyAt = registry.unbondingOf(account).readyAt;
        if (patience % 8 == 1 && readyAt > clock) clock = readyAt;
        vm.warp(clock);
        vm.prank(account);
        registry.unstake();
        blame(readyAt <= clock, "3: stake left before its time");
    }

    function changeKeys(uint256 who, bool removes, bool isOther) external step(0) {
        who %= CROWD;
        address key = worker(who);
        address next = payout(isOther ? who + CROWD : who);
        vm.prank(crowd[who]);
        registry.setPayout(next);
        if ((registry.providerOf(key) == crowd[who]) != removes) return;
        vm.prank(crowd[who]);
        if (removes) registry.removeWorker(key);
        else registry.addWorker(key);
        ++reached[removes ? bytes32("a key removed") : bytes32("a key added")];
    }

    function guard(bool stops) external step(0) {
        vm.prank(guardian);
        if (stops) market.stopIntake();
        else market.openIntake();
        vm.prank(guardian);
        if (stops) registry.stopIntake();
        else registry.openIntake();
    }

    function mint(uint96 amount) external step(0) {
        token.mint(address(this), amount);
        minted += amount;
    }

    function pass(uint40 end) private {
        clock = end + 1;
        vm.warp(clock);
    }

    function wordAbout(uint256 who, uint24 number, uint256 unit, uint256 mood)
        private
        view
        returns (Word memory)
    {
        bytes32 digest = who < HONEST ? TRUTH : LIE;
        if (who == 3) digest = [TRUTH, LIE, TALE][mood % 3];
        return Word(here, who, number % 8, unitOf(unit), digest, false);
    }

    /// @dev Law 8 with it: whatever opens was sealed by the same provider.
    function revealed(Word memory word) private returns (bool done) {
        bytes32 root = leaf(word.unit, word.digest);
        bytes memory false_ = abi.encodeCall(market.reveal, (terms, crowd[word.who], word.number, "other", SALT));
        forbid(stranger, address(market), false_, "8: a seal was opened by what was not sealed");
        (done,) = address(market).call(
            abi.encodeCall(market.reveal, (terms, crowd[word.who], word.number, root, SALT))
        );
        blame(!done || !word.isCopy, "8: a seal was opened that another one had made");
    }

    function told(Word memory word) private returns (bool done) {
        address who = crowd[word.who];
        (address[] memory voters, bytes32[] memory digests,) = market.caseOf(id, word.unit);
        bool contradicts;
        for (uint256 i; i < voters.length; ++i) if (voters[i] == who) contradicts = digests[i] != word.digest;
        (done,) = address(market).call(
            abi.encodeCall(market.testify, (terms, testimony(word.who, word.number, word.unit, word.digest)))
        );
        if (!done || !contradicts) return done;
        deserved[id][who] = true;
        ++reached["slashed by its own words"];
    }

    /// @dev Now and then more than is left.
    function offer(uint256 who, uint96 amount) private view returns (Allocation memory) {
        uint256 left = deal().remaining - deal().promised;
        return allocation(who % CROWD, uint96(within(amount, 1, left + left / 4 + 1)));
    }

    /// @dev What the agent has signed is remembered: more than the greatest is never paid.
    function promised(uint256 i, uint96 amount, uint24 bundles) private returns (Voucher memory voucher) {
        voucher = Voucher(id, crowd[i], uint96(within(amount, 0, BUDGET / 3)), bundles % 4);
        if (voucher.amount > vouched[id][crowd[i]]) vouched[id][crowd[i]] = voucher.amount;
    }

    /// @dev Law 7: where the condition is not met, the same voucher must be refused.
    function requireCondition(Voucher memory voucher) private {
        Share memory mine = market.shareOf(id, voucher.provider);
        bool isMet = clock > terms.disputeUntil && mine.revealed >= voucher.bundles && mine.openCases == 0;
        if (voucher.bundles == 0 || isMet) return;
        bytes memory data = abi.encodeCall(market.redeem, (terms, voucher, vouch(voucher)));
        forbid(stranger, address(market), data, "7: a conditional voucher was paid without its condition");
    }

    /// @dev Counted once more, in another way: a digest that has a quorum and beats each other one.
    function majority(bytes32[] memory digests) private view returns (bytes32 truth) {
        bytes32[3] memory said = [TRUTH, LIE, TALE];
        uint256[3] memory count;
        for (uint256 i; i < digests.length; ++i) {
            for (uint256 k; k < 3; ++k) if (digests[i] == said[k]) ++count[k];
        }
        for (uint256 k; k < 3; ++k) {
            (uint256 one, uint256 other) = (count[(k + 1) % 3], count[(k + 2) % 3]);
            if (count[k] >= terms.minQuorum && count[k] > one && count[k] > other) truth = said[k];
        }
    }

    function wealth() private view returns (uint256[] memory all) {
        all = new uint256[](accounts.length + CROWD + 2);
        for (uint256 i; i < accounts.length; ++i) {
            all[i] = market.balanceOf(accounts[i]) + token.balanceOf(accounts[i]);
        }
        for (uint256 i; i < CROWD; ++i) {
            all[accounts.length + i] = token.balanceOf(crowd[i]) + registry.stakeOf(crowd[i]).staked;
        }
        all[accounts.length + CROWD] = market.balanceOf(stranger) + token.balanceOf(stranger);
        all[accounts.length + CROWD + 1] = market.balanceOf(agent) + token.balanceOf(agent);
    }
}
