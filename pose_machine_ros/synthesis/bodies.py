# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Variation of the captured people: other bodies, other postures, mirrored."""

from __future__ import annotations

import torch
from torch import Tensor

from pose_machine_ros.lifting.recurrent_lifter import NOMINAL_STATURE
from pose_machine_ros.skeleton import MOCAP_25
from pose_machine_ros.synthesis.rotations import axis_angle_to_matrix, trunk_frame

# Mean length in metres from parent to joint, for an adult of _ADULT_STATURE.
_ADULT_STATURE = 1.70  # metres
_LENGTHS = {'hip': 0.10, 'knee': 0.41, 'ankle': 0.41, 'thorax': 0.46, 'nose': 0.21,
            'head_top': 0.28, 'shoulder': 0.185, 'elbow': 0.285, 'wrist': 0.25, 'toe': 0.145,
            'heel': 0.085, 'hand': 0.085, 'ear': 0.19}
_STATURE_PARTS = ('knee', 'ankle', 'thorax', 'head_top')
_STATURE_BONES = sum(_LENGTHS[p] for p in _STATURE_PARTS)
# Standard deviation of the logarithm of each bone length, the same left and right. Hips and
# shoulders vary more: 2D networks place them elsewhere than motion capture does.
_LENGTH_SIGMA = {'hip': 0.12, 'shoulder': 0.09}
_USUAL_LENGTH_SIGMA = 0.06

# Standard deviation in radians of the rotation of a limb from that joint on, which is constant over
# the clip. The values are found by experiment; without them the network overfits to the postures of
# the few captured subjects.
_POSTURE_SIGMA = {'thorax': 0.25, 'head_top': 0.15, 'nose': 0.15, 'ear': 0.15, 'elbow': 0.4,
                  'wrist': 0.3, 'knee': 0.25, 'ankle': 0.15}
_POSTURE_PROBABILITY = 0.7
_POSTURE_RANGE = (0.3, 2.0)  # factor on the standard deviations, drawn per clip
_KNEE_LIMIT = 0.09  # sine of the largest angle by which a knee bends to the front

_MIRROR = list(MOCAP_25.mirror)
_SPINE, _THORAX = MOCAP_25.index('spine'), MOCAP_25.index('thorax')


def _part(name: str) -> str:
    return name if name == 'head_top' else name.rpartition('_')[2]


def _parents_first() -> list[int]:
    order: list[int] = [0]
    while len(order) < len(MOCAP_25):
        order += [i for i, p in enumerate(MOCAP_25.parents) if p in order and i not in order]
    return order


_ORDER = [i for i in _parents_first()[1:] if i != _SPINE]


def mirror(joints: Tensor) -> Tensor:
    """Return (*, 25, 3) mirrored at the x-z plane, with left and right swapped."""
    return joints[..., _MIRROR, :] * joints.new_tensor((1, -1, 1))


def randomize_bodies(joints: Tensor, generator: torch.Generator) -> Tensor:
    """Return B clips (B, T, 25, 3), each with a random body and posture.

    The bone lengths vary independently around those of an adult of NOMINAL_STATURE, and each limb
    is rotated by an angle that is constant over the clip. The pelvis keeps its position.
    """
    batch = joints.shape[0]
    lengths = _random_lengths(batch, generator).to(joints)
    rotations = _random_postures(batch, generator).to(joints)
    body = trunk_frame(joints)  # (B, T, 3, 3), columns are the body's axes

    placed = {0: joints[:, :, 0]}
    total = {0: torch.eye(3).to(joints).expand(batch, 3, 3)}
    for i in _ORDER:
        parent = MOCAP_25.parents[i]
        bone = joints[:, :, i] - joints[:, :, parent]
        norm = bone.norm(dim=-1, keepdim=True).clamp_min(1e-6)
        # The length of the trunk changes as it bends; the ratio to the median is kept.
        bone = bone / norm.median(1, keepdim=True).values * lengths[:, None, i, None]
        total[i] = total[parent] @ rotations[:, i]
        bone = (body @ (total[i][:, None] @ (body.mT @ bone[..., None])))[..., 0]
        if _part(MOCAP_25.names[i]) == 'ankle':
            hip = MOCAP_25.parents[parent]
            left = (body @ total[parent][:, None])[..., 0]
            bone = _unbend(bone, placed[parent] - placed[hip], left)
        placed[i] = placed[parent] + bone
    placed[_SPINE] = (placed[0] + placed[_THORAX]) / 2
    return torch.stack([placed[i] for i in range(len(MOCAP_25))], 2)


def stature_of(joints: Tensor) -> float:
    """Return the height in metres of the person in (T, 25, 3), estimated from bone lengths."""
    parts = [MOCAP_25.index(p if p in MOCAP_25.names else f'left_{p}') for p in _STATURE_PARTS]
    parents = [MOCAP_25.parents[i] for i in parts]
    bones = (joints[:, parts] - joints[:, parents]).norm(dim=-1)
    return float(bones.median(0).values.sum()) / _STATURE_BONES * _ADULT_STATURE


def _random_lengths(batch: int, generator: torch.Generator) -> Tensor:
    """Return bone lengths (B, 25) of people of NOMINAL_STATURE."""
    scale = {part: torch.exp(_LENGTH_SIGMA.get(part, _USUAL_LENGTH_SIGMA)
                             * torch.randn(batch, generator=generator)) for part in _LENGTHS}
    stature = sum(_LENGTHS[p] * scale[p] for p in _STATURE_PARTS)
    nominal = _STATURE_BONES * NOMINAL_STATURE / _ADULT_STATURE
    out = torch.zeros(batch, len(MOCAP_25))
    for i in _ORDER:
        part = _part(MOCAP_25.names[i])
        out[:, i] = _LENGTHS[part] * scale[part] * nominal / stature
    return out


def _random_postures(batch: int, generator: torch.Generator) -> Tensor:
    """Return rotations (B, 25, 3, 3) of each bone relative to its parent, in the body's frame."""
    sigma = torch.zeros(len(MOCAP_25))
    for i in _ORDER:
        sigma[i] = _POSTURE_SIGMA.get(_part(MOCAP_25.names[i]), 0.0)
    angles = torch.randn(batch, len(MOCAP_25), 3, generator=generator) * sigma[:, None]
    # Nose, head top and ears are parts of a rigid head.
    head = [i for i, n in enumerate(MOCAP_25.names) if _part(n) in ('nose', 'head_top', 'ear')]
    angles[:, head] = angles[:, head[:1]]
    low, high = _POSTURE_RANGE
    angles *= low + (high - low) * torch.rand(batch, 1, 1, generator=generator)
    angles *= (torch.rand(batch, 1, 1, generator=generator) < _POSTURE_PROBABILITY)
    return axis_angle_to_matrix(angles)


def _unbend(shank: Tensor, thigh: Tensor, left: Tensor) -> Tensor:
    """Return shanks (*, 3) that bend to the front of their thighs by no more than a knee can.

    Elbows need no limit, because the upper arm can rotate about its axis by half a turn.
    """
    front = torch.nn.functional.normalize(torch.linalg.cross(thigh, left), dim=-1)
    length = shank.norm(dim=-1, keepdim=True)
    excess = (shank * front).sum(-1, keepdim=True) / length - _KNEE_LIMIT
    turned = shank / length - excess.clamp_min(0) * front
    return torch.nn.functional.normalize(turned, dim=-1) * length
