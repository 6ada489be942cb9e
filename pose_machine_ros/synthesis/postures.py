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
from pose_machine_ros.synthesis.folding import fold, random_shares
from pose_machine_ros.synthesis.rotations import axis_angle_to_matrix, trunk_frame


@dataclass(frozen=True)
class PostureConfig:
    """Shares of the clips with each change."""

    mix: float = 0.5  # with limbs of another clip, each limb with probability 0.5
    sit: float = 0.14
    crouch: float = 0.08
    bend: float = 0.08  # bend the trunk while they stand or walk
    lie: float = 0.04
    lean: float = math.radians(6)  # standard deviation of the tilt of the whole body, in all clips


_LIMBS = tuple(
    (MOCAP_25.index(f'{side}_{root}'), [MOCAP_25.index(f'{side}_{part}') for part in parts])
    for side in ('left', 'right')
    for root, parts in (('shoulder', ('elbow', 'wrist', 'hand')),
                        ('hip', ('knee', 'ankle', 'toe', 'heel'))))


def randomize_postures(joints: Tensor, others: Tensor, steps: Tensor, generator: torch.Generator,
                       config: PostureConfig = PostureConfig()) -> Tensor:
    """Return B clips with random changes of posture.

    `others` are B clips with other limbs, and `steps` (B, T) the seconds since the frame before.
    """
    batch = len(joints)

    def chosen(share: float, *shape: int) -> Tensor:
        return torch.rand(batch, *shape, generator=generator) < share

    limbs = chosen(config.mix, 1) & chosen(0.5, len(_LIMBS))
    joints = mix_limbs(joints, others, limbs)
    kind = torch.rand(batch, generator=generator)
    ends = torch.tensor((config.sit, config.crouch, config.bend)).cumsum(0)
    sits, crouches, bends = (kind < ends[0], (kind >= ends[0]) & (kind < ends[1]),
                             (kind >= ends[1]) & (kind < ends[2]))
    lies = kind > 1 - config.lie
    share = random_shares(steps, generator)
    joints = fold(joints, sits, crouches, bends, share, generator)
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
