# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Rotations of the synthetic people: the frame of the trunk, and rotations about an axis."""

from __future__ import annotations

import torch
from torch import Tensor

from pose_machine_ros.skeleton import MOCAP_25


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
