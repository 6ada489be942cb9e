# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Random human bodies at rest, from the parametric body model anny (Brégier et al., 2025)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
import torch

from pose_machine_ros.skeleton import COCO_17
from pose_machine_ros.synthesis.rendered import rig
from pose_machine_ros.synthesis.rendered.packages import anny, SimpleShapeDistribution

_AGES = (14.0, 80.0)  # years


@dataclass(frozen=True)
class Body:
    """A body at rest, arms and legs a little spread."""

    vertices: np.ndarray  # (V, 3) metres
    heads: np.ndarray  # (B, 3) metres, where each bone begins


class BodyModel:
    """What all bodies share: bones, faces and weights; and a source of random bodies."""

    def __init__(self) -> None:
        self._model = anny.Anny(phenotypes='all', skinning_method='lbs')
        ages = (torch.tensor(age, dtype=self._model.dtype) for age in _AGES)
        self._shapes = SimpleShapeDistribution(
            self._model, morphological_age_distribution=torch.distributions.Uniform(*ages))
        self.bones: tuple[str, ...] = tuple(self._model.bone_labels)
        self.parents: list[int] = list(self._model.bone_parents)  # -1 for the root, parents first
        self.faces: np.ndarray = self._model.get_triangular_faces().numpy().astype(np.int32)
        self.weights = self._skinning_weights()  # (V, B), sparse
        self.keypoint_weights = self._keypoint_weights()  # (17, V), sparse, COCO-17
        self.bone_parts = np.array([rig.part_of(bone) for bone in self.bones])
        self.vertex_parts = self.bone_parts[self.weights.argmax(1).A1]
        count, corners = len(self.faces), self.faces.ravel()
        self.faces_at_vertices = sparse.csr_matrix(
            (np.ones(corners.size, np.float32), (corners, np.repeat(np.arange(count), 3))),
            (self.weights.shape[0], count))

    def index(self, bone: str) -> int:
        """Return the position of a bone; raises ValueError if there is none."""
        return self.bones.index(bone)

    def sample(self, rng: np.random.Generator) -> Body:
        """Return a random body: any gender, age from 14 years, stature, weight and muscles."""
        with torch.random.fork_rng(devices=[]):  # anny draws from the global generator
            torch.manual_seed(int(rng.integers(2 ** 62)))
            _, phenotype = self._shapes.sample(1)
        rest = self._model.get_rest_model(
            self._model.get_phenotype_blendshape_coefficients(**phenotype))
        return Body(rest['rest_vertices'][0].float().numpy(),
                    rest['rest_bone_heads'][0].numpy())

    def keypoints(self, vertices: np.ndarray) -> np.ndarray:
        """Return the COCO-17 keypoints (T, 17, 3) of the surface (T, V, 3)."""
        return np.stack([self.keypoint_weights @ frame for frame in vertices])

    def normals(self, vertices: np.ndarray) -> np.ndarray:
        """Return the normals (T, V, 3), of length 1, of the surface (T, V, 3)."""
        return np.stack([self._normals(frame) for frame in vertices])

    def _normals(self, vertices: np.ndarray) -> np.ndarray:
        a, b, c = (vertices[self.faces[:, i]] for i in range(3))
        normals = self.faces_at_vertices @ np.cross(b - a, c - a).astype(np.float32)
        return normals / np.linalg.norm(normals, axis=-1, keepdims=True).clip(1e-9)

    def _skinning_weights(self) -> sparse.csr_matrix:
        bones = self._model.vertex_bone_indices.numpy()
        weights = self._model.vertex_bone_weights.numpy().astype(np.float32)
        rows = np.repeat(np.arange(len(bones)), bones.shape[1])
        return sparse.csr_matrix((weights.ravel(), (rows, bones.ravel())),
                                 (len(bones), len(self.bones)))

    def _keypoint_weights(self) -> sparse.csr_matrix:
        regressor = anny.KeypointsRegressor.coco(self._model, labels=list(COCO_17.names))
        weights = regressor.regression_weights.numpy().astype(np.float32)
        return sparse.csr_matrix(np.where(np.abs(weights) > 1e-7, weights, 0))
