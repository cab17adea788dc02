// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The EIP-712 digest of a deal's terms: unique for chain, contract and terms.
type DealId is bytes32;

/// @notice What a requester signs. Amounts fit into 96 bits because the token's cap does; times are seconds.
struct Terms {
    /// Whose balance pays.
    address requester;
    /// May allocate and sign vouchers.
    address agent;
    /// Digest of the batch's specification.
    bytes32 spec;
    uint96 budget;
    /// Stake that each provider locks to take part; 0 asks for none, and nothing can be slashed.
    uint96 stakeLock;
    /// Agreeing testimonies that make a verdict; at least 2.
    uint8 minQuorum;
    uint40 workUntil;
    uint40 revealUntil;
    uint40 disputeUntil;
    uint40 redeemUntil;
    /// Makes equal terms different deals.
    bytes32 salt;
}

/// @notice A maximum promised to one provider; added to what it was promised before.
struct Allocation {
    address provider;
    uint96 amount;
    /// The worker's `Acceptance`; needed for the first allocation of a deal that locks stake.
    bytes acceptance;
}

/// @notice A cumulative promise to pay, signed by the deal's agent or requester.
struct Voucher {
    DealId deal;
    address provider;
    uint96 amount;
    /// 0: paid at once. Otherwise: paid after the dispute, if so many bundles were committed and revealed.
    uint24 bundles;
}

/// @notice A worker's sealed word on one bundle of results.
struct Commitment {
    DealId deal;
    address provider;
    /// From 1, for each deal and provider; each once, in any order.
    uint24 number;
    bytes32 seal;
}

/// @notice What a provider said of a unit, proved under a revealed root.
struct Testimony {
    address provider;
    uint24 number;
    bytes32 unit;
    bytes32 digest;
    bytes32[] proof;
}

/// @notice One deal: one storage slot.
struct Deal {
    /// Budget less what was paid.
    uint96 remaining;
    /// Allocated and not yet paid; never more than `remaining`.
    uint96 promised;
    /// A key that its provider had removed before has no say; for one removed later it answers.
    uint40 openedAt;
    DealState state;
}

enum DealState {
    None,
    Open,
    Closed
}

/// @notice One provider's part in a deal: one storage slot.
struct Share {
    uint96 allocated;
    uint96 paid;
    /// Bundles: at most `BUNDLES_MAX`.
    uint16 committed;
    uint16 revealed;
    /// Cases with a testimony of this provider that are not settled: more than a chain has gas to open.
    uint24 openCases;
    ShareState state;
}

enum ShareState {
    None,
    /// Takes part without a lock: the deal asks for none.
    Joined,
    /// `Terms.stakeLock` of its stake is locked.
    Locked,
    /// The lock was given back.
    Released,
    /// The lock was burnt, and with it the claim to what was not paid.
    Slashed
}
