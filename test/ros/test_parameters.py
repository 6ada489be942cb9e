# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Parameters: file, declarations and settings agree, and bad values are refused with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import math
from pathlib import Path
import re
from typing import Any

import pytest
import rclpy
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile
import yaml

from pose_machine_ros.errors import InputError
from pose_machine_ros.machine import MachineConfig
from pose_machine_ros.ros import parameters
from pose_machine_ros.ros.input.subscriber import CameraSubscriber
from pose_machine_ros.ros.node import PoseMachineNode
from pose_machine_ros.ros.output.outputs import Outputs
from pose_machine_ros.ros.parameters import NodeConfig, Setting, SETTINGS

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


def test_the_file_says_of_every_parameter_what_the_node_says() -> None:
    said: dict[str, str] = {}
    comment, path = '', []
    for line in FILE.read_text().partition('ros__parameters:')[2].splitlines():
        text = line.strip()
        if text.startswith('#'):
            comment = f'{comment} {text[1:].strip()}'.strip()
        elif text:
            depth = (len(line) - len(line.lstrip())) // 2 - 2
            path = [*path[:depth], text.partition(':')[0]]
            said['.'.join(path)] = comment
            comment = ''
    for setting in SETTINGS:
        expected = ('* ' if setting.dynamic else '') + setting.description
        if setting.choices:
            expected += ': ' + ', '.join(setting.choices)
        if setting.step > 1:
            low, high = setting.range
            expected += f' {list(range(low, high + 1, setting.step))}'
        elif setting.range:
            expected += ' [{:g} to {:g}]'.format(*setting.range)
        assert said[setting.name] == expected


def profiles(*arguments: str) -> dict[tuple[str, str], QoSProfile]:
    """Return the QoS of a node's topics, by name and by publisher or subscription."""
    node = rclpy.create_node('pose_machine', cli_args=['--ros-args', *arguments])
    outputs, camera = Outputs(node), CameraSubscriber(node)
    camera.subscribe()
    found = {(end.topic_name, kind): end.qos_profile for kind, ends in (
        ('publisher', node.publishers), ('subscription', node.subscriptions)) for end in ends}
    camera.close()
    outputs.close()
    node.destroy_node()
    return found


def test_the_overrides_of_qos_that_the_file_shows_do_what_they_say(
        ros: None, tmp_path: Path) -> None:
    block, = re.findall(r'^#   (qos_overrides:\n(?:#     .*\n)+)', FILE.read_text(), re.M)
    shown = yaml.safe_load(block.replace('#', ' '))
    path = tmp_path / 'shown.yaml'
    path.write_text(yaml.safe_dump({'/**': {'ros__parameters': shown}}))
    usual, overridden = profiles('-r', '__node:=pose_machine'), profiles('--params-file', str(path))
    assert shown['qos_overrides']
    for topic, ends in shown['qos_overrides'].items():
        for kind, policies in ends.items():
            for policy, wanted in policies.items():
                before, value = (getattr(p[topic, kind], policy) for p in (usual, overridden))
                assert getattr(value, 'name', value) in (wanted, str(wanted).upper())
                assert value != before


def test_every_parameter_is_described(node: Callable[..., Node]) -> None:
    made = node()
    parameters.declare(made)
    for setting in SETTINGS:
        descriptor = made.describe_parameter(setting.name)
        assert len(descriptor.description) > 10, setting.name
        assert descriptor.read_only != setting.dynamic
        value = made.get_parameter(setting.name).value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            assert descriptor.floating_point_range or descriptor.integer_range, setting.name


@pytest.mark.parametrize('setting', [
    s for s in SETTINGS if s.range or s.choices], ids=lambda setting: setting.name)
def test_a_value_that_can_not_be_is_called_by_the_parameters_name(setting: Setting) -> None:
    with pytest.raises(InputError) as error:
        parameters.build(NodeConfig(), {setting.path: 'magic' if setting.choices else -1000})
    assert re.search(rf'(?<![\w.]){setting.name} = (-1000|.magic.)', str(error.value))


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
    assert config.input.reliability == 'reliable' and config.outputs.markers.thickness == 0.1


@pytest.mark.parametrize('name, value, complaint', [
    ('correction__mode', 'magic', "correction.mode = 'magic'.*none, learned, geometric"),
    ('image__reliability', 'often', "'often'.*best_effort, reliable"),
    ('fov_degrees', 500.0, 'fov_degrees.*5.0 and 170.0'),
    ('fov_degrees', 60, 'fov_degrees.*55.0'),
    ('person_height', 0.2, '0.2 m.*0.4 and 2.5'),
    ('correction__window', 0, 'correction.window.*1 and 100'),
    ('image__rotation', 45, 'image.rotation is not one of 0, 90, 180, 270'),
    ('keypoints2d__detector_size', 500, 'keypoints2d.detector_size = 500.*multiple of 32'),
    ('keypoints2d__backend', 'abacus', "keypoints2d.backend = 'abacus'.*onnxruntime"),
])
def test_a_bad_value_at_start_is_refused(
        node: Callable[..., Node], name: str, value: object, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        parameters.declare(node(**{name: value}))


@pytest.fixture
def running(ros: None) -> Iterator[PoseMachineNode]:
    made = PoseMachineNode()
    made.configure()
    yield made
    made.cleanup()
    made.destroy_node()


def test_a_bad_value_is_refused_with_the_reason_and_the_old_one_stays(
        running: PoseMachineNode, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv('POSE_MACHINE_WEIGHTS', str(tmp_path))  # a folder without weights
    for name, value, reason in (
            ('fov_degrees', 500.0, 'range'), ('fov_degrees', math.nan, 'range'),
            ('max_people', 2.5, 'type'), ('lazy', 1, 'type'),
            ('device', 'cpu', 'read-only'), ('keypoints2d.threads', 1, 'read-only'),
            ('person_height', 0.2, '0.2 m is not between 0.4 and 2.5'),
            ('keypoints2d.detector_size', 500, 'multiple of 32'),
            ('image.reliability', 'often', 'choose one of auto, best_effort, reliable'),
            ('diagnostics.warn_age', 9.0, 'is more than diagnostics.error_age'),
            ('correction.mode', 'magic', "correction.mode = 'magic' is unknown; choose one of"),
            ('correction.mode', 'learned', 'git checkout resource/weights')):
        before = running.get_parameter(name).value
        result, = running.set_parameters([Parameter(name, value=value)])
        assert not result.successful, name
        assert reason in result.reason
        assert running.get_parameter(name).value == before
        assert parameters.read(running) == running.config == NodeConfig()


def test_every_dynamic_value_reaches_the_running_node(running: PoseMachineNode) -> None:
    changed = {}
    running.activate()
    for setting in SETTINGS:
        if not setting.dynamic:
            continue
        value = running.get_parameter(setting.name).value
        if isinstance(value, bool):
            new = not value
        elif setting.choices:
            new = next(c for c in setting.choices if c != value)
        elif isinstance(value, int):
            new = value + (32 if setting.step == 1 else setting.step)
        elif isinstance(value, float):
            new = value * 1.1 or 1.0
        changed[setting.path] = new
        result, = running.set_parameters([Parameter(setting.name, value=new)])
        assert result.successful, result.reason
    now = parameters.flatten(running.config)
    assert {path: now[path] for path in changed} == changed
    assert running._machine.config == running.config.machine
    assert running._outputs._markers.config == running.config.outputs.markers
    assert running._outputs._transforms.config == running.config.outputs.transforms
    assert running._camera._config == running.config.input
    running.deactivate()


def test_a_value_set_before_the_weights_are_loaded_counts(node: Callable[..., Node]) -> None:
    made = PoseMachineNode()
    result, = made.set_parameters([Parameter('person_height', value=1.8)])
    assert result.successful
    assert made.config.machine.lifting.person_height == 1.8
    made.destroy_node()
