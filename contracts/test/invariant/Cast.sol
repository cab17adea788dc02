// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Wallet} from "../Wallet.sol";
import {World} from "../World.sol";
import {JobMarket} from "../../src/JobMarket.sol";
import {Allocation, Deal, DealId, DealState, Share, ShareState, Terms, Voucher} from "../../src/types/Deal.sol";

/// @notice Who plays, and what is remembered of the play beside the contracts: their state is held to it.
/// @dev Providers 0 to 2 tell the truth, 4 lies, 3 says now this and now that. A requester and an agent are contracts
/// in some deals. Whoever sends a call without being named is a relayer. What a step must never do is written into
/// `broken`, since a step that reverts is undone.
abstract contract Cast is World {
    uint256 internal constant CROWD = 5;
    uint256 internal constant HONEST = 3;
    uint256 internal constant UNITS = 3;
    uint256 internal constant DEALS_MAX = 6;
    bytes32 internal constant TRUTH = "truth";
    bytes32 internal constant LIE = "lie";
    bytes32 internal constant TALE = "tale";

    /// @dev A bundle of one unit. A copy is another one's seal, which its provider cannot open.
    struct Word {
        uint256 place;
        uint256 who;
        uint24 number;
        bytes32 unit;
        bytes32 digest;
        bool isCopy;
    }

    Wallet internal immutable wallet = new Wallet();
    JobMarket internal immutable twin;
    /// @dev Time set in one step is forgotten in the next.
    uint256 public clock = START;
    string public broken;
    /// @dev Which deal was chosen.
    uint256 internal here;
    uint256 internal minted;
    /// @dev What somebody has from outside, and what a contract was sent unasked.
    mapping(address account => uint256) internal brought;
    mapping(address contract_ => uint256) internal donated;
    /// @notice How often a step was taken, or came to something that not every one of its kind comes to.
    mapping(bytes32 what => uint256) public reached;
    Terms[] internal played;
    DealId[] internal ids;
    Word[] internal words;
    address[] internal accounts;
    address[CROWD] internal crowd;
    mapping(DealId deal => mapping(address provider => bool)) internal deserved;
    mapping(DealId deal => mapping(address provider => uint96)) internal vouched;
    mapping(DealId deal => mapping(address provider => Share)) private _shares;
    mapping(DealId deal => Deal) private _deals;
    mapping(address provider => uint256) internal scores;

    /// @dev Each step begins at the clock with a deal chosen, and ends with a look at everything that changed.
    modifier step(uint256 place) {
        vm.warp(clock);
        choose(place % played.length);
        _;
        ++reached[msg.sig];
        watch();
    }

    constructor() {
        setUp();
        twin = new JobMarket(token, registry, reputation, guardian);
        accounts.push(requester);
        accounts.push(address(wallet));
        for (uint256 i; i < CROWD; ++i) {
            enrol(i);
            crowd[i] = provider(i);
            brought[crowd[i]] = STAKE;
            accounts.push(payout(i));
            accounts.push(payout(i + CROWD));
        }
        fund(requester, 3 * BUDGET);
        fund(address(wallet), 3 * BUDGET);
        begin(requester, agent, LOCK, 2, 1 days);
        begin(address(wallet), agent, LOCK, 3, 1 days);
        begin(requester, address(wallet), 0, 2, 1 days);
        for (uint256 place; place < 3; ++place) {
            choose(place);
            Allocation[] memory list = new Allocation[](CROWD);
            for (uint256 i; i < CROWD; ++i) list[i] = allocation(i, 20 ether);
            vm.prank(terms.agent);
            market.allocate(terms, list);
        }
    }

    function fund(address account, uint96 amount) internal {
        market.depositFor(account, amount);
        brought[account] += amount;
    }

    function begin(address payer, address broker, uint96 lock, uint8 quorum, uint40 phase) internal {
        uint40 start = uint40(clock);
        terms.requester = payer;
        terms.agent = broker;
        terms.stakeLock = lock;
        terms.minQuorum = quorum;
        terms.salt = bytes32(played.length);
        (terms.workUntil, terms.revealUntil) = (start + phase, start + 2 * phase);
        (terms.disputeUntil, terms.redeemUntil) = (start + 3 * phase, start + 4 * phase);
        id = market.dealIdOf(terms);
        market.open(terms, wordOf(payer, REQUESTER, DealId.unwrap(id)));
        played.push(terms);
        ids.push(id);
    }

    function choose(uint256 place) internal {
        here = place;
        terms = played[place];
        id = ids[place];
    }

    function unitOf(uint256 which) internal pure returns (bytes32) {
        return bytes32(which % UNITS + 1);
    }

    /// @dev Its signature, or its approval if it is the contract.
    function wordOf(address account, uint256 key, bytes32 digest) internal returns (bytes memory) {
        if (account != address(wallet)) return signature(key, digest);
        wallet.approve(digest);
        return "";
    }

    function vouch(Voucher memory voucher) internal returns (bytes memory) {
        bytes32 typeHash = keccak256("Voucher(bytes32 deal,address provider,uint96 amount,uint24 bundles)");
        return wordOf(terms.agent, AGENT, typed(keccak256(abi.encode(typeHash, voucher))));
    }

    function blame(bool isLawful, string memory law) internal {
        if (!isLawful && bytes(broken).length == 0) broken = law;
    }

    /// @dev What nobody may do: if it is done nevertheless, a law is broken.
    function forbid(address sender, address target, bytes memory data, string memory law) internal {
        blame(!attempt(sender, target, data), law);
    }

    function attempt(address sender, address target, bytes memory data) internal returns (bool done) {
        vm.prank(sender);
        (done,) = target.call(data);
    }

    /// @dev Of each step: laws 5, 6, 9 and 11.
    function watch() private {
        for (uint256 d; d < ids.length; ++d) {
            DealId each = ids[d];
            Deal memory now_ = market.dealOf(each);
            Deal memory past = _deals[each];
            blame(now_.state >= past.state, "5: a deal went back");
            blame(now_.state != DealState.Closed || now_.remaining + now_.promised == 0, "5: a closed deal has money");
            _deals[each] = now_;
            for (uint256 i; i < CROWD; ++i) watchShare(each, crowd[i]);
        }
        for (uint256 i; i < CROWD; ++i) {
            uint256 score = reputation.scoreOf(crowd[i]);
            blame(score <= scores[crowd[i]], "11: reputation without a verdict");
            scores[crowd[i]] = score;
        }
    }

    function watchShare(DealId deal_, address who) private {
        Share memory now_ = market.shareOf(deal_, who);
        Share memory past = _shares[deal_][who];
        bool isEnd = now_.state == ShareState.Slashed || now_.state == ShareState.Released;
        blame(now_.state != ShareState.Released || past.state > ShareState.Joined, "5: released without a lock");
        bool isLive = past.state == ShareState.Joined || past.state == ShareState.Locked;
        bool isForward = past.state == ShareState.None ? !isEnd : isLive && isEnd;
        blame(now_.state == past.state || isForward, "5: a share went back");
        blame(now_.paid >= past.paid && now_.paid <= now_.allocated, "6: pay fell, or exceeds the allocation");
        blame(now_.paid <= vouched[deal_][who], "6: more was paid than signed");
        blame(past.state != ShareState.Slashed || now_.paid == past.paid, "6: a slashed provider was paid");
        blame(now_.allocated >= past.allocated || now_.allocated == now_.paid, "6: an allocation shrank");
        blame(now_.committed >= past.committed && now_.revealed >= past.revealed, "9: a commitment went away");
        blame(now_.revealed <= now_.committed, "9: more revealed than committed");
        bool isSlashed = now_.state == ShareState.Slashed;
        blame(isSlashed == deserved[deal_][who], "9: slashed without a cause, or not with one");
        _shares[deal_][who] = now_;
    }
}
