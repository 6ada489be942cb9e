# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Orientation of each part of the body, from the positions of the joints.

The frame of a joint is that of the segment that starts there: the thigh at the hip, the shin at the
knee. In a person who stands upright with hanging arms and palms to the thighs, x points forward, y
to the person's left and z up in every segment. docs/topics.md has a table of them.
"""

from __future__ import annotations

import math

import numpy as np

from pose_machine_ros.camera.quaternions import quaternions_of
from pose_machine_ros.skeleton import HUMAN36M_17

_MIN_LENGTH = 0.05  # metres; the direction of a shorter vector is not reliable
_MIN_SINE = 0.2  # of the angle between the trunk and its left
_MIN_BEND = math.sin(math.radians(20))  # of elbow, knee and head; less does not define the twist
# Between the lines to the top of the head from the nose and from the thorax, in motion capture of
# people who look ahead.
_FACE_ANGLE = math.radians(43)

# The sums of the vectors to each first joint from each second one.
_VECTORS: dict[str, tuple[tuple[str, str], ...]] = {
    'hips': (('left_hip', 'right_hip'),), 'shoulders': (('left_shoulder', 'right_shoulder'),),
    'width': (('left_hip', 'right_hip'), ('left_shoulder', 'right_shoulder')),
    'trunk': (('left_shoulder', 'left_hip'), ('right_shoulder', 'right_hip')),
    'face': (('head_top', 'nose'),), 'neck': (('nose', 'thorax'),),
    **{f'{side}_{name}': ((f'{side}_{start}', f'{side}_{end}'),) for side in ('left', 'right')
       for name, start, end in (('thigh', 'hip', 'knee'), ('shin', 'knee', 'ankle'),
                                ('upper_arm', 'shoulder', 'elbow'), ('forearm', 'elbow', 'wrist'))}}
# Two vectors whose cross product points to the person's left where both are in a plane that bends
# forward or back: those of the head, the legs and the arms.
_BENDS = {'head': ('face', 'neck'),
          **{f'{side}_leg': (f'{side}_thigh', f'{side}_shin') for side in ('left', 'right')},
          **{f'{side}_arm': (f'{side}_forearm', f'{side}_upper_arm') for side in ('left', 'right')}}
# Of each joint, the vector along z and the one to the left.
_SEGMENTS = {
    'nose': ('face', 'head'), 'head_top': ('face', 'head'),
    'pelvis': ('trunk', 'hips'), 'spine': ('trunk', 'width'), 'thorax': ('trunk', 'shoulders'),
    **{f'{side}_{joint}': (f'{side}_{vector}', f'{side}_{bend}') for side in ('left', 'right')
       for joint, vector, bend in (('hip', 'thigh', 'leg'), ('knee', 'shin', 'leg'),
                                   ('shoulder', 'upper_arm', 'arm'), ('elbow', 'forearm', 'arm'))}}


def _rows() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the indices of _VECTORS (4, V), of _BENDS (2, B), of _SEGMENTS (2, S) and (S,)."""
    vectors = []
    for (first, start), *more in _VECTORS.values():
        # With a single vector, the second one is that from a joint to itself.
        end, end_start = more[0] if more else (first, first)
        vectors.append(HUMAN36M_17.indices((first, start, end, end_start)))
    names = [*_VECTORS, *_BENDS]
    bends, segments = ([[names.index(name) for name in pair] for pair in pairs.values()]
                       for pairs in (_BENDS, _SEGMENTS))
    return (np.array(vectors).T, np.array(bends).T, np.array(segments).T,
            np.array(HUMAN36M_17.indices(_SEGMENTS)))


_ENDS, (_FIRST, _SECOND), (_ALONG, _LEFT), _JOINTS = _rows()
_HEAD = slice(0, 2)  # of _SEGMENTS
# From the axes whose z is along the face to those of the head, by a rotation about y.
_FACE_TO_HEAD = np.array([[math.cos(_FACE_ANGLE), 0, math.sin(_FACE_ANGLE)], [0, 1, 0],
                          [-math.sin(_FACE_ANGLE), 0, math.cos(_FACE_ANGLE)]])
_NEXT, _AFTER_NEXT = np.array(((1, 2, 0), (2, 0, 1)))


def joint_axes(xyz: np.ndarray) -> np.ndarray:
    """Return rotations (*, 17, 3, 3) with the axes of each joint's segment as columns.

    `xyz` (*, 17, 3) are the joints, metres, NaN where unknown. NaN are wrists and ankles, since
    hands and feet are not known, segments with an unknown joint, and thighs, shins, upper arms and
    forearms of a limb that is bent by less than 20 or more than 160 degrees. The axes of the spine
    are those of `body_frame`.
    """
    a, b, c, d = np.moveaxis(xyz.astype(np.float64)[..., _ENDS, :], -3, 0)
    units = _normalized(a - b + (c - d), _MIN_LENGTH)
    bends = _normalized(_cross(units[..., _FIRST, :], units[..., _SECOND, :]), _MIN_BEND)
    directions = np.concatenate((units, bends), -2)
    z = directions[..., _ALONG, :]
    x = _normalized(_cross(directions[..., _LEFT, :], z), _MIN_SINE)
    result = np.full((*xyz.shape[:-1], 3, 3), np.nan)
    axes = np.stack((x, _cross(z, x), z), -1)
    axes[..., _HEAD, :, :] = axes[..., _HEAD, :, :] @ _FACE_TO_HEAD
    result[..., _JOINTS, :, :] = axes
    return result


def joint_orientations(xyz: np.ndarray) -> np.ndarray:
    """Return the axes of `joint_axes` as unit quaternions x, y, z, w (*, 17, 4)."""
    return quaternions_of(joint_axes(xyz))


def _normalized(vectors: np.ndarray, shortest: float) -> np.ndarray:
    """Return unit vectors (*, 3), NaN for vectors shorter than `shortest`."""
    length = np.sqrt((vectors * vectors).sum(-1, keepdims=True))
    return vectors / np.where(length < shortest, np.nan, length)


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the cross products of vectors (*, 3); faster than NumPy's for a few."""
    return a[..., _NEXT] * b[..., _AFTER_NEXT] - a[..., _AFTER_NEXT] * b[..., _NEXT]
