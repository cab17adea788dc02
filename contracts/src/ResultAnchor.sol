// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {IResultAnchor} from "./interfaces/IResultAnchor.sol";

/// @title What batches ended in, for ever
/// @notice Anybody publishes under its own address, each subject once: a result cannot be exchanged for another one later.
contract ResultAnchor is IResultAnchor {
    mapping(address publisher => mapping(bytes32 subject => bytes32)) public rootOf;

    function anchor(bytes32 subject, bytes32 root) external {
        if (root == 0) revert RootInvalid();
        if (rootOf[msg.sender][subject] != 0) revert AlreadyAnchored(msg.sender, subject);
        rootOf[msg.sender][subject] = root;
        emit Anchored(msg.sender, subject, root);
    }

    function verify(address publisher, bytes32 subject, bytes32 leaf, bytes32[] calldata proof)
        external
        view
        returns (bool)
    {
        bytes32 root = rootOf[publisher][subject];
        return root != 0 && MerkleProof.verifyCalldata(proof, root, leaf);
    }
}
