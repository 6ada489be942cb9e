# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Postures that were not captured: limbs of other motions, sitting, crouching, lying, leaning.

Joints are those of MOCAP_25, (B, T, 25, 3), in a world frame with z up. Bones may have any length
that is constant over a clip; `bodies.randomize_bodies` sets their final lengths.
"""

from __future__ import annotations

from dataclasses import dataclass
import math

import torch
from torch import Tensor

from pose_machine_ros.skeleton import MOCAP_25


@dataclass(frozen=True)
class PostureConfig:
    """Shares of the clips with each change."""

    mix: float = 0.5  # with limbs of another clip, each limb with probability 0.5
    sit: float = 0.06
    crouch: float = 0.03
    lie: float = 0.04
    lean: float = math.radians(6)  # standard deviation of the tilt of the whole body, in all clips


_LIMBS = tuple(
    (MOCAP_25.index(f'{side}_{root}'), [MOCAP_25.index(f'{side}_{part}') for part in parts])
    for side in ('left', 'right')
    for root, parts in (('shoulder', ('elbow', 'wrist', 'hand')),
                        ('hip', ('knee', 'ankle', 'toe', 'heel'))))
_THIGH, _SHANK, _FOOT, _HEEL = 0.43, 0.42, 0.15, 0.07  # metres; any lengths will do


def randomize_postures(joints: Tensor, others: Tensor, generator: torch.Generator,
                       config: PostureConfig = PostureConfig()) -> Tensor:
    """Return B clips with random changes of posture; `others` are B clips with other limbs."""
    batch = len(joints)

    def chosen(share: float, *shape: int) -> Tensor:
        return torch.rand(batch, *shape, generator=generator) < share

    limbs = chosen(config.mix, 1) & chosen(0.5, len(_LIMBS))
    joints = mix_limbs(joints, others, limbs)
    kind = torch.rand(batch, generator=generator)
    sits, crouches = kind < config.sit, (kind >= config.sit) & (kind < config.sit + config.crouch)
    lies = kind > 1 - config.lie
    folded = fold_legs(joints, crouches, generator)
    joints = torch.where((sits | crouches)[:, None, None, None], folded, joints)
    return tilt(joints, lies, config.lean, generator)


def mix_limbs(joints: Tensor, others: Tensor, limbs: Tensor) -> Tensor:
    """Return clips whose `limbs` (B, 4) move relative to the trunk as those of the other clips.

    The limbs are left arm, left leg, right arm, right leg.
    """
    rotation = trunk_frame(joints) @ trunk_frame(others).mT  # (B, T, 3, 3)
    out = joints.clone()
    for limb, (root, parts) in enumerate(_LIMBS):
        bones = others[:, :, parts] - others[:, :, root, None]
        moved = joints[:, :, root, None] + bones @ rotation.mT
        out[:, :, parts] = torch.where(limbs[:, limb, None, None, None], moved, joints[:, :, parts])
    return out


def fold_legs(joints: Tensor, crouches: Tensor, generator: torch.Generator) -> Tensor:
    """Return the clips with the legs of a person who sits, or crouches if `crouches` (B,)."""
    batch = len(joints)

    def between(low: float, high: float) -> Tensor:
        return torch.deg2rad(low + (high - low) * torch.rand(batch, generator=generator))

    frame = trunk_frame(joints)
    forward = frame[..., 1] * torch.tensor((1.0, 1.0, 0.0))
    forward = torch.nn.functional.normalize(forward, dim=-1)  # (B, T, 3), level
    up = torch.tensor((0.0, 0.0, 1.0)).expand_as(forward)
    left = torch.linalg.cross(up, forward)
    out = joints.clone()
    for side, outward in (('left', left), ('right', -left)):
        raised = torch.where(crouches, between(0, 50), between(-20, 20))
        spread = between(-8, 35)
        # Angle between shank and straight down, positive if the ankle is in front of the knee.
        swing = torch.where(crouches, between(-65, -20), between(-35, 40))

        def along(elevation: Tensor, sideways: Tensor) -> Tensor:
            e, s = elevation[:, None, None], sideways[:, None, None]
            return e.cos() * (s.cos() * forward + s.sin() * outward) + e.sin() * up

        thigh = along(raised, spread)
        shank = along(swing - math.pi / 2, spread)
        foot = along(between(-20, 10), spread)
        hip = joints[:, :, MOCAP_25.index(f'{side}_hip')]
        knee = hip + _THIGH * thigh
        ankle = knee + _SHANK * shank
        for part, position in (('knee', knee), ('ankle', ankle), ('toe', ankle + _FOOT * foot),
                               ('heel', ankle - _HEEL * (foot + up))):
            out[:, :, MOCAP_25.index(f'{side}_{part}')] = position
    return out


def tilt(joints: Tensor, lies: Tensor, sigma: float, generator: torch.Generator) -> Tensor:
    """Rotate each clip about a horizontal axis through the pelvis: by about 90 degrees if `lies`.

    The angle of other clips is normal with the standard deviation `sigma` in radians.
    """
    batch = len(joints)
    angle = sigma * torch.randn(batch, generator=generator)
    lying = math.pi / 2 + 0.2 * torch.randn(batch, generator=generator)
    angle = torch.where(lies, lying, angle)
    azimuth = 2 * math.pi * torch.rand(batch, generator=generator)
    axis = torch.stack((azimuth.cos(), azimuth.sin(), torch.zeros(batch)), -1)
    rotation = axis_angle_to_matrix(axis * angle[:, None])[:, None]
    root = joints[:, :, :1]
    return (joints - root) @ rotation.mT + root


def trunk_frame(joints: Tensor) -> Tensor:
    """Return (B, T, 3, 3) whose columns are the trunk's left, forward and down."""
    left = joints[:, :, MOCAP_25.index('left_hip')] - joints[:, :, MOCAP_25.index('right_hip')]
    up = joints[:, :, MOCAP_25.index('thorax')] - joints[:, :, 0]
    left = torch.nn.functional.normalize(left, dim=-1)
    forward = torch.nn.functional.normalize(torch.linalg.cross(left, up), dim=-1)
    return torch.stack((left, forward, torch.linalg.cross(left, forward)), -1)


def axis_angle_to_matrix(vector: Tensor) -> Tensor:
    """Return rotations (*, 3, 3) about the axes (*, 3) by their length in radians (Rodrigues)."""
    angle = vector.norm(dim=-1, keepdim=True)
    x, y, z = (vector / angle.clamp_min(1e-9)).unbind(-1)
    zero = torch.zeros_like(x)
    skew = torch.stack((zero, -z, y, z, zero, -x, -y, x, zero), -1).unflatten(-1, (3, 3))
    angle = angle[..., None]
    return torch.eye(3).to(vector) + angle.sin() * skew + (1 - angle.cos()) * (skew @ skew)
