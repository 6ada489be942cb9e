# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Stretching of a body, so that limbs, trunk and widths vary independently of each other."""

from __future__ import annotations

import numpy as np

from pose_machine_ros.synthesis.rendered import rig
from pose_machine_ros.synthesis.rendered.body import Body, BodyModel
from pose_machine_ros.synthesis.rendered.rotations import unit

_SIGMA = 0.06  # of the logarithm of each factor
_SHOULDERS = 1.04  # mean factor of the width of the shoulders
_FACTORS = (*rig.LIMBS, 'trunk', 'hips', 'shoulders', 'head')


def random_stretches(model: BodyModel, body: Body, rng: np.random.Generator) -> np.ndarray:
    """Return linear maps (B, 3, 3) of the rest pose: a random stretch of each bone's part."""
    factors = {name: np.exp(rng.normal(0, _SIGMA)) for name in _FACTORS}
    factors['shoulders'] *= _SHOULDERS
    return np.stack([_stretch(model, body, bone, part, factors)
                     for bone, part in zip(model.bones, model.bone_parts)])


def _stretch(model: BodyModel, body: Body, bone: str, part: str,
             factors: dict[str, float]) -> np.ndarray:
    if part in rig.LIMBS:
        start, end = (model.index(rig.on_side(b, rig.side_of(bone))) for b in rig.LIMBS[part])
        along = unit(body.heads[end] - body.heads[start])
        return np.eye(3) + (factors[part] - 1) * np.outer(along, along)
    hips, shoulders, trunk = (factors[name] for name in ('hips', 'shoulders', 'trunk'))
    # The trunk alone gets longer: clavicles and breasts move with it.
    length = trunk if bone.startswith('spine') else 1
    return {'pelvis': np.diag((hips, 1, 1)),
            'abdomen': np.diag(((hips + shoulders) / 2, 1, length)),
            'chest': np.diag((shoulders, 1, length)),
            'head': np.eye(3) * factors['head']}.get(part, np.eye(3))
