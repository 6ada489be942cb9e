# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A human body at rest, and what all bodies of a model share: bones, faces and weights."""

from __future__ import annotations

from dataclasses import dataclass
import functools

import numpy as np
from scipy import sparse

from pose_machine_ros.synthesis.rendered import rig


@dataclass(frozen=True)
class Body:
    """A body at rest, arms and legs a little spread."""

    vertices: np.ndarray  # (V, 3) metres
    heads: np.ndarray  # (B, 3) metres, where each bone begins


@dataclass(frozen=True, eq=False)
class BodyModel:
    """What all bodies share."""

    bones: tuple[str, ...]  # names as in rig.py, parents first
    parents: tuple[int, ...]  # -1 for the root
    faces: np.ndarray  # (F, 3) vertices, counterclockwise from outside
    weights: sparse.csr_matrix  # (V, B) of the bones, sum 1
    keypoint_weights: sparse.csr_matrix  # (17, V) of the vertices, COCO-17

    def index(self, bone: str) -> int:
        """Return the position of a bone; raises ValueError if there is none."""
        return self.bones.index(bone)

    @functools.cached_property
    def bone_parts(self) -> np.ndarray:
        """Return the part of the body (B,) that each bone moves."""
        return np.array([rig.part_of(bone) for bone in self.bones])

    @functools.cached_property
    def vertex_parts(self) -> np.ndarray:
        """Return the part of the body (V,) that each vertex belongs to."""
        return self.bone_parts[np.asarray(self.weights.argmax(1)).ravel()]

    def keypoints(self, vertices: np.ndarray) -> np.ndarray:
        """Return the COCO-17 points (T, 17, 3) of the surface (T, V, 3)."""
        return np.stack([self.keypoint_weights @ frame for frame in vertices])

    def normals(self, vertices: np.ndarray) -> np.ndarray:
        """Return the normals of the surface (T, V, 3), in the same shape, of length 1."""
        return np.stack([self._normals(frame) for frame in vertices])

    def _normals(self, vertices: np.ndarray) -> np.ndarray:
        a, b, c = (vertices[self.faces[:, i]] for i in range(3))
        normals = self._faces_at_vertices @ np.cross(b - a, c - a).astype(np.float32)
        return normals / np.linalg.norm(normals, axis=-1, keepdims=True).clip(1e-9)

    @functools.cached_property
    def _faces_at_vertices(self) -> sparse.csr_matrix:
        count, corners = len(self.faces), self.faces.ravel()
        return sparse.csr_matrix(
            (np.ones(corners.size, np.float32), (corners, np.repeat(np.arange(count), 3))),
            (self.weights.shape[0], count))
