# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Settings: what a field declares is what is accepted, and what users read about it."""

from __future__ import annotations

from dataclasses import dataclass, fields
import math
import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from pose_machine_ros import cli
from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.field_of_view import FOV
from pose_machine_ros.config import MachineConfig
from pose_machine_ros.errors import InputError
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.lifting.config import LiftingConfig
from pose_machine_ros.ros.parameters import NodeConfig
from pose_machine_ros.settings import (
    build, check, group, Leaf, leaves, Setting, setting, setting_of)
from pose_machine_ros.tracking.config import TrackingConfig

NAN, INFINITE = float('nan'), float('inf')


def configs(config: type) -> list[type]:
    """Return a dataclass and those of its groups, at any depth."""
    inner = [f.default_factory for f in fields(config)
             if not isinstance(f.metadata['setting'], Setting)]
    return [config, *(c for i in inner for c in configs(i))]


ALL = [(config, f.name) for config in configs(NodeConfig) for f in fields(config)
       if isinstance(f.metadata['setting'], Setting)]
BOUNDED = [(config, name) for config, name in ALL if setting_of(config, name).bounds]
CHOICES = [(config, name) for config, name in ALL if setting_of(config, name).choices]


def made(config: type, name: str, value: Any) -> Any:
    """Return a config with one value; limits for WARN and ERROR are equal, so that they agree."""
    kind = name.partition('_')[2]
    names = [f'{level}_{kind}' for level in ('warn', 'error')] if re.match(
        '(warn|error)_', name) else [name]
    return config(**dict.fromkeys(names, value))


def refusal(config: type, name: str, value: Any) -> str:
    with pytest.raises(InputError) as error:
        config(**{name: value})
    return str(error.value)


def beyond(spec: Setting) -> tuple[float, float]:
    """Return the values just below and just above the bounds."""
    low, high = spec.bounds
    if spec.kind is int:
        return low - spec.step, high + spec.step
    return math.nextafter(low, -INFINITE), math.nextafter(high, INFINITE)


def test_every_field_of_every_config_declares_a_setting_or_a_group() -> None:
    assert {c.__name__ for c in configs(NodeConfig)} == {
        'NodeConfig', 'MachineConfig', 'Keypoints2DConfig', 'TrackingConfig', 'LiftingConfig',
        'GeometricConfig', 'PaperConfig', 'InputConfig', 'OutputConfig', 'MarkerConfig',
        'TransformConfig', 'HumansConfig', 'DiagnosticsConfig', 'DepthConfig', 'DepthInputConfig',
        'FramesConfig'}
    for config in configs(NodeConfig):
        assert all('setting' in f.metadata for f in fields(config)), config


@pytest.mark.parametrize('config, name', ALL)
def test_a_setting_is_described_and_accepts_its_default(config: type, name: str) -> None:
    spec = setting_of(config, name)
    spec.check(name, spec.default)
    assert getattr(config(), name) == spec.default
    assert len(spec.description) > 10 and not spec.description.endswith('.')
    assert spec.description[0].isupper() or re.match(r'\w+( subscribes|:)', spec.description) \
        or spec.description[0].isdigit()
    if spec.kind in (int, float):
        assert spec.bounds or spec.choices
    assert type(spec.default) is spec.kind
    assert all(type(c) is spec.kind for c in spec.choices)
    assert spec.bounds is None or all(type(b) is spec.kind for b in spec.bounds)


@pytest.mark.parametrize('config, name', BOUNDED)
def test_bounds_are_inclusive(config: type, name: str) -> None:
    for bound in setting_of(config, name).bounds:
        assert getattr(made(config, name, bound), name) == bound


@pytest.mark.parametrize('config, name', BOUNDED)
def test_a_value_beyond_the_bounds_is_refused_with_the_range(config: type, name: str) -> None:
    spec = setting_of(config, name)
    for value in beyond(spec):
        text = refusal(config, name, value)
        assert text.startswith(f'{name} = {value}{spec.unit and " "}{spec.unit} is not ')
        low, high = (f'{b:g}' for b in spec.bounds)
        assert f'between {low} and {high}{spec.unit and " "}{spec.unit}' in text


@pytest.mark.parametrize('config, name', ALL)
def test_a_value_that_is_no_number_or_of_another_type_is_refused(config: type, name: str) -> None:
    bad = {bool: [1, 'true', None], int: [1.5, True, '1', NAN, None],
           float: [NAN, INFINITE, -INFINITE, True, '1.0', None, [1.0]],
           str: [1, None, b'auto']}[setting_of(config, name).kind]
    for value in bad:
        unit = setting_of(config, name).unit if type(value) is float else ''
        assert refusal(config, name, value).startswith(
            (f'{name} = {value!r} is not ', f'{name} = {value!r} {unit} is not '))


@pytest.mark.parametrize('config, name', CHOICES)
def test_the_choices_are_accepted_and_listed_for_others(config: type, name: str) -> None:
    spec = setting_of(config, name)
    for choice in spec.choices:
        assert getattr(config(**{name: choice}), name) == choice
    other = 45 if spec.kind is int else 'magic'
    assert refusal(config, name, other) == (
        f'{name} = {other!r}{spec.unit and " "}{spec.unit} is not one of '
        f'{", ".join(map(str, spec.choices))}')


def test_a_special_0_is_accepted_outside_the_bounds() -> None:
    assert LiftingConfig(person_height=0).person_height == 0
    assert refusal(LiftingConfig, 'person_height', 0.2) == (
        'person_height = 0.2 m is not between 0.4 and 2.5 m, or 0 for unknown adults')


def test_steps_begin_at_the_lower_bound() -> None:
    for size in (128, 160, 2048):
        assert Keypoints2DConfig(detector_size=size).detector_size == size
    for size in (129, 500, 2047):
        assert refusal(Keypoints2DConfig, 'detector_size', size) == (
            f'detector_size = {size} px is not a multiple of 32 between 128 and 2048 px')


def test_numbers_of_numpy_are_numbers() -> None:
    assert TrackingConfig(max_people=np.int64(3), max_age=np.float32(2)).max_people == 3
    refusal(TrackingConfig, 'max_people', np.float64(3))


@dataclass(frozen=True)
class Inner:
    """A group within a group."""

    depth: float = setting(1.0, 'Depth of the inner group', unit='m', bounds=(0.0, 2.0))
    mode: str = setting('fast', 'Mode with a name of its own', choices=('fast', 'slow'),
                        name='other.mode')

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class Middle:
    """A group that adds nothing to the names."""

    inner: Inner = group('outer.inner', Inner)
    same: Inner = group('', Inner)


@dataclass(frozen=True)
class Outer:
    """The root."""

    on: bool = setting(True, 'Whether anything happens')
    middle: Middle = group('outer', Middle)


def test_names_come_from_the_group_the_field_or_the_setting() -> None:
    assert [(leaf.name, leaf.path) for leaf in leaves(Outer)] == [
        ('on', 'on'),
        ('outer.inner.depth', 'middle.inner.depth'), ('other.mode', 'middle.inner.mode'),
        ('outer.depth', 'middle.same.depth'), ('other.mode', 'middle.same.mode')]
    assert all(isinstance(leaf, Leaf) for leaf in leaves(Outer))


def test_a_tree_is_built_from_paths() -> None:
    built = build(Outer, {'middle.inner.depth': 0.5, 'on': False})
    assert built == Outer(False, Middle(Inner(0.5), Inner()))
    with pytest.raises(InputError, match='depth = 3 m is not between 0 and 2 m'):
        build(Outer, {'middle.same.depth': 3})


@pytest.mark.parametrize('command, option, config', [
    ('run', '--correction', LiftingConfig), ('run', '--person-height', LiftingConfig),
    ('run', '--rotation', LiftingConfig), ('run', '--device', MachineConfig),
    ('run', '--backend', Keypoints2DConfig), ('run', '--model', Keypoints2DConfig),
    ('benchmark', '--max-people', TrackingConfig)])
def test_the_help_of_an_option_is_that_of_the_setting(
        command: str, option: str, config: type, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setenv('COLUMNS', '1000')  # no line breaks
    with pytest.raises(SystemExit):
        cli.main([command, '--help'])
    text, default = re.search(rf'^  {option} (.*?)\(default: (\S*)\)', capsys.readouterr().out,
                              re.MULTILINE | re.DOTALL).groups()
    spec = setting_of(config, option[2:].replace('-', '_'))
    assert spec.description[1:] in text and default == str(spec.default)
    assert all(str(choice) in text for choice in spec.choices)
    assert spec.choices or spec.accepted(spec.unit) in text


@pytest.mark.parametrize('fov', FOV.bounds)
def test_a_field_of_view_has_the_same_bounds_for_a_camera_and_for_the_node(fov: float) -> None:
    assert setting_of(NodeConfig, 'fov') is FOV
    Camera.from_fov(640, 480, fov)
    beyond_it = fov + (1e-3 if fov > 1 else -1e-3)
    with pytest.raises(InputError, match=r'not between 0\.05 rad \(.*\) and 3 rad \('):
        Camera.from_fov(640, 480, beyond_it)


def test_help_does_not_wait_for_torch() -> None:
    code = ('import sys\nfrom pose_machine_ros import cli\ntry:\n    cli.main(["run", "--help"])\n'
            'except SystemExit:\n    print("torch" in sys.modules)')
    answer = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True,
                            check=True).stdout
    assert answer.splitlines()[-1] == 'False'
