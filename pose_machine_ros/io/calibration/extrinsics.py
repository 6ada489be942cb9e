# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Poses of cameras in a common frame, and the YAML file that holds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from os.path import expanduser
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.output_files import atomic_output
from pose_machine_ros.spelling import hint

_MAX_ROUNDING = 0.01  # of the length of a quaternion
_MAX_OFFSET = 3600.0  # seconds
_CAMERA = ('translation', 'rotation', 'time_offset')  # the last is optional
_TOP = ('frame', 'cameras')
_NEEDS = 'docs/calibration.md describes the file'


@dataclass(frozen=True)
class Extrinsics:
    """Where cameras are; keys are the frame_ids of their images."""

    frame: str  # in which the poses are
    cameras: dict[str, RigidTransform]  # pose of each camera's optical frame in `frame`
    time_offsets: dict[str, float] = field(default_factory=dict)  # seconds, added to its stamps

    def time_offset_ns(self, camera: str) -> int:
        """Return the nanoseconds to add to the stamps of a camera; 0 if none is known."""
        return round(self.time_offsets.get(camera, 0.0) * 1e9)

    @classmethod
    def load(cls, path: str | Path) -> Extrinsics:
        """Read a file that `save` wrote, or that a user wrote in the same format.

        Raises InputError for a file that is missing or is not in this format.
        """
        try:
            content = _Loader(Path(expanduser(path)).read_text()).get_single_data()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f'the extrinsics {path} cannot be read: {error}') from error
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            reason = ' '.join(str(error).split())
            raise InputError(f'{path} is not YAML ({reason}); {_NEEDS}') from error
        try:
            return _extrinsics(content)
        except InputError as error:
            raise InputError(f'{path}: {error}; {_NEEDS}') from error

    def save(self, path: str | Path) -> None:
        """Write the file; raises InputError if it cannot be written."""
        content = {'frame': self.frame, 'cameras': {
            name: self._entry(name) for name in self.cameras}}
        with atomic_output(path) as partial:
            partial.write_text(yaml.safe_dump(content, sort_keys=False, default_flow_style=None))

    def _entry(self, name: str) -> dict[str, Any]:
        pose = self.cameras[name]
        entry = {'translation': pose.translation.tolist(), 'rotation': [*pose.quaternion()]}
        if (offset := self.time_offsets.get(name)) is not None:
            entry['time_offset'] = float(offset)
        return entry


class _Loader(yaml.SafeLoader):
    """Refuses a map that has a key twice, of which YAML would keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value]
        for name in {n for n in names if names.count(n) > 1}:
            raise yaml.constructor.ConstructorError(
                None, None, f'{name!r} is given {names.count(name)} times: keep one',
                node.start_mark)
        return super().construct_mapping(node, deep)


def _extrinsics(content: Any) -> Extrinsics:
    top = _mapping(content, 'the file', _TOP, required=_TOP)
    cameras = _mapping(top['cameras'], 'cameras')
    if not cameras:
        raise InputError('cameras is empty: give the pose of at least one camera')
    poses, offsets = {}, {}
    for key, value in cameras.items():
        name = _frame(key, 'the name of a camera')
        entry = _mapping(value, name, _CAMERA, required=_CAMERA[:2])
        translation = _numbers(entry['translation'], f'{name}: translation', 3)
        rotation = _numbers(entry['rotation'], f'{name}: rotation', 4)
        poses[name] = RigidTransform.from_quaternion(
            _unit(rotation, f'{name}: rotation'), translation)
        if 'time_offset' in entry:
            offset, = _numbers([entry['time_offset']], f'{name}: time_offset', 1)
            if abs(offset) > _MAX_OFFSET:
                raise InputError(f'{name}: time_offset = {offset} is more than {_MAX_OFFSET:g} s')
            offsets[name] = float(offset)
    return Extrinsics(_frame(top['frame'], 'frame'), poses, offsets)


def _mapping(value: Any, what: str, known: Iterable[str] | None = None,
             required: Iterable[str] = ()) -> Mapping[Any, Any]:
    """Return a map of YAML whose keys are `known`, if they are given, and include `required`."""
    if not isinstance(value, dict):
        raise InputError(f'{what} = {value!r} holds no "name: value" lines')
    for key in value if known is not None else ():
        if key not in known:
            raise InputError(f'{what}: {key!r} is not one of {", ".join(known)}'
                             f'{hint(str(key), known)}')
    if missing := [key for key in required if key not in value]:
        raise InputError(f'{what}: {", ".join(missing)} missing')
    return value


def _frame(value: Any, what: str) -> str:
    """Return the name of a frame; TF of ROS 2 has no leading slash."""
    if not isinstance(value, str) or not value.strip('/ '):
        raise InputError(f'{what} = {value!r} is not the name of a frame')
    if value.startswith('/'):
        raise InputError(f'{what} = {value!r} has a leading slash, which frames of ROS 2 do not '
                         f'have: write {value.lstrip("/")!r}')
    return value


def _numbers(value: Any, what: str, count: int) -> np.ndarray:
    try:
        if not isinstance(value, list) or len(value) != count or any(
                isinstance(x, bool) for x in value):
            raise ValueError
        numbers = np.array([float(x) for x in value])  # PyYAML reads 1e-3 as a string
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(
            f'{what} = {value!r} is not {count} number{"s" * (count > 1)}') from error
    if not np.isfinite(numbers).all():
        raise InputError(f'{what} = {value!r} is not finite')
    return numbers


def _unit(quaternion: np.ndarray, what: str) -> np.ndarray:
    """Return x, y, z, w of length 1, from numbers that were rounded."""
    length = float(np.linalg.norm(quaternion))
    if abs(length - 1) > _MAX_ROUNDING:
        raise InputError(f'{what} = {quaternion.tolist()} has the length {length:.3f}, which no '
                         'rotation has: give the quaternion x, y, z, w of length 1')
    return quaternion / length
