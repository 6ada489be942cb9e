# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Imports point downwards, ROS is imported in `ros/` alone, and tests mirror the package."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / 'pose_machine_ros'
TESTS = ROOT / 'test'
# From the bottom up; a module may import modules of its own layer and of those above it here.
LAYERS = (
    ('errors', 'install_prefixes', 'settings', 'spelling', 'stamp_order', 'timing', 'torch_calls'),
    ('camera', 'cuda_graphs', 'devices', 'pose', 'skeleton', 'weights'),
    ('body_frame', 'depth', 'io', 'orientations', 'root_covariance'),
    ('keypoints2d',),
    ('tracking',),
    ('correction',),
    ('lifting',),
    ('fusion',),
    ('config', 'networks'),
    ('keypoint_sequence', 'machine'),
    ('rig_calibration',),
    ('synthesis',),
    ('training',),
    ('evaluation',),
    ('rendering',),
    ('ros',),
    ('processes',),
    ('benchmark', 'demo', 'soak'),
    ('commands',),
    ('cli',),
)
HEIGHT = {room: i for i, layer in enumerate(LAYERS) for room in layer}
# Modules below `ros` that import nothing of ROS, so that launch files and processes may use them.
FREE_OF_ROS = (
    'ros.runtime.distributions', 'ros.runtime.launch_arguments', 'ros.runtime.transport')
ROS_PACKAGES = ('rclpy', 'cv_bridge', 'rcl_interfaces', 'launch', 'launch_ros', 'tf2_ros',
                'diagnostic_updater')


def modules() -> dict[str, Path]:
    """Return every module, by its dotted name below the package."""
    found = {}
    for path in sorted(PACKAGE.rglob('*.py')):
        parts = path.relative_to(PACKAGE).with_suffix('').parts
        name = '.'.join(parts[:-1] if parts[-1] == '__init__' else parts)
        if name:
            found[name] = path
    return found


MODULES = modules()


def imports(path: Path) -> Iterator[str]:
    """Yield the full name of everything that a file imports, also within functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f'{path} has a relative import'
            yield from (f'{node.module}.{alias.name}' for alias in node.names)


def own(name: str) -> str | None:
    """Return the module of this package that the imported `name` is, or is in."""
    parts = name.split('.')
    if parts[0] != PACKAGE.name:
        return None
    inner = '.'.join(parts[1:])
    return inner if inner in MODULES else '.'.join(parts[1:-1])


def room(module: str) -> str:
    return module.partition('.')[0]


def test_every_room_has_a_layer() -> None:
    assert {room(m) for m in MODULES} == set(HEIGHT)


@pytest.mark.parametrize('module', MODULES)
def test_imports_point_downwards(module: str) -> None:
    upwards = [name for name in map(own, imports(MODULES[module]))
               if name and HEIGHT[room(name)] > HEIGHT[room(module)]]
    assert not upwards


@pytest.mark.parametrize('module', [m for m in MODULES if room(m) != 'ros' or m in FREE_OF_ROS])
def test_ros_is_imported_in_its_room_alone(module: str) -> None:
    found = [name for name in imports(MODULES[module]) if name.split('.')[0] in ROS_PACKAGES
             or name.split('.')[0].endswith('_msgs')]
    if module == 'ros.runtime.distributions':  # for its type hints
        found = [name for name in found if name != 'rclpy.qos.QoSProfile']
    assert not found


ABOUT_SEVERAL_MODULES = ('rendering.test_drawing',)
OF_THE_WHOLE = ('ros.faults', 'system')  # rooms of tests without a counterpart in the package


def test_the_tests_of_a_module_are_in_its_room_and_have_its_name() -> None:
    found = ['.'.join(p.relative_to(TESTS).with_suffix('').parts)
             for p in TESTS.glob('*/**/test_*.py')]
    names = [n for n in found if n not in ABOUT_SEVERAL_MODULES and not n.startswith(OF_THE_WHOLE)]
    assert len(names) > 60
    tested = [n.replace('.test_', '.') for n in names]
    assert [n for n in tested if not any(n == m or n.startswith(f'{m}_') for m in MODULES)] == []


def test_there_are_no_cycles() -> None:
    """Each room's modules can be put in an order, too."""
    open_, done = [], set()

    def visit(module: str) -> None:
        assert module not in open_, f'cycle: {open_[open_.index(module):]}'
        if module in done:
            return
        open_.append(module)
        for name in imports(MODULES[module]):
            target = own(name)
            # The package of a module is imported before it, which is not a cycle.
            if target and target != module and not module.startswith(f'{target}.'):
                visit(target)
        done.add(open_.pop())

    for module in MODULES:
        visit(module)
