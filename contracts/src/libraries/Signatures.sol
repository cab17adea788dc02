// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title Whose word it is
/// @dev A key's own signature, or what a contract says is its (ERC-1271). A contract is asked by a static call:
/// it can say no, but it cannot act.
library Signatures {
    /// @return The key that signed; 0, which is nobody's, where there is none.
    function signerOf(bytes32 digest, bytes calldata signature) internal pure returns (address) {
        (address signer,,) = ECDSA.tryRecoverCalldata(digest, signature);
        return signer;
    }

    function isBy(address account, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        return signerOf(digest, signature) == account || _isByContract(account, digest, signature);
    }

    /// @dev One recovery for both.
    function isByEither(address one, address other, bytes32 digest, bytes calldata signature)
        internal
        view
        returns (bool)
    {
        address signer = signerOf(digest, signature);
        return signer == one || signer == other || _isByContract(one, digest, signature)
            || _isByContract(other, digest, signature);
    }

    function _isByContract(address account, bytes32 digest, bytes calldata signature) private view returns (bool) {
        return account.code.length > 0
            && SignatureChecker.isValidERC1271SignatureNowCalldata(account, digest, signature);
    }
}
