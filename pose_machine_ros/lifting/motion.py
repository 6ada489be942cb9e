# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Expected motion in the image of people known in 3D."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.lifting.person import LiftedPerson
from pose_machine_ros.pose import Motion, Skeleton

_LINE = np.float32((0, 0.3, 0))  # metres
_STOPPING_SECONDS = 0.6  # in which the velocity of an unseen person falls to 1 / e


def predict_motion(people: Mapping[str, LiftedPerson], stamp_ns: int,
                   camera: Camera) -> dict[str, Motion]:
    """Return the expected motion in the image from when people were last seen to `stamp_ns`, by id.

    People who were never lifted, or who are outside of the field of view, are left out.
    """
    lifted = {i: p for i, p in people.items() if p.skeleton is not None}
    if not lifted:
        return {}
    before = np.stack([p.skeleton.xyz.mean(0) for p in lifted.values()])
    after = before + np.stack([
        _displacement(p.skeleton, p.time_step(stamp_ns)) for p in lifted.values()])
    centres = np.stack((before, after))
    was, now = camera.project(torch.from_numpy(centres)).numpy()
    # With every lens, the person grows as a short upright line at the same position does.
    was_end, now_end = camera.project(torch.from_numpy(centres + _LINE)).numpy()
    growth = np.linalg.norm(now_end - now, axis=-1) / np.linalg.norm(was_end - was, axis=-1)
    return {identity: Motion(now[i] - was[i], float(growth[i]))
            for i, identity in enumerate(lifted)
            if np.isfinite((was[i], now[i])).all() and np.isfinite(growth[i])}


def _displacement(skeleton: Skeleton, seconds: float) -> np.ndarray:
    """Return the displacement (3,), metres, in `seconds` at a velocity that fades."""
    velocity = skeleton.velocity.mean(0)
    return velocity * np.float32(_STOPPING_SECONDS * -np.expm1(-seconds / _STOPPING_SECONDS))
