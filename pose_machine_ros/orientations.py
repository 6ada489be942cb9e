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

_VECTORS = {  # from the second joint to the first
    'trunk': ('thorax', 'pelvis'), 'hips': ('left_hip', 'right_hip'),
    'shoulders': ('left_shoulder', 'right_shoulder'), 'face': ('head_top', 'nose'),
    'neck': ('nose', 'thorax'),
    **{f'{side}_{name}': (f'{side}_{start}', f'{side}_{end}') for side in ('left', 'right')
       for name, start, end in (('thigh', 'hip', 'knee'), ('shin', 'knee', 'ankle'),
                                ('upper_arm', 'shoulder', 'elbow'), ('forearm', 'elbow', 'wrist'))}}
_ENDS, _STARTS = np.array([HUMAN36M_17.indices(pair) for pair in _VECTORS.values()]).T
_INDEX = {name: i for i, name in enumerate(_VECTORS)}
_HIPS, _SHOULDERS = _INDEX['hips'], _INDEX['shoulders']
# Two vectors whose cross product points to the person's left, where both are in one plane that bends
# forward: knees, elbows and the head.
_BENDS = np.array([[_INDEX[n] for n in pair] for pair in (
    ('face', 'neck'), ('left_thigh', 'left_shin'), ('right_thigh', 'right_shin'),
    ('left_forearm', 'left_upper_arm'), ('right_forearm', 'right_upper_arm'))]).T
# The segments: the joint, the vector along z, and the row of their left in [hips, trunk, shoulders,
# *bends].
_SEGMENTS = (
    ('pelvis', 'trunk', 0), ('spine', 'trunk', 1), ('thorax', 'trunk', 2), ('nose', 'face', 3),
    ('head_top', 'face', 3),
    ('left_hip', 'left_thigh', 4), ('left_knee', 'left_shin', 4),
    ('right_hip', 'right_thigh', 5), ('right_knee', 'right_shin', 5),
    ('left_shoulder', 'left_upper_arm', 6), ('left_elbow', 'left_forearm', 6),
    ('right_shoulder', 'right_upper_arm', 7), ('right_elbow', 'right_forearm', 7))
_JOINTS = np.array(HUMAN36M_17.indices(joint for joint, _, _ in _SEGMENTS))
_ALONG = np.array([_INDEX[vector] for _, vector, _ in _SEGMENTS])
_LEFT = np.array([row for _, _, row in _SEGMENTS])
_PELVIS, _HEAD = 0, slice(3, 5)  # rows of _SEGMENTS
_NEXT, _AFTER_NEXT = np.array(((1, 2, 0), (2, 0, 1)))


def joint_orientations(xyz: np.ndarray) -> np.ndarray:
    """Return unit quaternions x, y, z, w (*, 17, 4) of joints (*, 17, 3), metres.

    They turn the frame of each joint's segment into the frame of the joints; unknown joints are NaN.
    NaN for wrists and ankles, since hands and feet are not known, for segments with an unknown
    joint, and for thighs, shins, upper arms and forearms of a limb that is bent by less than 20 or
    more than 160 degrees.
    """
    xyz = xyz.astype(np.float64)
    vectors = xyz[..., _ENDS, :] - xyz[..., _STARTS, :]
    units = _normalized(vectors, _MIN_LENGTH)
    trunk = _normalized(vectors[..., _HIPS, :] + vectors[..., _SHOULDERS, :], _MIN_LENGTH)
    bends = _normalized(_cross(units[..., _BENDS[0], :], units[..., _BENDS[1], :]), _MIN_BEND)
    left = np.concatenate((units[..., [_HIPS], :], trunk[..., None, :],
                           units[..., [_SHOULDERS], :], bends), -2)[..., _LEFT, :]
    z = units[..., _ALONG, :]
    x = _normalized(_cross(left, z), _MIN_SINE)
    # The line of the hips is the pelvis's own; other segments have their own z.
    z[..., _PELVIS, :] = _cross(x[..., _PELVIS, :], left[..., _PELVIS, :])
    face = z[..., _HEAD, :].copy()
    z[..., _HEAD, :] = face * math.cos(_FACE_ANGLE) + x[..., _HEAD, :] * math.sin(_FACE_ANGLE)
    x[..., _HEAD, :] = x[..., _HEAD, :] * math.cos(_FACE_ANGLE) - face * math.sin(_FACE_ANGLE)
    result = np.full((*xyz.shape[:-1], 4), np.nan)
    result[..., _JOINTS, :] = quaternions_of(np.stack((x, _cross(z, x), z), -1))
    return result


def _normalized(vectors: np.ndarray, shortest: float) -> np.ndarray:
    """Return unit vectors (*, 3), NaN for vectors shorter than `shortest`."""
    length = np.sqrt((vectors * vectors).sum(-1, keepdims=True))
    return vectors / np.where(length < shortest, np.nan, length)


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the cross products of vectors (*, 3); faster than NumPy's for a few."""
    return a[..., _NEXT] * b[..., _AFTER_NEXT] - a[..., _AFTER_NEXT] * b[..., _NEXT]
