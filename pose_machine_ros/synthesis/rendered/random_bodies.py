# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Random bodies from the parametric body model anny.

Brégier et al., Human Mesh Modeling for Anny Body, 2025.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
import torch

from pose_machine_ros.skeleton import COCO_17
from pose_machine_ros.synthesis.rendered.body import Body, BodyModel
from pose_machine_ros.synthesis.rendered.packages import anny, SimpleShapeDistribution

_AGES = (14.0, 80.0)  # years


class RandomBodies:
    """A source of random bodies; the first use of anny on a machine takes a minute."""

    def __init__(self) -> None:
        self._anny = anny.Anny(phenotypes='all', skinning_method='lbs')
        ages = (torch.tensor(age, dtype=self._anny.dtype) for age in _AGES)
        self._shapes = SimpleShapeDistribution(
            self._anny, morphological_age_distribution=torch.distributions.Uniform(*ages))
        self.model = BodyModel(
            tuple(self._anny.bone_labels), tuple(self._anny.bone_parents),
            self._anny.get_triangular_faces().numpy().astype(np.int32), self._weights(),
            self._keypoint_weights())

    def sample(self, rng: np.random.Generator) -> Body:
        """Return a random body: any gender, age from 14 years, stature, weight and muscles."""
        with torch.random.fork_rng(devices=[]):  # anny draws from the global generator
            torch.manual_seed(int(rng.integers(2 ** 62)))
            _, phenotype = self._shapes.sample(1)
        rest = self._anny.get_rest_model(
            self._anny.get_phenotype_blendshape_coefficients(**phenotype))
        return Body(rest['rest_vertices'][0].float().numpy(),
                    rest['rest_bone_heads'][0].double().numpy())

    def _weights(self) -> sparse.csr_matrix:
        bones = self._anny.vertex_bone_indices.numpy()
        weights = self._anny.vertex_bone_weights.numpy().astype(np.float32)
        rows = np.repeat(np.arange(len(bones)), bones.shape[1])
        return sparse.csr_matrix((weights.ravel(), (rows, bones.ravel())),
                                 (len(bones), self._anny.bone_count))

    def _keypoint_weights(self) -> sparse.csr_matrix:
        regressor = anny.KeypointsRegressor.coco(self._anny, labels=list(COCO_17.names))
        weights = regressor.regression_weights.numpy().astype(np.float32)
        return sparse.csr_matrix(np.where(np.abs(weights) > 1e-7, weights, 0))
