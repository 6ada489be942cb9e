# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The parameters of the node, one for each setting of NodeConfig."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.exceptions import InvalidParameterTypeException, InvalidParameterValueException
from rclpy.node import Node
from rclpy.parameter import Parameter

from pose_machine_ros.camera.field_of_view import FOV
from pose_machine_ros.config import MachineConfig
from pose_machine_ros.errors import InputError
from pose_machine_ros.ros.health.diagnostics import DiagnosticsConfig
from pose_machine_ros.ros.input.camera_placement import FramesConfig
from pose_machine_ros.ros.input.depth_source import DepthInputConfig
from pose_machine_ros.ros.input.subscriber import InputConfig
from pose_machine_ros.ros.output.outputs import OutputConfig
from pose_machine_ros.settings import build, check, field_of, group, Leaf, leaves, Setting, setting


@dataclass(frozen=True)
class NodeConfig:
    """All settings of the node."""

    fov: float = field_of(FOV)
    input: InputConfig = group('image', InputConfig)
    depth: DepthInputConfig = group('depth', DepthInputConfig)
    frames: FramesConfig = group('', FramesConfig)
    machine: MachineConfig = group('', MachineConfig)
    diagnostics: DiagnosticsConfig = group('diagnostics', DiagnosticsConfig)
    outputs: OutputConfig = group('', OutputConfig)
    lazy: bool = setting(
        False, 'Process images only while a result has a subscriber. Subscribers of /tf do not '
        'count with target_frame, a floor of TF, or depth.enabled')
    autostart: bool = setting(
        True, 'Configure and activate at start; false leaves this to a lifecycle manager',
        dynamic=False)

    @property
    def may_use_tf(self) -> bool:
        """Whether the node may subscribe to TF while it works."""
        return self.frames.uses_tf or self.depth.enabled

    def __post_init__(self) -> None:
        check(self)


def _in_groups(parameters: Iterable[Leaf]) -> tuple[Leaf, ...]:
    """Return parameters without a group first, then one group after the other."""
    listed = list(parameters)
    groups = ['', *dict.fromkeys(_group_of(p) for p in listed if _group_of(p))]
    return tuple(sorted(listed, key=lambda p: groups.index(_group_of(p))))


def _group_of(parameter: Leaf) -> str:
    return parameter.name.partition('.')[0] if '.' in parameter.name else ''


def parameters_of(config: type) -> tuple[Leaf, ...]:
    """Return the parameters of a dataclass of settings, in the order of files and tables."""
    return _in_groups(leaves(config))


PARAMETERS = parameters_of(NodeConfig)
NAMES = tuple(p.name for p in PARAMETERS)


def declare(node: Node, config: type = NodeConfig) -> Any:
    """Declare all parameters of a dataclass of settings and return an instance of it.

    Raises InputError for an unusable value.
    """
    for parameter in parameters_of(config):
        name, spec = parameter.name, parameter.setting
        try:
            node.declare_parameter(name, spec.default, descriptor(spec))
        except InvalidParameterTypeException as error:
            like = list(spec.default) if spec.kind is tuple else spec.default
            raise InputError(f'parameter {name} has another type: write it like {like!r} '
                             f'({error})') from error
        except InvalidParameterValueException as error:
            raise InputError(f'parameter {name} is not {spec.requirement} ({error})') from error
    return read(node, config=config)


def read(node: Node, proposed: Sequence[Parameter] = (), config: type = NodeConfig) -> Any:
    """Return the settings of the node, a `config`, with the `proposed` parameters in place.

    Raises InputError, in terms of the parameters, for values that are not usable.
    """
    changed = {p.name: p.value for p in proposed}
    values = {}
    for parameter in parameters_of(config):
        name = parameter.name
        value = changed[name] if name in changed else node.get_parameter(name).value
        parameter.setting.check(name, value)
        values[parameter.path] = tuple(value) if parameter.setting.kind is tuple else value
    return build(config, values)


def descriptor(spec: Setting) -> ParameterDescriptor:
    """Return the descriptor of a setting that ROS tools show."""
    unit = f' [{spec.unit}]' if spec.unit else ''
    when = 'Can be changed while running.' if spec.dynamic else 'Read at start.'
    found = ParameterDescriptor(
        description=f'{spec.description}{unit}. {when}', read_only=not spec.dynamic)
    if spec.choices or spec.zero:
        found.additional_constraints = spec.accepted(spec.unit)
    if spec.bounds:
        low, high = spec.bounds
        low = min(low, spec.kind(0)) if spec.zero else low
        if spec.kind is float:
            found.floating_point_range = [FloatingPointRange(from_value=low, to_value=high)]
        else:
            found.integer_range = [IntegerRange(from_value=low, to_value=high, step=spec.step)]
    elif spec.choices and spec.kind is int:
        found.integer_range = [_range_of(spec.choices)]
    return found


def _range_of(choices: Sequence[int]) -> IntegerRange:
    """Return the range of choices that are equally spaced, as quarter turns are."""
    steps = {b - a for a, b in zip(choices, choices[1:])}
    return IntegerRange(from_value=choices[0], to_value=choices[-1],
                        step=steps.pop() if len(steps) == 1 else 1)
