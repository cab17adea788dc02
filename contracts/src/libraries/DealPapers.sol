// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Commitment, DealId, Terms, Testimony, Voucher} from "../types/Deal.sol";

/// @notice The hashes of what is signed (EIP-712) and sealed. The types are told in docs/money.md.
library DealPapers {
    bytes32 private constant TERMS = keccak256(
        "Terms(address requester,address agent,bytes32 spec,uint96 budget,uint96 stakeLock,uint8 minQuorum,uint40 workUntil,uint40 revealUntil,uint40 disputeUntil,uint40 redeemUntil,bytes32 salt)"
    );
    bytes32 private constant ACCEPTANCE = keccak256("Acceptance(bytes32 deal,address provider,uint96 lock)");
    bytes32 private constant VOUCHER = keccak256("Voucher(bytes32 deal,address provider,uint96 amount,uint24 bundles)");
    bytes32 private constant COMMITMENT =
        keccak256("Commitment(bytes32 deal,address provider,uint24 number,bytes32 seal)");

    /// @dev A struct of static members is encoded as its members in order.
    function hash(Terms calldata terms) internal pure returns (bytes32) {
        return keccak256(abi.encode(TERMS, terms));
    }

    function hash(Voucher calldata voucher) internal pure returns (bytes32) {
        return keccak256(abi.encode(VOUCHER, voucher));
    }

    function hash(Commitment calldata commitment) internal pure returns (bytes32) {
        return keccak256(abi.encode(COMMITMENT, commitment));
    }

    function acceptanceHash(DealId deal, address provider, uint96 lock) internal pure returns (bytes32) {
        return keccak256(abi.encode(ACCEPTANCE, deal, provider, lock));
    }

    /// @dev Bound to the provider, so that a copied seal cannot be opened by anybody else.
    function seal(DealId deal, address provider, uint24 number, bytes32 root, bytes32 salt)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(deal, provider, number, root, salt));
    }

    /// @dev Hashed twice: an inner node, two words as well, cannot be passed off as a leaf.
    function leaf(Testimony calldata testimony) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(testimony.unit, testimony.digest))));
    }
}
