// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Published apps. Told in docs/money.md.
interface IAppRegistry {
    event AppPublished(bytes32 indexed app, address indexed owner, string name, string category);
    event VersionPublished(bytes32 indexed app, string version, string manifest);
    event CategoryChanged(bytes32 indexed app, string category);
    event OwnershipOffered(bytes32 indexed app, address indexed to);
    event OwnershipTaken(bytes32 indexed app, address indexed owner);

    error TextInvalid(string what);
    error NameTaken(bytes32 app);
    error AppUnknown(bytes32 app);
    error NotOwner(address caller);
    error VersionExists(bytes32 app, string version);

    /// @return app The hash of the name, which nobody else can take any more.
    function publishApp(string calldata name, string calldata category) external returns (bytes32 app);
    /// @param manifest The CID of the signed manifest. A version never changes.
    function publishVersion(bytes32 app, string calldata version, string calldata manifest) external;
    function setCategory(bytes32 app, string calldata category) external;
    /// @notice In two steps: an app cannot be lost to an address that nobody holds.
    function offerOwnership(bytes32 app, address to) external;
    function takeOwnership(bytes32 app) external;

    function ownerOf(bytes32 app) external view returns (address);
    function categoryOf(bytes32 app) external view returns (string memory);
    /// @return The CID, or an empty text.
    function manifestOf(bytes32 app, string calldata version) external view returns (string memory);
}
