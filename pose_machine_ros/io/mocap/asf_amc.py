# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Acclaim ASF (skeleton) and AMC (motion) files, as mocap.cs.cmu.edu publishes them.

Each bone has its own coordinate frame, given by `axis`; an AMC line rotates the bone about the axes
of that frame. Lengths are in inches divided by the file's `length` unit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.mocap.raw_capture import RawCapture

_INCH = 0.0254
AMC_FPS = 120.0  # an AMC file does not contain its rate; most of mocap.cs.cmu.edu is at 120 Hz
_ROTATIONS = ('rx', 'ry', 'rz')


@dataclass
class _Bone:
    vector: np.ndarray = field(default_factory=lambda: np.zeros(3))  # metres, at rest
    axis: np.ndarray = field(default_factory=lambda: np.eye(3))
    dof: tuple[str, ...] = ()
    parent: str = ''


def read(asf: Path, amc: Path, fps: float = AMC_FPS) -> RawCapture:
    """Return a capture whose points are `root` and the far ends of the bones, by name.

    Raises InputError if a file does not have the format.
    """
    bones, scale = _read_skeleton(asf)
    motion = _read_motion(amc, bones)
    ends: dict[str, np.ndarray] = {}
    rotations: dict[str, np.ndarray] = {}
    for name, bone in bones.items():  # parents come first
        values = motion[name]
        angles = np.stack([values.get(a, np.zeros(motion.frames)) for a in _ROTATIONS], -1)
        own = Rotation.from_euler('xyz', angles, degrees=True).as_matrix()
        rotation = bone.axis @ own @ bone.axis.T
        if not bone.parent:
            ends[name] = scale * np.stack([values[a] for a in ('tx', 'ty', 'tz')], -1)
            rotations[name] = rotation
            continue
        rotations[name] = rotations[bone.parent] @ rotation
        ends[name] = ends[bone.parent] + rotations[name] @ bone.vector
    return RawCapture(ends, rotations, fps)


def _read_skeleton(path: Path) -> tuple[dict[str, _Bone], float]:
    bones = {'root': _Bone(dof=('tx', 'ty', 'tz', *_ROTATIONS))}
    section, scale, name = '', _INCH, ''
    direction = np.zeros(3)
    try:
        for line in path.read_text(errors='replace').splitlines():
            words = line.split('#')[0].split()
            if not words:
                continue
            if words[0].startswith(':'):
                section = words[0][1:].lower()
                continue
            key = words[0].lower()
            if section == 'units' and key == 'length':
                scale = _INCH / float(words[1])
            elif section == 'root' and key == 'order':
                bones['root'].dof = tuple(w.lower() for w in words[1:])
            elif section == 'bonedata' and key == 'name':
                name = words[1]
                bones[name] = _Bone()
            elif section == 'bonedata' and key == 'direction':
                direction = np.array(words[1:4], float)
            elif section == 'bonedata' and key == 'length':
                bones[name].vector = direction * float(words[1]) * scale
            elif section == 'bonedata' and key == 'axis':
                bones[name].axis = Rotation.from_euler(
                    'xyz', np.array(words[1:4], float), degrees=True).as_matrix()
            elif section == 'bonedata' and key == 'dof':
                bones[name].dof = tuple(w.lower() for w in words[1:])
            elif section == 'hierarchy' and key not in ('begin', 'end'):
                for child in words[1:]:
                    bones[child].parent = words[0]
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise InputError(f'{path} is not an ASF skeleton ({error!r})') from error
    return _parents_first(bones, path), scale


def _parents_first(bones: dict[str, _Bone], path: Path) -> dict[str, _Bone]:
    ordered = {'root': bones['root']}
    while len(ordered) < len(bones):
        ready = {n: b for n, b in bones.items() if n not in ordered and b.parent in ordered}
        if not ready:
            raise InputError(f'{path} has bones without a parent: '
                             f'{sorted(bones.keys() - ordered.keys())}')
        ordered |= ready
    return ordered


class _Motion(dict):
    """Bone -> degree of freedom -> values (F,); bones that do not move have none."""

    frames: int

    def __missing__(self, name: str) -> dict:
        return {}


def _read_motion(path: Path, bones: dict[str, _Bone]) -> _Motion:
    columns: dict[str, list[list[str]]] = {}
    frames = 0
    try:
        for line in path.read_text(errors='replace').splitlines():
            words = line.split()
            if len(words) == 1 and words[0].isdigit():
                frames += 1
            elif len(words) > 1 and words[0] in bones:
                columns.setdefault(words[0], []).append(words[1:])
        motion = _Motion({
            name: dict(zip(bones[name].dof, np.array(rows, float).T, strict=True))
            for name, rows in columns.items()})
    except (OSError, ValueError) as error:
        raise InputError(f'{path} is not an AMC motion of that skeleton ({error!r})') from error
    if not frames or 'root' not in motion or any(len(r) != frames for r in columns.values()):
        raise InputError(f'{path} is not an AMC motion: {frames} frames, '
                         f'bones {sorted(columns) or "none"}')
    motion.frames = frames
    return motion
