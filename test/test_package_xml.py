# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""package.xml is valid, and declares the packages of ROS that the code uses."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
import re

from catkin_pkg.package import Package, parse_package
import pytest

ROOT = Path(__file__).parents[1]
# catkin_pkg uses old names of pyparsing.
pytestmark = pytest.mark.filterwarnings('ignore::DeprecationWarning')
DISTRIBUTIONS = ('humble', 'jazzy', 'kilted', 'rolling')
OF_ROS = re.compile(
    r'ament_\w+|cv_bridge|diagnostic_updater|launch|launch_ros|rclpy|std_srvs|tf2_\w+|'
    r'\w+_interfaces|\w+_msgs')
OF_MODULES = {'tf2_ros': 'tf2_ros_py'}  # where the name of the package is another one


def declared(package: Package, kind: str, distribution: str) -> set[str]:
    package.evaluate_conditions({'ROS_DISTRO': distribution})
    return {d.name for d in getattr(package, kind) if d.evaluated_condition}


def imported(*folders: str) -> set[str]:
    """Return the packages of ROS that the Python files below the folders import."""
    names = set()
    for folder in folders:
        for path in ROOT.joinpath(folder).rglob('*.py'):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom):
                    names.add(node.module.split('.')[0])
                elif isinstance(node, ast.Import):
                    names |= {alias.name.split('.')[0] for alias in node.names}
    return {OF_MODULES.get(name, name) for name in names if OF_ROS.fullmatch(name)}


def launched() -> Iterator[str]:
    """Yield the packages whose executables the launch files start."""
    for path in ROOT.glob('launch/*.py'):
        yield from re.findall(r"package='(\w+)'", path.read_text())


@pytest.fixture(scope='module')
def package() -> Package:
    warnings: list[str] = []
    package = parse_package(str(ROOT), warnings=warnings)
    assert not warnings
    return package


@pytest.mark.parametrize('distribution', DISTRIBUTIONS)
def test_what_is_used_is_declared(package: Package, distribution: str) -> None:
    needed = imported('pose_machine_ros', 'launch') | set(launched()) | {'ros2launch'}
    if distribution == 'kilted':  # it has no hri_msgs; the node does without
        needed -= {'hri_msgs'}
    assert {'rclpy', 'launch', 'rviz2', 'sensor_msgs'} < needed
    assert needed - {package.name} <= declared(package, 'exec_depends', distribution)


@pytest.mark.parametrize('distribution', DISTRIBUTIONS)
def test_what_tests_use_is_declared(package: Package, distribution: str) -> None:
    known = declared(package, 'exec_depends', distribution) | declared(
        package, 'test_depends', distribution)
    assert {'ament_copyright', 'ament_flake8', 'ament_pep257'} < imported('test')
    assert imported('test') - {package.name} <= known


def test_no_message_package_is_declared_in_vain(package: Package) -> None:
    used = imported('pose_machine_ros', 'launch', 'examples', 'test')
    everything = {d.name for d in [*package.exec_depends, *package.test_depends]}
    assert {name for name in everything if OF_ROS.fullmatch(name)} <= used


def test_both_packages_have_one_version_and_maintainer(package: Package) -> None:
    messages = parse_package(str(ROOT / 'pose_machine_msgs'))
    for name in ('version', 'licenses'):
        assert getattr(package, name) == getattr(messages, name)
    assert [m.email for m in package.maintainers] == [m.email for m in messages.maintainers]
    assert f"version='{package.version}'" in (ROOT / 'setup.py').read_text()
