// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {GridToken} from "./GridToken.sol";
import {IEmission} from "./interfaces/IEmission.sol";

/// @title New tokens for validated work
/// @notice Each epoch may mint a fixed fraction of what the cap leaves, shared by credit. Who gets what is a Merkle root
/// that a threshold of attesters has signed: authorities of virtual organisations, who see the work. They can misdivide
/// the emission of one epoch, and nothing else: they never touch what anybody has, nor mint more.
/// @dev What a root over-promises is not paid: first come, first served, up to the epoch's amount.
contract Emission is IEmission, EIP712 {
    uint40 public constant EPOCH = 7 days;
    /// @notice Of what the cap leaves when a root is published: about a tenth in a year.
    uint256 public constant FRACTION = 512;
    /// @notice From the end of an epoch to its root, and from its root to the last claim; then it stays unminted.
    /// @dev So at most 53 epochs are claimable at once, about a tenth of what the cap leaves: each can be paid. Without
    /// a last day for roots, years of epochs published together would promise more than there is.
    uint40 public constant CLAIM_TIME = 180 days;
    /// @notice Everybody sees new attesters coming.
    uint40 public constant NOTICE = 14 days;
    uint256 public constant ATTESTERS_MAX = 32;

    bytes32 private constant EPOCH_ROOT = keccak256("EpochRoot(uint32 epoch,bytes32 root)");
    bytes32 private constant ATTESTERS =
        keccak256("Attesters(address[] attesters,uint8 threshold,uint256 nonce)");

    struct Shares {
        bytes32 root;
        uint96 left;
        uint40 until;
    }

    struct Panel {
        address[] attesters;
        uint8 threshold;
        uint40 from;
    }

    GridToken public immutable token;
    uint40 public immutable genesis;

    /// @notice Announcements so far: one that was signed once cannot be repeated.
    uint256 public nonce;
    Panel private _panel;
    Panel private _next;
    mapping(address key => bool) public isAttester;
    mapping(uint32 epoch => Shares) private _shares;
    mapping(uint32 epoch => mapping(address account => bool)) public hasClaimed;

    constructor(GridToken token_, address[] memory attesters, uint8 threshold) EIP712("CONUN Emission", "1") {
        token = token_;
        genesis = uint40(block.timestamp);
        _requirePanel(attesters, threshold);
        _panel = Panel(attesters, threshold, genesis);
        _appoint(attesters, true);
        emit AttestersChanged(attesters, threshold);
    }

    function publishRoot(uint32 epoch, bytes32 root, bytes[] calldata signatures) external {
        uint40 end = genesis + (uint40(epoch) + 1) * EPOCH;
        if (block.timestamp < end) revert TooEarly(end);
        if (block.timestamp > end + CLAIM_TIME) revert TooLate(end + CLAIM_TIME);
        if (_shares[epoch].root != 0) revert RootExists(epoch);
        if (root == 0) revert ProofWrong();
        _requireSigned(keccak256(abi.encode(EPOCH_ROOT, epoch, root)), signatures);
        // The cap fits into 96 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        uint96 amount = uint96((token.cap() - token.totalSupply()) / FRACTION);
        _shares[epoch] = Shares(root, amount, uint40(block.timestamp) + CLAIM_TIME);
        emit RootPublished(epoch, root, amount);
    }

    function claim(uint32 epoch, address account, uint96 amount, bytes32[] calldata proof) external {
        Shares storage shares = _shares[epoch];
        if (shares.root == 0) revert RootUnknown(epoch);
        if (block.timestamp > shares.until) revert TooLate(shares.until);
        if (hasClaimed[epoch][account]) revert AlreadyClaimed(epoch, account);
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(account, amount))));
        if (!MerkleProof.verifyCalldata(proof, shares.root, leaf)) revert ProofWrong();
        if (amount > shares.left) revert EpochExhausted(shares.left, amount);
        hasClaimed[epoch][account] = true;
        shares.left -= amount;
        emit Claimed(epoch, account, amount);
        token.mint(account, amount);
    }

    function announceAttesters(address[] calldata attesters, uint8 threshold, bytes[] calldata signatures) external {
        _requirePanel(attesters, threshold);
        bytes32 list = keccak256(abi.encodePacked(attesters));
        _requireSigned(keccak256(abi.encode(ATTESTERS, list, threshold, nonce)), signatures);
        nonce += 1;
        uint40 from = uint40(block.timestamp) + NOTICE;
        _next = Panel(attesters, threshold, from);
        emit AttestersAnnounced(attesters, threshold, from);
    }

    function changeAttesters() external {
        if (_next.from == 0) revert NothingAnnounced();
        if (block.timestamp < _next.from) revert TooEarly(_next.from);
        _appoint(_panel.attesters, false);
        _panel = _next;
        delete _next;
        _appoint(_panel.attesters, true);
        emit AttestersChanged(_panel.attesters, _panel.threshold);
    }

    function epochNow() external view returns (uint32) {
        // Epochs are weeks.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint32((block.timestamp - genesis) / EPOCH);
    }

    function rootOf(uint32 epoch) external view returns (bytes32) {
        return _shares[epoch].root;
    }

    function leftOf(uint32 epoch) external view returns (uint96) {
        return _shares[epoch].left;
    }

    /// @dev In rising order of the signers, so that none counts twice.
    function _requireSigned(bytes32 structHash, bytes[] calldata signatures) private view {
        bytes32 digest = _hashTypedDataV4(structHash);
        address last = address(0);
        uint8 valid = 0;
        for (uint256 i = 0; i < signatures.length && i < ATTESTERS_MAX; i++) {
            (address signer, ECDSA.RecoverError flaw,) = ECDSA.tryRecoverCalldata(digest, signatures[i]);
            if (flaw != ECDSA.RecoverError.NoError || !isAttester[signer]) continue;
            if (signer <= last) revert SignaturesUnordered();
            last = signer;
            valid += 1;
        }
        if (valid < _panel.threshold) revert SignaturesTooFew(valid, _panel.threshold);
    }

    /// @dev Distinct, by rising order.
    function _requirePanel(address[] memory attesters, uint8 threshold) private pure {
        if (attesters.length > ATTESTERS_MAX || threshold == 0 || threshold > attesters.length) {
            revert AttestersInvalid();
        }
        address last = address(0);
        for (uint256 i = 0; i < attesters.length; i++) {
            if (attesters[i] <= last) revert AttestersInvalid();
            last = attesters[i];
        }
    }

    function _appoint(address[] memory attesters, bool appointed) private {
        for (uint256 i = 0; i < attesters.length; i++) isAttester[attesters[i]] = appointed;
    }
}
