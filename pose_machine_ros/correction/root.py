# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Position of a person: the root position that fits a root-relative pose to the keypoints' rays.

A pose in metres and the rays through its keypoints determine the position by linear least squares.
The image does not determine the size: a person who is 5 % larger and 5 % further away looks the
same.
"""

from __future__ import annotations

import torch
from torch import Tensor

from pose_machine_ros.skeleton import SHARED_JOINTS, SHARED_KEYPOINTS

_ROUNDS = 3  # of reweighting; the first round uses the scores only
_MIN_DEPTH = 0.2  # metres
_TOLERANCE = 0.04  # metres at the person; larger residuals lose weight


def locate(joints: Tensor, plane: Tensor, weights: Tensor) -> Tensor:
    """Return the position of the pelvis (*, 3), metres, in the frame of the keypoints' camera.

    `joints` (*, 17, 3) are relative to the pelvis, metres; `plane` (*, 17, 2) are COCO-17 keypoints
    as x/z, y/z; `weights` (*, 17) are 0 for unseen keypoints. With fewer than two keypoints the
    position is NaN.
    """
    joints = joints[..., SHARED_JOINTS, :]
    plane = plane[..., SHARED_KEYPOINTS, :]
    score = weights[..., SHARED_KEYPOINTS]
    # Each keypoint (u, v) has the equations x - u z = 0 and y - v z = 0 at its joint.
    rows = torch.zeros(*plane.shape, 3).to(joints)
    rows[..., 0, 0] = rows[..., 1, 1] = 1
    rows[..., 2] = -plane
    wanted = -(rows @ joints[..., None])[..., 0]  # (*, K, 2)
    trust = score
    for _ in range(_ROUNDS):
        weighted = rows * trust[..., None, None]
        normal = (rows.mT @ weighted).sum(-3)
        right = (weighted * wanted[..., None]).sum((-2, -3))
        damping = 1e-6 * torch.eye(3).to(normal)
        factor, _ = torch.linalg.cholesky_ex(normal + damping)
        root = torch.cholesky_solve(right[..., None], factor)[..., 0]
        residual = ((rows @ root[..., None, :, None])[..., 0] - wanted).norm(dim=-1)
        trust = score / (1 + (residual / _TOLERANCE).square())
    enough = (score > 0).sum(-1, keepdim=True) >= 2
    root = torch.cat((root[..., :2], root[..., 2:].clamp_min(_MIN_DEPTH)), -1)
    return torch.where(enough, root, torch.nan)
