# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Parameters: file, declarations and settings agree, and bad values are refused with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import math
from operator import attrgetter
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
from pose_machine_ros.ros import fusion_parameters, parameters
from pose_machine_ros.ros.input.subscriber import CameraSubscriber
from pose_machine_ros.ros.node import PoseMachineNode
from pose_machine_ros.ros.output.outputs import Outputs
from pose_machine_ros.ros.parameters import NAMES, NodeConfig, PARAMETERS
from pose_machine_ros.ros.tools.parameter_file import fusion_file, parameter_file, value_text
from pose_machine_ros.settings import Leaf

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


def test_every_parameter_has_a_name_of_its_own() -> None:
    assert len(set(NAMES)) == len({p.path for p in PARAMETERS}) == len(NAMES)


def test_parameters_have_the_names_that_users_know() -> None:
    assert {'device', 'max_people', 'detect_interval', 'fov', 'id_prefix', 'image.rotation',
            'image.transport', 'keypoints2d.threads', 'tracking.max_age', 'correction.mode',
            'correction.steps', 'correction.paper.tolerance', 'markers.thickness', 'tf.bodies',
            'humans.topic', 'diagnostics.warn_age'} < set(NAMES)


def test_the_file_is_the_generated_one() -> None:
    assert FILE.read_text() == parameter_file(), (
        'run: python -m pose_machine_ros.ros.tools.parameter_file > config/pose_machine.yaml')


def test_the_file_holds_every_parameter_with_its_default(node: Callable[..., Node]) -> None:
    in_file = names_and_values(yaml.safe_load(FILE.read_text())['/**']['ros__parameters'])
    made = node()
    parameters.declare(made)
    declared = {name: made.get_parameter(name).value for name in NAMES}
    assert in_file.pop('fov') == pytest.approx(declared.pop('fov'), rel=1e-6)
    assert in_file == declared
    assert {n: type(v) for n, v in in_file.items()} == {n: type(v) for n, v in declared.items()}


def test_the_file_of_the_fusion_is_the_generated_one() -> None:
    path = FILE.with_name('fusion.yaml')
    assert path.read_text() == fusion_file(), (
        'run: python -m pose_machine_ros.ros.tools.parameter_file fusion > config/fusion.yaml')


def test_the_file_of_the_fusion_holds_every_parameter_with_its_default(
        node: Callable[..., Node]) -> None:
    path = FILE.with_name('fusion.yaml')
    in_file = names_and_values(yaml.safe_load(path.read_text())['/**']['ros__parameters'])
    assert set(in_file) == set(fusion_parameters.NAMES)
    made = node(target_frame='map')
    config = parameters.declare(made, fusion_parameters.FusionNodeConfig)
    in_file['inputs'] = tuple(in_file['inputs'])
    assert {**in_file, 'target_frame': 'map'} == {
        name: made.get_parameter(name).value for name in in_file}
    assert config == fusion_parameters.FusionNodeConfig(target_frame='map')


@pytest.mark.parametrize('value, text', [
    (True, 'true'), (6, '6'), (0.0, '0.0'), (math.radians(55), '0.959931'), (1.5e-4, '0.00015'),
    (1e-7, '1.0e-07'), (2.5e20, '2.5e+20')])
def test_values_are_read_back_with_their_type(value: bool | float, text: str) -> None:
    assert value_text(value) == text
    read = yaml.safe_load(text)
    assert type(read) is type(value) and read == pytest.approx(value, rel=1e-6)


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


@pytest.mark.parametrize('parameter', PARAMETERS, ids=NAMES)
def test_the_descriptor_says_what_the_setting_says(
        node: Callable[..., Node], parameter: Leaf) -> None:
    made, spec = node(), parameter.setting
    parameters.declare(made)
    descriptor = made.describe_parameter(parameter.name)
    assert descriptor.description.startswith(spec.description)
    assert f'[{spec.unit}]' in descriptor.description or not spec.unit
    assert descriptor.read_only != spec.dynamic
    assert all(str(choice) in descriptor.additional_constraints for choice in spec.choices)
    assert made.get_parameter(parameter.name).value == spec.default
    ranges = [*descriptor.floating_point_range, *descriptor.integer_range]
    if spec.kind not in (int, float):
        assert not ranges
        return
    limits, = ranges
    accepted = spec.choices or (*spec.bounds, 0) if spec.zero else spec.choices or spec.bounds
    assert (limits.from_value, limits.to_value) == (min(accepted), max(accepted))
    if spec.kind is int:
        assert limits.step == (spec.step if spec.bounds else 90)


@pytest.mark.parametrize('parameter', [
    p for p in PARAMETERS if p.setting.bounds or p.setting.choices], ids=lambda p: p.name)
def test_an_impossible_value_is_called_by_the_name_of_the_parameter(
        node: Callable[..., Node], parameter: Leaf) -> None:
    made = node()
    parameters.declare(made)
    bad = 'magic' if parameter.setting.kind is str else parameter.setting.kind(-1000)
    with pytest.raises(InputError) as error:
        parameters.read(made, [Parameter(parameter.name, value=bad)])
    assert str(error.value).startswith(f'{parameter.name} = {bad!r}')


def test_without_overrides_the_settings_are_the_defaults(node: Callable[..., Node]) -> None:
    assert parameters.declare(node()) == NodeConfig()
    assert NodeConfig().machine == MachineConfig()


@pytest.mark.parametrize('values, may', [
    ({}, False), ({'floor': 'auto'}, False), ({'floor': 'map'}, True),
    ({'target_frame': 'odom'}, True), ({'depth__enabled': True}, True)])
def test_whether_a_node_may_use_tf(
        node: Callable[..., Node], values: dict[str, object], may: bool) -> None:
    assert parameters.declare(node(**values)).may_use_tf is may


def test_overrides_reach_the_settings(node: Callable[..., Node]) -> None:
    config = parameters.declare(node(
        device='cpu', correction__mode='none', correction__steps=9, max_people=2,
        image__reliability='reliable', markers__thickness=0.1))
    assert config.machine.device == 'cpu' and config.machine.lifting.correction == 'none'
    assert config.machine.lifting.geometric.steps == 9
    assert config.machine.tracking.max_people == 2
    assert config.input.reliability == 'reliable' and config.outputs.markers.thickness == 0.1


@pytest.mark.parametrize('name, value, complaint', [
    ('correction__mode', 'magic', "correction.mode = 'magic'.*none, geometric, learned, paper"),
    ('image__reliability', 'often', "'often'.*best_effort, reliable"),
    ('fov', 55.0, r'fov is not between 0.05 and 3 rad \(.*55'),
    ('fov', 1, 'fov has another type: write it like 0.9599'),
    ('person_height', 0.2, '0.2 m.*0.4 and 2.5 m, or 0 for unknown adults'),
    ('correction__steps', 0, 'correction.steps.*1 and 50'),
    ('image__rotation', 45, 'image.rotation is not one of 0, 90, 180, 270'),
    ('keypoints2d__detector_size', 500, 'keypoints2d.detector_size is not a multiple of 32'),
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
            ('fov', 55.0, 'range'), ('fov', math.nan, 'range'),
            ('max_people', 2.5, 'type'), ('lazy', 1, 'type'),
            ('device', 'cpu', 'read-only'), ('keypoints2d.threads', 1, 'read-only'),
            ('person_height', 0.2, '0.2 m is not between 0.4 and 2.5'),
            ('keypoints2d.detector_size', 500, 'step'),
            ('image.reliability', 'often', 'is not one of auto, best_effort, reliable'),
            ('diagnostics.warn_age', 9.0, 'is more than diagnostics.error_age'),
            ('correction.mode', 'magic', "correction.mode = 'magic' is not one of none, geometric"),
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
    for parameter in PARAMETERS:
        spec = parameter.setting
        if not spec.dynamic:
            continue
        value = running.get_parameter(parameter.name).value
        if spec.kind is bool:
            new = not value
        elif spec.choices:
            new = next(c for c in spec.choices if c != value)
        elif spec.kind is str:
            new = 'odom'
        elif spec.kind is int:
            new = value + max(spec.step, 32)
        else:
            new = value * 1.1 or 1.0
        changed[parameter.path] = new
        result, = running.set_parameters([Parameter(parameter.name, value=new)])
        assert result.successful, result.reason
    assert {path: attrgetter(path)(running.config) for path in changed} == changed
    assert running._machine.config == running.config.machine
    assert running._outputs._markers.config == running.config.outputs.markers
    assert running._outputs._transforms.config == running.config.outputs.transforms
    assert running._camera._config == running.config.input
    assert running._placement.config == running.config.frames
    running.deactivate()


def test_a_value_set_before_the_weights_are_loaded_counts(node: Callable[..., Node]) -> None:
    made = PoseMachineNode()
    result, = made.set_parameters([Parameter('person_height', value=1.8)])
    assert result.successful
    assert made.config.machine.lifting.person_height == 1.8
    made.destroy_node()
