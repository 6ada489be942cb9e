# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Skeletons drawn over their image."""

from __future__ import annotations

import numpy as np
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.rendering import style


def draw_overlay(image: np.ndarray, skeletons: list[Skeleton], camera: Camera) -> np.ndarray:
    """Return a copy of (H, W, 3) BGR with the 3D skeletons projected into it.

    Lines show the corrected 3D pose seen through `camera`, orange on the person's left and blue on
    their right. Rings show the 2D keypoints from which the pose was lifted.
    """
    canvas = image.copy()
    unit = max(image.shape[:2]) / 640
    for skeleton in skeletons:
        joints = camera.project(torch.from_numpy(skeleton.xyz).double()).numpy()
        if not np.isfinite(joints).any():
            continue
        colour = style.person_colour(skeleton.id)
        style.draw_bones(
            canvas, joints, skeleton.joint_scores, max(1, round(2.5 * unit)), 1.6 * unit)
        for u, v, score in skeleton.keypoints:
            if score >= style.MIN_KEYPOINT_SCORE:
                style.draw_dot(canvas, np.array((u, v)), colour, 3.2 * unit,
                               max(1, round(0.8 * unit)))
        top = np.nanmin(joints[:, 1])
        label = f'{skeleton.id}  {np.linalg.norm(np.nanmean(skeleton.xyz, 0)):.2f} m'
        style.draw_text(canvas, label, (np.nanmin(joints[:, 0]), top - 8 * unit), colour,
                        0.5 * max(1.0, unit))
    return canvas
