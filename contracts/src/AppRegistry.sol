// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAppRegistry} from "./interfaces/IAppRegistry.sol";

/// @title Published apps: who owns a name, and what each of its versions is
/// @notice Versions are for ever: what a provider has once looked at means the same tomorrow.
contract AppRegistry is IAppRegistry {
    uint256 public constant NAME_MAX = 40;
    uint256 public constant CATEGORY_MAX = 64;
    uint256 public constant VERSION_MAX = 64;
    uint256 public constant MANIFEST_MAX = 128;

    struct App {
        address owner;
        address offeredTo;
        string category;
        mapping(string version => string) manifests;
    }

    mapping(bytes32 app => App) private _apps;

    modifier onlyOwner(bytes32 app) {
        _requireOwner(app);
        _;
    }

    function publishApp(string calldata name, string calldata category) external returns (bytes32 app) {
        _requireText(name, NAME_MAX, "name");
        _requireText(category, CATEGORY_MAX, "category");
        app = keccak256(bytes(name));
        if (_apps[app].owner != address(0)) revert NameTaken(app);
        _apps[app].owner = msg.sender;
        _apps[app].category = category;
        emit AppPublished(app, msg.sender, name, category);
    }

    function publishVersion(bytes32 app, string calldata version, string calldata manifest) external onlyOwner(app) {
        _requireText(version, VERSION_MAX, "version");
        _requireText(manifest, MANIFEST_MAX, "manifest");
        if (bytes(_apps[app].manifests[version]).length != 0) revert VersionExists(app, version);
        _apps[app].manifests[version] = manifest;
        emit VersionPublished(app, version, manifest);
    }

    function setCategory(bytes32 app, string calldata category) external onlyOwner(app) {
        _requireText(category, CATEGORY_MAX, "category");
        _apps[app].category = category;
        emit CategoryChanged(app, category);
    }

    function offerOwnership(bytes32 app, address to) external onlyOwner(app) {
        _apps[app].offeredTo = to;
        emit OwnershipOffered(app, to);
    }

    function takeOwnership(bytes32 app) external {
        if (_apps[app].offeredTo != msg.sender) revert NotOwner(msg.sender);
        _apps[app].owner = msg.sender;
        delete _apps[app].offeredTo;
        emit OwnershipTaken(app, msg.sender);
    }

    function ownerOf(bytes32 app) external view returns (address) {
        return _apps[app].owner;
    }

    function categoryOf(bytes32 app) external view returns (string memory) {
        return _apps[app].category;
    }

    function manifestOf(bytes32 app, string calldata version) external view returns (string memory) {
        return _apps[app].manifests[version];
    }

    function _requireOwner(bytes32 app) private view {
        address owner = _apps[app].owner;
        if (owner == address(0)) revert AppUnknown(app);
        if (owner != msg.sender) revert NotOwner(msg.sender);
    }

    function _requireText(string calldata text, uint256 max, string memory what) private pure {
        uint256 length = bytes(text).length;
        if (length == 0 || length > max) revert TextInvalid(what);
    }
}
