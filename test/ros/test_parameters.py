# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Parameters: file, declarations and settings agree, and bad values are refused with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rclpy
from rclpy.node import Node
from rclpy.parameter import Parameter
import yaml

from pose_machine_ros.errors import InputError
from pose_machine_ros.machine import MachineConfig
from pose_machine_ros.ros import parameters
from pose_machine_ros.ros.parameters import SETTINGS, NodeConfig

FILE = Path(__file__).parents[2] / 'config' / 'pose_machine.yaml'


def names_and_values(tree: dict[str, Any], prefix: str = '') -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        flat.update(names_and_values(value, f'{prefix}{key}.') if isinstance(value, dict)
                    else {prefix + key: value})
    return flat


@pytest.fixture
def node(ros: None) -> Iterator[Callable[..., Node]]:
    nodes: list[Node] = []

    def make(**overrides: object) -> Node:
        given = [Parameter(name.replace('__', '.'), value=v) for name, v in overrides.items()]
        nodes.append(rclpy.create_node('parameters_test', parameter_overrides=given))
        return nodes[-1]

    yield make
    for made in nodes:
        made.destroy_node()


def test_every_setting_is_one_parameter() -> None:
    assert sorted(s.path for s in SETTINGS) == sorted(parameters.flatten(NodeConfig()))
    assert len({s.name for s in SETTINGS}) == len(SETTINGS)


def test_the_file_holds_every_parameter_with_its_default(node: Callable[..., Node]) -> None:
    in_file = names_and_values(yaml.safe_load(FILE.read_text())['/**']['ros__parameters'])
    made = node()
    parameters.declare(made)
    declared = {s.name: made.get_parameter(s.name).value for s in SETTINGS}
    assert in_file == declared
    assert {n: type(v) for n, v in in_file.items()} == {n: type(v) for n, v in declared.items()}


def test_every_parameter_is_described(node: Callable[..., Node]) -> None:
    made = node()
    parameters.declare(made)
    for setting in SETTINGS:
        descriptor = made.describe_parameter(setting.name)
        assert len(descriptor.description) > 10, setting.name
        assert descriptor.read_only != setting.dynamic
        if isinstance(made.get_parameter(setting.name).value, float):
            assert descriptor.floating_point_range, f'{setting.name} has no range'


def test_without_overrides_the_settings_are_the_defaults(node: Callable[..., Node]) -> None:
    assert parameters.declare(node()) == NodeConfig()
    assert NodeConfig().machine == MachineConfig()


def test_overrides_reach_the_settings(node: Callable[..., Node]) -> None:
    config = parameters.declare(node(
        device='cpu', correction__mode='none', correction__window=9, max_people=2,
        image__reliability='reliable', markers__thickness=0.1))
    assert config.machine.device == 'cpu' and config.machine.lifting.correction == 'none'
    assert config.machine.lifting.geometric.window == 9
    assert config.machine.tracking.max_people == 2
    assert config.reliability == 'reliable' and config.outputs.markers.thickness == 0.1


@pytest.mark.parametrize('name, value, complaint', [
    ('correction__mode', 'magic', "'magic'.*none, learned, geometric"),
    ('image__reliability', 'often', "'often'.*best_effort, reliable"),
    ('fov_degrees', 500.0, 'fov_degrees.*5.0 and 170.0'),
    ('fov_degrees', 60, 'fov_degrees.*55.0'),
    ('person_height', 0.2, '0.2 m.*0.4 and 2.5'),
    ('correction__window', 0, 'correction.window.*1 and 100'),
    ('keypoints2d__detector_size', 500, '500.*multiple of 32'),
    ('keypoints2d__backend', 'abacus', "'abacus'.*onnxruntime"),
])
def test_a_bad_value_at_start_is_refused(
        node: Callable[..., Node], name: str, value: object, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        parameters.declare(node(**{name: value}))


def test_a_bad_value_while_running_is_refused_and_a_good_one_taken(
        node: Callable[..., Node]) -> None:
    made = node()
    parameters.declare(made)
    made.add_on_set_parameters_callback(lambda proposed: parameters.check(made, proposed))
    for name, value in (('fov_degrees', 500.0), ('markers.thickness', 0.0), ('device', 'cpu')):
        result, = made.set_parameters([Parameter(name, value=value)])
        assert not result.successful and name in result.reason
    result, = made.set_parameters([Parameter('fov_degrees', value=80.0)])
    assert result.successful and parameters.read(made).fov_degrees == 80.0
