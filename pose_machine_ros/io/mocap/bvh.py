# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Biovision BVH motion files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.mocap.raw_capture import RawCapture


@dataclass
class _Joint:
    name: str
    parent: int
    offset: np.ndarray = field(default_factory=lambda: np.zeros(3))
    channels: list[str] = field(default_factory=list)


def read(path: Path) -> RawCapture:
    """Return a capture whose points are the joints, by name; an end site is `<parent>End`.

    Lengths are in the unit of the file. A first frame without any rotation is a rest pose that some
    converters add; it is left out. Raises InputError if the file is not a BVH file.
    """
    try:
        hierarchy, _, motion = path.read_text(errors='replace').partition('MOTION')
        joints = _read_joints(hierarchy.split())
        lines = motion.strip().splitlines()
        step = float(lines[1].split(':')[1])
        values = np.array([line.split() for line in lines[2:] if line.strip()], float)
        count = sum(len(j.channels) for j in joints)
        if not joints or not step > 0 or values.ndim != 2 or values.shape[1] != count:
            raise ValueError(f'{values.shape} values for {count} channels, step {step} s')
    except (OSError, ValueError, IndexError) as error:
        raise InputError(f'{path} is not a BVH file ({error!r})') from error
    is_rotation = np.array([c.endswith('rotation') for j in joints for c in j.channels])
    if len(values) > 1 and not values[0, is_rotation].any():
        values = values[1:]
    points, rotations = _pose(joints, values)
    return RawCapture({j.name: p for j, p in zip(joints, points)},
                      {j.name: r for j, r in zip(joints, rotations)}, 1 / step)


def _read_joints(words: list[str]) -> list[_Joint]:
    joints: list[_Joint] = []
    open_joints: list[int] = []
    i = 0
    while i < len(words):
        word = words[i]
        parent = open_joints[-1] if open_joints else -1
        if word in ('ROOT', 'JOINT'):
            joints.append(_Joint(words[i + 1], parent))
            i += 1
        elif word == 'End':
            joints.append(_Joint(f'{joints[parent].name}End', parent))
            i += 1
        elif word == '{':
            open_joints.append(len(joints) - 1)
        elif word == '}':
            open_joints.pop()
        elif word == 'OFFSET':
            joints[-1].offset = np.array(words[i + 1:i + 4], float)
            i += 3
        elif word == 'CHANNELS':
            count = int(words[i + 1])
            joints[-1].channels = words[i + 2:i + 2 + count]
            i += 1 + count
        i += 1
    return joints


def _pose(joints: list[_Joint], values: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return positions (F, 3) and rotations (F, 3, 3) of every joint."""
    points: list[np.ndarray] = []
    rotations: list[np.ndarray] = []
    column = 0
    for joint in joints:
        own = values[:, column:column + len(joint.channels)]
        column += len(joint.channels)
        offset = np.tile(joint.offset, (len(values), 1))
        axes, angles = '', []
        for channel, value in zip(joint.channels, own.T):
            axis = channel[0].lower()
            if channel.endswith('position'):
                # A position replaces the offset, which converters give for the root as well.
                offset[:, 'xyz'.index(axis)] = value
            else:
                axes += axis.upper()
                angles.append(value)
        rotation = np.tile(np.eye(3), (len(values), 1, 1))
        if axes:
            rotation = Rotation.from_euler(
                axes, np.stack(angles, -1).reshape(len(values), len(axes)),
                degrees=True).as_matrix()
        if joint.parent >= 0:
            parent = rotations[joint.parent]
            offset = points[joint.parent] + (parent @ offset[..., None])[..., 0]
            rotation = parent @ rotation
        points.append(offset)
        rotations.append(rotation)
    return points, rotations
