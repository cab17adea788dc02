// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Allocation, Commitment, Deal, DealId, Share, Terms, Testimony, Voucher} from "../types/Deal.sol";

/// @notice Deposits, deals, vouchers, disputes. The whole is told in docs/money.md.
interface IJobMarket {
    event Deposited(address indexed account, uint96 amount);
    event Withdrawn(address indexed account, address indexed to, uint96 amount);
    event DealOpened(DealId indexed deal, address indexed requester, bytes32 indexed spec, Terms terms);
    event Allocated(DealId indexed deal, address indexed provider, uint96 allocated);
    event Redeemed(DealId indexed deal, address indexed provider, address payout, uint96 amount);
    event Relinquished(DealId indexed deal, address indexed provider, uint96 amount);
    event Committed(DealId indexed deal, address indexed provider, uint24 number, bytes32 seal);
    event Revealed(DealId indexed deal, address indexed provider, uint24 number, bytes32 root);
    event Testified(DealId indexed deal, bytes32 indexed unit, address indexed provider, bytes32 digest);
    /// @param digest The agreed one, or 0 where there was no quorum.
    event Settled(DealId indexed deal, bytes32 indexed unit, bytes32 digest);
    event Slashed(DealId indexed deal, address indexed provider, uint96 stake, uint96 forfeited);
    event Released(DealId indexed deal, address indexed provider, uint96 stake);
    event DealClosed(DealId indexed deal, address indexed requester, uint96 refund);

    error AmountZero();
    error BalanceTooLow(uint96 balance, uint96 needed);
    error TermsInvalid(string what);
    error DealExists(DealId deal);
    error DealNotOpen(DealId deal);
    error TooEarly(uint40 from);
    error TooLate(uint40 until);
    error NotAgent(address caller);
    error NotProvider(address caller);
    error SignatureInvalid(address signer);
    error BudgetExceeded(uint96 left, uint96 needed);
    error ProviderUnknown(address provider);
    error ShareUnknown(DealId deal, address provider);
    error ShareSlashed(DealId deal, address provider);
    error NumberInvalid(uint24 number);
    error NumberUsed(uint24 number);
    error BundleUnknown(uint24 number);
    error BundleRevealed(uint24 number);
    error SealWrong();
    error ProofWrong();
    error VotesFull(bytes32 unit);
    error TestimonyRepeated(bytes32 unit, address provider);
    error CaseUnknown(bytes32 unit);
    error CaseSettled(bytes32 unit);
    error ConditionUnmet(DealId deal, address provider);
    error NothingToDo();
    error CountsDiffer(uint256 vouchers, uint256 signatures);

    function deposit(uint96 amount) external;
    function depositFor(address account, uint96 amount) external;
    function depositWithPermit(uint96 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;
    function withdraw(address to, uint96 amount) external;

    function open(Terms calldata terms, bytes calldata signature) external returns (DealId);
    function allocate(Terms calldata terms, Allocation[] calldata allocations) external;
    function redeem(Terms calldata terms, Voucher calldata voucher, bytes calldata signature) external;
    function redeemMany(Terms calldata terms, Voucher[] calldata vouchers, bytes[] calldata signatures) external;
    function relinquish(Terms calldata terms, address provider) external;
    function commit(Terms calldata terms, Commitment calldata commitment, bytes calldata signature) external;
    function reveal(Terms calldata terms, address provider, uint24 number, bytes32 root, bytes32 salt) external;
    function testify(Terms calldata terms, Testimony calldata testimony) external;
    function settle(Terms calldata terms, bytes32 unit) external;
    function expire(Terms calldata terms, address provider) external;
    function release(Terms calldata terms, address provider) external;
    function close(Terms calldata terms) external;

    function balanceOf(address account) external view returns (uint96);
    function dealIdOf(Terms calldata terms) external view returns (DealId);
    function dealOf(DealId deal) external view returns (Deal memory);
    function shareOf(DealId deal, address provider) external view returns (Share memory);
    /// @return seal The seal of a commitment, or its root once revealed; 0 if there is none.
    function bundleOf(DealId deal, address provider, uint24 number) external view returns (bytes32 seal);
    function caseOf(DealId deal, bytes32 unit)
        external
        view
        returns (address[] memory providers, bytes32[] memory digests, bool settled);
}
