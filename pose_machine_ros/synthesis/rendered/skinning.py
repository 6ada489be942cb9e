# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Linear blend skinning: a body follows its bones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pose_machine_ros.synthesis.rendered.body import Body, BodyModel
from pose_machine_ros.synthesis.rendered.rotations import turned


@dataclass(frozen=True)
class PosedBones:
    """Bones of T frames, relative to the head of the root."""

    linear: np.ndarray  # (T, B, 3, 3), rotation and stretch of the rest pose
    heads: np.ndarray  # (T, B, 3) metres


def pose(model: BodyModel, body: Body, rotations: np.ndarray, stretches: np.ndarray) -> PosedBones:
    """Return the bones, stretched by (B, 3, 3), then rotated from rest by (T, B, 3, 3)."""
    linear = rotations @ stretches
    heads = np.zeros((*rotations.shape[:2], 3))
    for bone, parent in enumerate(model.parents):
        if parent >= 0:
            offset = body.heads[bone] - body.heads[parent]
            heads[:, bone] = heads[:, parent] + linear[:, parent] @ offset
    return PosedBones(linear, heads)


def skin(model: BodyModel, body: Body, vertices: np.ndarray, bones: PosedBones) -> np.ndarray:
    """Return vertices (T, V, 3) float32 that are at `vertices` (V, 3) in the rest pose."""
    shifts = bones.heads - turned(bones.linear, body.heads)
    maps = np.concatenate((bones.linear, shifts[..., None]), -1)  # (T, B, 3, 4)
    count = len(maps)
    flat = maps.transpose(1, 0, 2, 3).reshape(len(model.bones), -1).astype(np.float32)
    blended = (model.weights @ flat).reshape(-1, count, 3, 4)
    ones = np.ones((len(vertices), 1), np.float32)
    homogeneous = np.concatenate((vertices.astype(np.float32), ones), 1)
    return np.einsum('vtij,vj->tvi', blended, homogeneous)
