// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Test} from "./Vm.sol";
import {AppRegistry} from "../src/AppRegistry.sol";
import {IAppRegistry} from "../src/interfaces/IAppRegistry.sol";

/// @notice Names with one owner, and versions that mean the same for ever.
contract AppRegistryTest is Test {
    address private constant OTHER = address(0xbeef);
    AppRegistry private apps;
    bytes32 private app;

    function setUp() public {
        apps = new AppRegistry();
        app = apps.publishApp("render", "media");
    }

    function test_a_name_belongs_to_who_came_first() public {
        vm.expectEmit();
        emit IAppRegistry.AppPublished(keccak256("fold"), address(this), "fold", "science");
        vm.assertEq(apps.publishApp("fold", "science"), keccak256("fold"));
        vm.assertEq(apps.ownerOf(app), address(this));
        vm.expectRevert(abi.encodeWithSelector(IAppRegistry.NameTaken.selector, app));
        vm.prank(OTHER);
        apps.publishApp("render", "media");
    }

    function test_a_version_never_changes() public {
        vm.expectEmit();
        emit IAppRegistry.VersionPublished(app, "1.0.0", "bafyone");
        apps.publishVersion(app, "1.0.0", "bafyone");
        vm.expectRevert(abi.encodeWithSelector(IAppRegistry.VersionExists.selector, app, "1.0.0"));
        apps.publishVersion(app, "1.0.0", "bafytwo");
        same(apps.manifestOf(app, "1.0.0"), "bafyone");
        same(apps.manifestOf(app, "2.0.0"), "");
    }

    function test_the_category_may_change() public {
        vm.expectEmit();
        emit IAppRegistry.CategoryChanged(app, "science");
        apps.setCategory(app, "science");
        same(apps.categoryOf(app), "science");
    }

    function test_only_the_owner_publishes() public {
        vm.startPrank(OTHER);
        bytes memory refusal = abi.encodeWithSelector(IAppRegistry.NotOwner.selector, OTHER);
        vm.expectRevert(refusal);
        apps.publishVersion(app, "1.0.0", "bafyone");
        vm.expectRevert(refusal);
        apps.setCategory(app, "science");
        vm.expectRevert(refusal);
        apps.offerOwnership(app, OTHER);
        vm.expectRevert(refusal);
        apps.takeOwnership(app);
    }

    function test_an_unknown_app_has_no_versions() public {
        vm.expectRevert(abi.encodeWithSelector(IAppRegistry.AppUnknown.selector, bytes32("none")));
        apps.publishVersion("none", "1.0.0", "bafyone");
        vm.expectRevert(abi.encodeWithSelector(IAppRegistry.NotOwner.selector, address(this)));
        apps.takeOwnership("none");
    }

    function test_is_handed_over_to_who_takes_it() public {
        vm.expectEmit();
        emit IAppRegistry.OwnershipOffered(app, OTHER);
        apps.offerOwnership(app, OTHER);
        vm.assertEq(apps.ownerOf(app), address(this));
        vm.expectEmit();
        emit IAppRegistry.OwnershipTaken(app, OTHER);
        vm.prank(OTHER);
        apps.takeOwnership(app);
        vm.assertEq(apps.ownerOf(app), OTHER);
        vm.expectRevert(abi.encodeWithSelector(IAppRegistry.NotOwner.selector, address(this)));
        apps.publishVersion(app, "1.0.0", "bafyone");
    }

    function test_an_offer_can_be_taken_back_and_counts_once() public {
        apps.offerOwnership(app, OTHER);
        apps.offerOwnership(app, address(0));
        vm.expectRevert(abi.encodeWithSelector(IAppRegistry.NotOwner.selector, OTHER));
        vm.prank(OTHER);
        apps.takeOwnership(app);
        apps.offerOwnership(app, OTHER);
        vm.startPrank(OTHER);
        apps.takeOwnership(app);
        vm.expectRevert(abi.encodeWithSelector(IAppRegistry.NotOwner.selector, OTHER));
        apps.takeOwnership(app);
    }

    function testFuzz_texts_are_bounded(uint8 length) public {
        string memory text = string(new bytes(length));
        expectBounded(length, 40, "name");
        apps.publishApp(text, "media");
        expectBounded(length, 64, "category");
        apps.setCategory(app, text);
        expectBounded(length, 64, "version");
        apps.publishVersion(app, text, "bafyone");
        expectBounded(length, 128, "manifest");
        apps.publishVersion(app, "bounded", text);
    }

    function expectBounded(uint256 length, uint256 max, string memory what) private {
        if (length > 0 && length <= max) return;
        vm.expectRevert(abi.encodeWithSelector(IAppRegistry.TextInvalid.selector, what));
    }

    function same(string memory one, string memory other) private pure {
        vm.assertEq(keccak256(bytes(one)), keccak256(bytes(other)));
    }
}
