# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Position of a person: the root position that fits a root-relative pose to the keypoints' rays.

A pose in metres and the rays through its keypoints determine the position by linear least squares.
The image does not determine the size: a person who is 5 % larger and 5 % further away looks the
same.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from pose_machine_ros.devices import index_tensor
from pose_machine_ros.skeleton import SHARED_JOINTS, SHARED_KEYPOINTS

_MIN_DEPTH = 0.2  # metres
_TOLERANCE = 0.04  # metres at the person; larger residuals lose weight


def locate(joints: Tensor, plane: Tensor, weights: Tensor, rounds: int = 3) -> Tensor:
    """Return the position of the pelvis (*, 3), metres, in the frame of the keypoints' camera.

    `joints` (*, 17, 3) are relative to the pelvis, metres; `plane` (*, 17, 2) are COCO-17 keypoints
    as x/z, y/z; `weights` (*, 17) are 0 for unseen keypoints. With fewer than two keypoints the
    position is NaN. The least squares are solved `rounds` times: by the scores only at first, and
    then with less weight for keypoints with a large residual.
    """
    seen_joints, seen_keypoints = (index_tensor(tuple(indices), joints.device)
                                   for indices in (SHARED_JOINTS, SHARED_KEYPOINTS))
    across, depth = joints.index_select(-2, seen_joints).split((2, 1), -1)
    plane = plane.index_select(-2, seen_keypoints)
    score = weights.index_select(-1, seen_keypoints)[..., None]
    # Each keypoint (u, v) has the equations x - u z = 0 and y - v z = 0 at its joint. So the
    # root's x and y are those of a line over its z: x = u z + (u z_joint - x_joint).
    values = torch.cat((plane, plane * depth - across), -1)  # slope and offset, in x and in y
    trust = score
    for i in range(rounds):
        mean = (trust.mT @ values) / trust.sum(-2, keepdim=True).clamp_min(1e-9)
        slope, offset = (values - mean).split(2, -1)
        weighted = trust * slope
        z = -(weighted * offset).sum((-2, -1)) / (weighted * slope).sum((-2, -1)).clamp_min(1e-9)
        z = z[..., None, None]
        if i + 1 < rounds:
            residual = torch.linalg.vector_norm(
                torch.addcmul(offset, slope, z), dim=-1, keepdim=True)
            trust = score / (1 + (residual / _TOLERANCE).square())
    mean_slope, mean_offset = mean.split(2, -1)
    root = torch.cat((torch.addcmul(mean_offset, mean_slope, z), z.clamp_min(_MIN_DEPTH)), -1)
    enough = (score > 0).sum((-2, -1))[..., None] >= 2
    return torch.where(enough, root[..., 0, :], torch.nan)


class RootEquations(NamedTuple):
    """The least squares of `locate` in one round, for several poses with the same keypoints."""

    plane: Tensor  # (P, 13, 2) of the keypoints that are joints
    share: Tensor  # (P, 1, 13) of each keypoint in the means; they add up to 1
    mean_slope: Tensor  # (P, 1, 2)
    leverage: Tensor  # (P, 13, 2) of each equation on the depth

    @classmethod
    def of(cls, plane: Tensor, weights: Tensor) -> RootEquations:
        """Return the equations of keypoints (P, 13, 2) with weights (P, 13), 0 for unseen ones."""
        share = (weights / weights.sum(-1, keepdim=True).clamp_min(1e-9))[:, None]
        mean_slope = share @ plane
        slope = plane - mean_slope
        weighted = share.mT * slope
        squared = (weighted * slope).sum((-2, -1), keepdim=True).clamp_min(1e-9)
        return cls(plane, share, mean_slope, weighted / squared)

    def place(self, joints: Tensor) -> tuple[Tensor, Tensor]:
        """Return x, y (P, 13, 2) and z (P, 13, 1) of root-relative joints (P, 13, 3), placed."""
        across, depth = joints.split((2, 1), -1)
        offset = torch.addcmul(across, self.plane, depth, value=-1)  # negative, as in `locate`
        z = (self.leverage * offset).sum((-2, -1), keepdim=True)
        root = torch.baddbmm(self.mean_slope * z, self.share, offset, alpha=-1)
        return across + root, (depth + z).clamp_min(_MIN_DEPTH)
