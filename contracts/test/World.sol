// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Test} from "./Vm.sol";
import {GridToken} from "../src/GridToken.sol";
import {JobMarket} from "../src/JobMarket.sol";
import {ProviderRegistry} from "../src/ProviderRegistry.sol";
import {Reputation} from "../src/Reputation.sol";
import {IJobMarket} from "../src/interfaces/IJobMarket.sol";
import {IProviderRegistry} from "../src/interfaces/IProviderRegistry.sol";
import {IReputation} from "../src/interfaces/IReputation.sol";
import {Allocation, Commitment, Deal, DealId, Share, Terms, Testimony, Voucher} from "../src/types/Deal.sol";

/// @notice The contracts that hold money, a requester with a broker, and providers with a worker each.
/// @dev Roles are private keys: `REQUESTER`, `AGENT`, and of provider `i` `PROVIDERS + i` and `WORKERS + i`.
abstract contract World is Test {
    uint256 internal constant REQUESTER = 0xa11ce;
    uint256 internal constant AGENT = 0xb20ce5;
    uint256 internal constant PROVIDERS = 0x1000;
    uint256 internal constant WORKERS = 0x2000;
    uint96 internal constant STAKE = 100 ether;
    uint96 internal constant LOCK = 10 ether;
    uint96 internal constant BUDGET = 1_000 ether;
    uint40 internal constant START = 1_800_000_000;
    bytes32 internal constant SALT = "salt";

    GridToken internal token;
    ProviderRegistry internal registry;
    JobMarket internal market;
    Reputation internal reputation;
    address internal immutable guardian = vm.addr(0x9a4d);
    address internal immutable requester = vm.addr(REQUESTER);
    address internal immutable agent = vm.addr(AGENT);
    address internal immutable stranger = vm.addr(0x57a4);

    /// The deal of most tests: open after `begin`.
    Terms internal terms;
    DealId internal id;

    function setUp() public virtual {
        vm.warp(START);
        uint64 nonce = vm.getNonce(address(this));
        token = new GridToken(address(this), address(this), 1_000_000 ether);
        address marketAt = vm.computeCreateAddress(address(this), nonce + 2);
        address reputationAt = vm.computeCreateAddress(address(this), nonce + 3);
        registry = new ProviderRegistry(token, marketAt, guardian);
        market = new JobMarket(token, registry, IReputation(reputationAt), guardian);
        reputation = new Reputation(marketAt);
        terms = Terms({
            requester: requester,
            agent: agent,
            spec: "spec",
            budget: BUDGET,
            stakeLock: LOCK,
            minQuorum: 2,
            workUntil: START + 1 days,
            revealUntil: START + 2 days,
            disputeUntil: START + 3 days,
            redeemUntil: START + 4 days,
            salt: "one"
        });
        token.approve(address(market), type(uint256).max);
        token.approve(address(registry), type(uint256).max);
    }

    /// @dev The requester has its budget, `count` providers their stake, and the deal is open.
    function begin(uint256 count) internal {
        market.depositFor(requester, terms.budget);
        for (uint256 i; i < count; ++i) enrol(i);
        id = market.open(terms, signedTerms());
    }

    function enrol(uint256 i) internal {
        address[] memory workers = new address[](1);
        workers[0] = vm.addr(WORKERS + i);
        address account = provider(i);
        token.transfer(account, STAKE);
        vm.startPrank(account);
        token.approve(address(registry), STAKE);
        registry.register(payout(i), workers);
        registry.stake(STAKE);
        vm.stopPrank();
    }

    function provider(uint256 i) internal pure returns (address) {
        return vm.addr(PROVIDERS + i);
    }

    function worker(uint256 i) internal pure returns (address) {
        return vm.addr(WORKERS + i);
    }

    function payout(uint256 i) internal pure returns (address) {
        return vm.addr(0x3000 + i);
    }

    function allocate(uint256 i, uint96 amount) internal {
        Allocation[] memory list = one(allocation(i, amount));
        vm.prank(agent);
        market.allocate(terms, list);
    }

    function one(Allocation memory only) internal pure returns (Allocation[] memory list) {
        list = new Allocation[](1);
        list[0] = only;
    }

    function allocation(uint256 i, uint96 amount) internal view returns (Allocation memory) {
        bytes memory acceptance = terms.stakeLock == 0 ? bytes("") : acceptedBy(WORKERS + i, i);
        return Allocation(provider(i), amount, acceptance);
    }

    function redeem(uint256 i, uint96 amount, uint24 bundles) internal {
        Voucher memory voucher = Voucher(id, provider(i), amount, bundles);
        market.redeem(terms, voucher, signedVoucher(AGENT, voucher));
    }

    /// @dev Of a bundle with one unit.
    function commit(uint256 i, uint24 number, bytes32 unit, bytes32 digest) internal {
        Commitment memory given = commitment(i, number, leaf(unit, digest));
        market.commit(terms, given, signedCommitment(WORKERS + i, given));
    }

    function commitment(uint256 i, uint24 number, bytes32 root) internal view returns (Commitment memory) {
        bytes32 seal = keccak256(abi.encode(id, provider(i), number, root, SALT));
        return Commitment(id, provider(i), number, seal);
    }

    function reveal(uint256 i, uint24 number, bytes32 unit, bytes32 digest) internal {
        market.reveal(terms, provider(i), number, leaf(unit, digest), SALT);
    }

    function testify(uint256 i, uint24 number, bytes32 unit, bytes32 digest) internal {
        market.testify(terms, testimony(i, number, unit, digest));
    }

    function testimony(uint256 i, uint24 number, bytes32 unit, bytes32 digest)
        internal
        pure
        returns (Testimony memory)
    {
        return Testimony(provider(i), number, unit, digest, new bytes32[](0));
    }

    function leaf(bytes32 unit, bytes32 digest) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(unit, digest))));
    }

    function share(uint256 i) internal view returns (Share memory) {
        return market.shareOf(id, provider(i));
    }

    function deal() internal view returns (Deal memory) {
        return market.dealOf(id);
    }

    function signedTerms() internal view returns (bytes memory) {
        return signature(REQUESTER, DealId.unwrap(market.dealIdOf(terms)));
    }

    function acceptedBy(uint256 key, uint256 i) internal view returns (bytes memory) {
        bytes32 typeHash = keccak256("Acceptance(bytes32 deal,address provider,uint96 lock)");
        return signature(key, typed(keccak256(abi.encode(typeHash, id, provider(i), terms.stakeLock))));
    }

    function signedVoucher(uint256 key, Voucher memory voucher) internal view returns (bytes memory) {
        bytes32 typeHash = keccak256("Voucher(bytes32 deal,address provider,uint96 amount,uint24 bundles)");
        return signature(key, typed(keccak256(abi.encode(typeHash, voucher))));
    }

    function signedCommitment(uint256 key, Commitment memory given) internal view returns (bytes memory) {
        bytes32 typeHash = keccak256("Commitment(bytes32 deal,address provider,uint24 number,bytes32 seal)");
        return signature(key, typed(keccak256(abi.encode(typeHash, given))));
    }

    /// @dev Written out once more, by the standard: the market's own hashing is held to it.
    function typed(bytes32 structHash) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("CONUN JobMarket"),
                keccak256("1"),
                block.chainid,
                address(market)
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function signature(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }
}
